import { Fact } from '../../../sim/kernel/entry.ts';
import { type Broker, moved, Timer } from '../broker/state.ts';
import {
  type AcknowledgementBatch,
  type AcknowledgeType,
  type ErrorName,
  offsetAt,
  type SharedPartition,
  type ShareFetchRequest,
} from '../protocol.ts';
import { readState, writeState } from './persister.ts';
import { deliveryOf, SharePartition, type Tracked } from './share-partition.ts';
import { keyOf, type Led } from './state.ts';

/**
 * The leader's side of a share group: who has which record, for how long, and how often. Source:
 * `SharePartitionManager`, `SharePartition`, KIP-932.
 */

/** The share partition, which is set up when it is first asked for; undefined: not led here. */
export function ledBy(broker: Broker, group: string, partition: number): Led | undefined {
  const replica = broker.replicas[partition];
  if (replica?.role.is !== 'leader') return undefined;
  const { led } = broker.shares;
  const key = keyOf(group, partition);
  const known = led.get(key);
  if (known?.epoch === replica.leaderEpoch) return known;
  const fresh: Led = {
    group,
    subscription: broker.layout.subscriptions.get(group) ?? -1,
    replica,
    epoch: replica.leaderEpoch,
    share: undefined,
    waiting: [],
    locks: new Map(),
  };
  led.set(key, fresh);
  load(broker, fresh);
  return fresh;
}

function load(broker: Broker, led: Led): void {
  readState(broker, led, (error, state) => {
    if (broker.shares.led.get(keyOf(led.group, led.replica.plan.index)) !== led) return;
    if (error !== 'NONE') return;
    const { layout } = broker;
    const { locks, deliveries } = layout.shareGroups.get(led.group) ?? { locks: 1, deliveries: 1 };
    const limits = { locks, deliveries };
    if (state !== undefined) led.share = SharePartition.from(state, limits);
    else {
      const start = firstOffset(broker, led);
      led.share = new SharePartition(start, limits);
      writeState(broker, led, start, [], () => {});
    }
    const reason = state === undefined ? 'new share group' : 'share state read';
    const { stream } = led.replica.plan;
    const { start } = led.share;
    broker.out.fact(Fact.assigned, led.subscription, stream, start, broker.out.names.id(reason));
    if (state !== undefined) stateDone(broker, led, led.share);
    wakeShares(broker, led);
  });
}

/** What was written down is so, also when the leader that wrote it did not live to say it. */
function stateDone(broker: Broker, led: Led, share: SharePartition): void {
  const { log, plan } = led.replica;
  broker.out.fact(Fact.settledTo, led.subscription, plan.stream, share.start);
  for (const batch of log.from(share.start)) {
    for (let i = 0; i < batch.messages.length; i++) {
      const record = share.at(offsetAt(batch, i));
      if (record?.state !== 'ACKNOWLEDGED' && record?.state !== 'ARCHIVED') continue;
      record.message = batch.messages[i];
      state(broker, led, record, 'ACCEPT');
    }
  }
}

/** Where a group begins of which nothing is known: `share.auto.offset.reset`. */
function firstOffset(broker: Broker, { group, replica }: Led): number {
  const plan = broker.layout.shareGroups.get(group);
  if (plan?.isOld === true) return 0;
  return plan?.reset === 'earliest' ? replica.log.start : replica.highWatermark;
}

/** After a change of metadata: forgets what it leads no more. */
export function dropShares(broker: Broker): Led[] {
  const dropped: Led[] = [];
  for (const [key, led] of broker.shares.led) {
    if (led.replica.role.is === 'leader' && led.replica.leaderEpoch === led.epoch) continue;
    for (const { timer } of led.locks.values()) broker.out.cancel(timer);
    broker.shares.led.delete(key);
    dropped.push(led);
  }
  return dropped;
}

/** Acquires what the member can have now. */
export function acquire(broker: Broker, led: Led, request: ShareFetchRequest): SharedPartition {
  const { replica, share } = led;
  const { index: partition } = replica.plan;
  const none: SharedPartition = { partition, error: 'NONE', batches: [], acquired: [] };
  if (share === undefined) return none;
  share.trimTo(replica.log.start);
  const from = share.next;
  if (from < 0 || from >= replica.highWatermark) return none;
  const read = replica.log.read(from, replica.highWatermark, request.maxBytes);
  const lock = broker.shares.nextLock++;
  const got = share.acquire(read, request.member, lock, request.maxRecords);
  const held = got.acquired.reduce((sum, run) => sum + run.last - run.first + 1, 0);
  if (held === 0) return none;
  led.locks.set(lock, { timer: startLock(broker, led, lock), held });
  return { partition, error: 'NONE', ...got };
}

