import { RETAINED } from '../producer-states.ts';
import { assert } from '../../../sim/kernel/assert.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { isActive, type PartitionState } from '../image.ts';
import { type Batch, type BrokerIndex, type ErrorName, stamp } from '../protocol.ts';
import type { Rules } from '../versions.ts';
import { epochBefore } from '../audit/histories.ts';
import { callController } from './controller-channel.ts';
import { type Broker, moved, type Remote, type Replica, type ReplicaRole, Timer } from './state.ts';

/**
 * The leader's side of a partition: append, high watermark, ISR.
 * Source: `Partition`, `Replica`, `UnifiedLog`, Kafka 3.9.
 */

/** Records of `__consumer_offsets` above which old ones are compacted away. */
const KEPT = 200;

export const REPLICA_ROLES: Readonly<Record<ReplicaRole['is'], readonly ReplicaRole['is'][]>> = {
  idle: ['leader', 'follower', 'idle'],
  leader: ['leader', 'follower', 'idle'], // leader -> leader: elected again, in a newer epoch.
  follower: ['leader', 'follower', 'idle'],
};

function become(broker: Broker, replica: Replica, next: ReplicaRole, why: string): void {
  const from = replica.role.is;
  assert(REPLICA_ROLES[from].includes(next.is), `replica: ${from} -> ${next.is} is legal`);
  if (from !== next.is) {
    broker.out.became(`${replica.plan.name}@${broker.name}`, from, next.is, why);
  }
  replica.role = next;
}

/** Takes over what the controller decided about a partition. */
export function applyState(broker: Broker, replica: Replica, state: PartitionState): void {
  if (!state.replicas.includes(broker.index)) return dismiss(broker, replica);
  if (state.leaderEpoch > replica.leaderEpoch) {
    assert(state.partitionEpoch >= replica.partitionEpoch, 'epochs rise together');
    const why = `leader epoch ${state.leaderEpoch}`;
    replica.leaderEpoch = state.leaderEpoch;
    replica.partitionEpoch = state.partitionEpoch;
    replica.isr = state.isr;
    replica.minInsync = minInsyncOf(replica, state);
    replica.proposed = undefined;
    broker.calls.delete(alterKey(replica));
    if (replica.role.is === 'leader' && state.leader !== broker.index) {
      giveUpWaiters(broker, replica);
    }
    if (state.leader === broker.index) lead(broker, replica, state.replicas, why);
    else if (state.leader >= 0) {
      become(broker, replica, { is: 'follower', leader: state.leader }, why);
      replica.backoffUntil = 0;
      replica.truncating = !broker.layout.rules.truncatesOnFetch;
      replica.compared = false;
    } else become(broker, replica, { is: 'idle' }, why);
    moved(broker, replica);
  } else if (state.partitionEpoch > replica.partitionEpoch) {
    replica.partitionEpoch = state.partitionEpoch;
    replica.isr = state.isr;
    replica.minInsync = minInsyncOf(replica, state);
    replica.proposed = undefined;
    broker.calls.delete(alterKey(replica));
    if (replica.role.is !== 'leader') return;
    replica.remotes = remotesOf(broker, replica, state.replicas);
    advance(broker, replica);
  }
}

/** Effective min.insync.replicas: never more than there are replicas. */
export function minInsyncOf({ config }: Replica, { replicas }: PartitionState): number {
  return Math.min(config.minInsync, Math.max(1, replicas.length));
}

/** The partition is not this broker's, or not any more (StopReplica): its log is deleted. */
function dismiss(broker: Broker, replica: Replica): void {
  if (replica.role.is === 'leader') giveUpWaiters(broker, replica);
  if (replica.role.is !== 'idle') {
    become(broker, replica, { is: 'idle' }, 'reassigned');
    moved(broker, replica);
  }
  replica.leaderEpoch = replica.partitionEpoch = -1;
  const { log } = replica;
  if (log.end === 0 && log.epochs.latest < 0) return;
  const { chronicle } = broker.layout;
  const { index } = replica.plan;
  for (const batch of log.restartAt(0)) chronicle.cut(index, batch, broker.out);
  replica.highWatermark = replica.ready = 0;
  chronicle.reaches(index, broker.index, 0);
}

/** Leadership is lost: whoever waits is sent elsewhere. What was appended stays. */
function giveUpWaiters(broker: Broker, replica: Replica): void {
  for (const queue of [replica.waiting, replica.waitingForFlush]) {
    for (const waiter of queue.splice(0)) {
      broker.failed.push({ waiter, error: 'NOT_LEADER_OR_FOLLOWER' });
    }
  }
}

/** What is known of the others; nothing of those that are new. */
function remotesOf(broker: Broker, replica: Replica, replicas: readonly BrokerIndex[]): Remote[] {
  return replicas
    .filter((other) => other !== broker.index)
    .map(
      (other) =>
        replica.remotes.find((remote) => remote.broker === other) ??
        newRemote(other, replica.isr.includes(other) ? broker.out.clock : -Infinity),
    );
}