function startLock(broker: Broker, led: Led, lock: number) {
  const duration = broker.layout.shareGroups.get(led.group)?.lockDuration ?? 0;
  return broker.out.timer(duration, Timer.shareLock, { led, lock });
}

function letGo(broker: Broker, led: Led, record: Tracked): void {
  const lock = led.locks.get(record.lock);
  if (lock === undefined || --lock.held > 0) return;
  broker.out.cancel(lock.timer);
  led.locks.delete(record.lock);
}

/** Does what an acknowledgement says; `then` is called once it is written, or refused. */
export function acknowledge(
  broker: Broker,
  led: Led,
  member: string,
  { first, last, type }: AcknowledgementBatch,
  then: (error: ErrorName) => void,
): void {
  const { share } = led;
  const records = share?.owned(first, last, member);
  if (share === undefined || records === undefined) return then('INVALID_RECORD_STATE');
  if (records.length === 0) return then('NONE');
  if (type === 'RENEW') {
    renew(broker, led, records);
    return then('NONE');
  }
  for (const record of records) share.change(record, type);
  write(broker, led, records, (error) => {
    if (error !== 'NONE') {
      takeBack(broker, led, records);
      return then(error);
    }
    for (const record of records) {
      letGo(broker, led, record);
      share.confirm(record);
      state(broker, led, record, type);
    }
    wakeShares(broker, led);
    then('NONE');
  });
}

function write(
  broker: Broker,
  led: Led,
  records: readonly Tracked[],
  then: (error: ErrorName) => void,
): void {
  const key = keyOf(led.group, led.replica.plan.index);
  writeState(broker, led, led.share?.start ?? 0, records.map(deliveryOf), (error) => {
    if (broker.shares.led.get(key) === led) then(error);
    else then('NOT_LEADER_OR_FOLLOWER');
  });
}

/** The write failed: the member has the records again, unless their lock has run out meanwhile. */
function takeBack(broker: Broker, led: Led, records: readonly Tracked[]): void {
  const late: Tracked[] = [];
  for (const record of records) {
    led.share?.revert(record);
    if (!led.locks.has(record.lock)) late.push(record);
  }
  if (late.length > 0) giveBack(broker, led, late, 'acquisition lock expired');
}

/** KIP-1222: the lock begins anew. */
function renew(broker: Broker, led: Led, records: readonly Tracked[]): void {
  const lock = broker.shares.nextLock++;
  for (const record of records) {
    letGo(broker, led, record);
    record.lock = lock;
  }
  led.locks.set(lock, { timer: startLock(broker, led, lock), held: records.length });
}

/** Records go back by no wish of their member: written down, and not waited for. */
export function giveBack(
  broker: Broker,
  led: Led,
  records: readonly Tracked[],
  reason: string,
): void {
  const { share } = led;
  if (share === undefined || records.length === 0) return;
  for (const record of records) {
    letGo(broker, led, record);
    share.release(record);
    record.member = '';
    state(broker, led, record, 'RELEASE', reason);
  }
  share.advance();
  write(broker, led, records, () => {});
  wakeShares(broker, led);
}

export function onLockExpired(broker: Broker, led: Led, lock: number): void {
  led.locks.delete(lock);
  const records = led.share?.acquiredBy((record) => record.lock === lock) ?? [];
  giveBack(broker, led, records, 'acquisition lock expired');
}

/** States what became of a record. */
function state(
  broker: Broker,
  { subscription }: Led,
  record: Tracked,
  type: AcknowledgeType,
  reason = 'released',
): void {
  const { out } = broker;
  const { message } = record;
  if (message < 0) return;
  if (record.state === 'ACKNOWLEDGED') return out.fact(Fact.settled, message, subscription);
  if (record.state === 'AVAILABLE') {
    return out.fact(Fact.returned, message, subscription, out.names.id(reason));
  }
  const limit = 'group.share.delivery.count.limit';
  const why = type === 'REJECT' ? 'rejected' : limit;
  out.fact(Fact.deadLettered, message, subscription, out.names.id(why));
}

/** Something can be had now: whoever waits looks again, at the end of the event. */
function wakeShares(broker: Broker, { replica }: Led): void {
  moved(broker, replica);
}

/** Of one connection: its session ends, and what it had goes back. */
export function releaseOf(broker: Broker, group: string, member: string, reason: string): void {
  for (const led of broker.shares.led.values()) {
    if (led.group !== group) continue;
    const theirs = led.share?.acquiredBy((record) => record.member === member) ?? [];
    giveBack(broker, led, theirs, reason);
  }
}