function newRemote(broker: BrokerIndex, caughtUp: Micros): Remote {
  return {
    broker,
    end: -1,
    caughtUp,
    lastFetchAt: -Infinity,
    lastFetchEnd: 0,
    brokerEpoch: -1,
  };
}

function lead(
  broker: Broker,
  replica: Replica,
  replicas: readonly BrokerIndex[],
  why: string,
): void {
  const { out } = broker;
  const { log, plan } = replica;
  become(broker, replica, { is: 'leader', start: log.end }, why);
  log.epochs.assign(replica.leaderEpoch, log.end);
  replica.ready = log.end;
  replica.remotes = [];
  replica.remotes = remotesOf(broker, replica, replicas);
  const { audit, chronicle } = broker.layout;
  audit.leads(plan.index, broker.index, replica.leaderEpoch, log, out.now);
  chronicle.leads(plan.index, broker.index, replica.leaderEpoch, log, out);
  advance(broker, replica);
}

/** May a batch that wants the whole ISR be appended? */
export function hasEnoughReplicas(replica: Replica): boolean {
  return replica.isr.length >= replica.minInsync;
}

/** Judges a batch from a client; NONE when it is to be appended. */
export function admit(
  replica: Replica,
  batch: Batch,
  rules: Rules,
): { error: ErrorName; duplicateOf: number } {
  if (batch.bytes > replica.config.maxMessageBytes) {
    return { error: 'MESSAGE_TOO_LARGE', duplicateOf: -1 };
  }
  // Without a key nobody could tell what it supersedes.
  if (replica.config.compacts && batch.keys.includes(-1)) {
    return { error: 'INVALID_RECORD', duplicateOf: -1 };
  }
  if (batch.producerId < 0) return { error: 'NONE', duplicateOf: -1 };
  const { producers } = replica.log;
  // Before 2.5 the state went with the data, and only a producer that begins could be told apart.
  const begins = batch.baseSequence === 0 || producers.knows(batch.producerId);
  if (!rules.producerStateOutlivesData && !begins) {
    return { error: 'UNKNOWN_PRODUCER_ID', duplicateOf: -1 };
  }
  const admission = producers.admit(batch, rules.remembersFiveBatches ? RETAINED : 1);
  if (admission.is === 'refused') return { error: admission.error, duplicateOf: -1 };
  return { error: 'NONE', duplicateOf: admission.is === 'duplicate' ? admission.offset : -1 };
}

/** Appends at the leader and returns the base offset. */
export function append(broker: Broker, replica: Replica, batch: Batch): number {
  assert(replica.role.is === 'leader', 'only a leader appends for clients');
  const { out } = broker;
  const { log } = replica;
  const offset = log.end;
  const stamped = stamp(batch, offset, replica.leaderEpoch, epochBefore(log, offset));
  const known = log.producers.knows(batch.producerId);
  const { index } = replica.plan;
  broker.layout.audit.appends(index, broker.index, stamped, known, out.now);
  write(broker, replica, stamped);
  broker.layout.chronicle.append(index, broker.index, stamped, out);
  moved(broker, replica);
  advance(broker, replica);
  return offset;
}

/** Puts a stamped batch into the log and starts what flushes the configuration asks for. */
export function write(broker: Broker, replica: Replica, batch: Batch): void {
  const { log, plan } = replica;
  const rolled = log.append(batch, broker.out.now);
  // The segment that was closed is synced in the background.
  if (rolled) broker.out.sync(log.name, Timer.segmentSynced, replica);
  if (plan.stream < 0 && log.end - log.start > KEPT) log.keepNewest(replica.highWatermark);
  if (log.unflushed >= replica.config.flushMessages) {
    log.unflushed = 0;
    replica.flushes++;
    broker.out.sync(log.name, Timer.flushed, { replica, end: log.end });
  } else if (replica.flushes === 0) replica.ready = log.end;
}

/** A flush that `flush.messages` asked for is done up to `end`. */
export function onFlushed(broker: Broker, replica: Replica, end: number): void {
  replica.flushes--;
  const { log } = replica;
  const done = replica.flushes === 0 ? log.end : end;
  replica.ready = Math.max(replica.ready, Math.min(done, log.end));
  if (replica.role.is !== 'leader') return;
  moved(broker, replica);
  advance(broker, replica);
}

/** While an expansion is pending old and new members count; while a shrink is, the old ones. */
function maximalIsr({ layout }: Broker, replica: Replica): readonly BrokerIndex[] {
  const { proposed, isr } = replica;
  if (!layout.rules.controllerDecidesIsr) return isr;
  return proposed !== undefined && proposed.length > isr.length ? proposed : isr;
}

function isEligible(broker: Broker, remote: Remote): boolean {
  const { rules } = broker.layout;
  if (rules.activeJoinIsr && !isActive(broker.image, remote.broker)) return false;
  if (!rules.isrNamesEpochs) return true;
  return broker.image.brokers[remote.broker].epoch === remote.brokerEpoch;
}

/** Moves the high watermark as far as the replicas that count allow. */
export function advance(broker: Broker, replica: Replica): void {
  const { rules } = broker.layout;
  const tooSmall = replica.isr.length < replica.minInsync;
  if (tooSmall && rules.watermarkWaitsForMinIsr) return;
  const isr = maximalIsr(broker, replica);
  const now = broker.out.clock;
  const { lagMax } = broker.layout.broker;
  let candidate = replica.ready;
  for (const remote of replica.remotes) {
    if (remote.end >= candidate) continue;
    if (isr.includes(remote.broker)) candidate = remote.end;
    else if (now - remote.caughtUp <= lagMax && isEligible(broker, remote)) candidate = remote.end;
  }
  if (candidate <= replica.highWatermark) return;
  const { audit, chronicle } = broker.layout;
  const { plan, leaderEpoch, log } = replica;
  audit.watermark(plan.index, broker.index, leaderEpoch, replica.highWatermark, broker.out.now);
  replica.highWatermark = candidate;
  chronicle.stored(plan.index, leaderEpoch, candidate, log, broker.out);
  moved(broker, replica);
}

/** An ISR that is large enough to acknowledge now, pending members included. */
export function isSafelyStored(broker: Broker, replica: Replica): boolean {
  return maximalIsr(broker, replica).length >= replica.minInsync;
}

function remoteOf({ remotes }: Replica, follower: BrokerIndex): Remote | undefined {
  for (const remote of remotes) if (remote.broker === follower) return remote;
  return undefined;
}

/** A follower asked for `offset`: so it has everything below. */
export function onFollowerFetch(
  broker: Broker,
  replica: Replica,
  follower: BrokerIndex,
  offset: number,
  brokerEpoch: number,
): void {
  const remote = remoteOf(replica, follower);
  if (remote === undefined) return;
  const now = broker.out.clock;
  if (offset >= replica.log.end) remote.caughtUp = now;
  else if (offset >= remote.lastFetchEnd && remote.lastFetchAt > remote.caughtUp) {
    remote.caughtUp = remote.lastFetchAt;
  }
  remote.lastFetchAt = now;
  remote.lastFetchEnd = replica.log.end;
  remote.brokerEpoch = brokerEpoch;
  const moved = remote.end !== offset;
  remote.end = offset;
  if (!replica.isr.includes(follower)) maybeExpand(broker, replica, remote);
  if (moved) advance(broker, replica);
}

function maybeExpand(broker: Broker, replica: Replica, remote: Remote): void {
  if (replica.proposed !== undefined || replica.role.is !== 'leader') return;
  if (remote.end < replica.highWatermark) return;
  if (broker.layout.rules.joinsIsrInEpoch && remote.end < replica.role.start) return;
  if (!isEligible(broker, remote)) return;
  propose(broker, replica, [...replica.isr, remote.broker]);
}

/** Every half of replica.lag.time.max.ms: who is behind for too long leaves the ISR. */
export function shrinkIsr(broker: Broker, replica: Replica): void {
  if (replica.role.is !== 'leader' || replica.proposed !== undefined) return;
  const now = broker.out.clock;
  const stay = replica.isr.filter((member) => {
    const remote = remoteOf(replica, member);
    if (remote === undefined || remote.end === replica.log.end) return true;
    return now - remote.caughtUp <= broker.layout.broker.lagMax;
  });
  if (stay.length < replica.isr.length) propose(broker, replica, stay);
}

function alterKey(replica: Replica): string {
  return `AlterPartition ${replica.plan.name}`;
}

function propose(broker: Broker, replica: Replica, isr: readonly BrokerIndex[]): void {
  replica.proposed = isr;
  const epochOf = (member: BrokerIndex) =>
    member === broker.index ? broker.epoch : (remoteOf(replica, member)?.brokerEpoch ?? -1);
  const { index, nameId } = replica.plan;
  callController(broker, alterKey(replica), nameId, broker.layout.broker.controllerTimeout, {
    type: 'AlterPartitionRequest',
    correlation: 0,
    broker: broker.index,
    brokerEpoch: broker.epoch,
    partition: index,
    leaderEpoch: replica.leaderEpoch,
    partitionEpoch: replica.partitionEpoch,
    isr,
    // A member that has not fetched from this leader yet is known by the image alone.
    epochs: isr.map((m) => (epochOf(m) >= 0 ? epochOf(m) : broker.image.brokers[m].epoch)),
  });
}

export function onAltered(
  broker: Broker,
  replica: Replica,
  error: ErrorName,
  state: PartitionState | undefined,
): void {
  if (error === 'NONE' && state !== undefined) {
    if (state.partitionEpoch <= replica.partitionEpoch) return;
    const { words, out } = broker;
    out.count(state.isr.length < replica.isr.length ? words.isrShrinks : words.isrExpands);
    const members = (isr: readonly BrokerIndex[]) => isr.map((m) => `broker-${m + 1}`).join(',');
    const about = `ISR of ${replica.plan.name}`;
    out.became(about, members(replica.isr), members(state.isr), 'AlterPartition');
    applyState(broker, replica, state);
  } else if (error === 'INELIGIBLE_REPLICA') {
    replica.proposed = undefined;
  }
  // Otherwise somebody has decided meanwhile; the metadata that says so is on its way.
}
