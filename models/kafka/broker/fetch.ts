import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import {
  type Batch,
  type EpochEnd,
  type ErrorName,
  type FetchedPartition,
  type FetchPosition,
  type FetchRequest,
  FetchResponse,
  type PartitionIndex,
} from '../protocol.ts';
import { onFollowerFetch } from './partition.ts';
import { type Broker, type Parked, type Replica, Timer } from './state.ts';

/**
 * Fetches of followers and consumers: answered with what is there, or parked until it is.
 * Source: `Partition.readRecords`, `DelayedFetch`.
 */
export function onFetch(broker: Broker, from: NodeId, request: FetchRequest): void {
  const response = read(broker, request, request.minBytes);
  // The answer was read before this: a follower learns of the new high watermark a fetch later.
  if (request.replica >= 0) noteFollower(broker, request, response);
  if (response !== undefined) return answer(broker, from, response);
  const parked: Parked = { from, request, done: false, timer: NO_HANDLE };
  const earlier = broker.parkedBy[from];
  // One connection has one fetch: an older one is of a connection that is gone.
  if (earlier !== undefined && !earlier.done) finish(broker, earlier);
  broker.parkedBy[from] = parked;
  for (const { partition } of request.positions) {
    const replica = broker.replicas[partition];
    if (replica === undefined) continue;
    const list = request.replica >= 0 ? replica.parkedFollowers : replica.parkedConsumers;
    if (list.length >= 32) sweep(list);
    list.push(parked);
  }
  parked.timer = broker.out.timer(request.maxWait, Timer.fetchWait, parked);
}

function sweep(list: Parked[]): void {
  let kept = 0;
  for (const parked of list) if (!parked.done) list[kept++] = parked;
  list.length = kept;
}

function noteFollower(
  broker: Broker,
  request: FetchRequest,
  response: FetchResponse | undefined,
): void {
  for (const { partition, offset, leaderEpoch } of request.positions) {
    // What it has at that offset is not what stands here: it is told where to cut, and waits.
    if (response !== undefined && diverges(response, partition)) continue;
    const replica = broker.replicas[partition];
    if (replica === undefined || replica.role.is !== 'leader') continue;
    if (replica.leaderEpoch !== leaderEpoch || offset > replica.log.end) continue;
    onFollowerFetch(broker, replica, request.replica, offset, request.brokerEpoch);
  }
}

function diverges({ partitions }: FetchResponse, partition: PartitionIndex): boolean {
  for (const told of partitions) {
    if (told.partition === partition) return told.diverging !== undefined;
  }
  return false;
}

/** The answer, or undefined when there is less than `minBytes` and no reason to answer at once. */
function read(broker: Broker, request: FetchRequest, minBytes: number): FetchResponse | undefined {
  const { positions, replica: follower, maxBytes, partitionMaxBytes } = request;
  // Of its size from the beginning: an array that grows takes room for seventeen.
  const partitions = new Array<FetchedPartition>(positions.length);
  let count = 0;
  let bytes = 0;
  let urgent = false;
  for (const position of positions) {
    const left = Math.min(partitionMaxBytes, maxBytes - bytes);
    const full = bytes > 0 && left <= 0;
    const committed = request.committed === true;
    const near = follower >= 0 ? -1 : replicaNear(broker, position, request.rack);
    const fetched =
      near >= 0
        ? sentTo(broker, position, near)
        : readPartition(broker, position, follower >= 0, committed, full, left);
    if (fetched.error !== 'NONE' || fetched.diverging !== undefined || near >= 0) urgent = true;
    for (const batch of fetched.batches) bytes += batch.bytes;
    const tells = fetched.batches.length > 0 || fetched.error !== 'NONE' || near >= 0;
    if (follower >= 0 || committed || tells) partitions[count++] = fetched;
  }
  if (!urgent && bytes < minBytes) return undefined;
  if (count < positions.length) partitions.length = count;
  return new FetchResponse(request.correlation, partitions, bytes);
}

const EMPTY: readonly Batch[] = [];

function readPartition(
  broker: Broker,
  position: FetchPosition,
  follower: boolean,
  committed: boolean,
  full: boolean,
  maxBytes: number,
): FetchedPartition {
  const { partition, offset, leaderEpoch, lastEpoch } = position;
  const replica = broker.replicas[partition];
  let error = refusalOf(replica, leaderEpoch);
  // A follower answers consumers, too, up to the high watermark that it knows of.
  const stands = !follower && replica?.role.is === 'follower';
  const near = stands && broker.layout.broker.readsFromFollowers;
  if (near && error === 'NOT_LEADER_OR_FOLLOWER') error = 'NONE';
  if (replica === undefined || error !== 'NONE') return outcome(partition, error, replica, EMPTY);
  const { log, leaderEpoch: own, highWatermark, role } = replica;
  if (role.is === 'leader') {
    broker.layout.audit.watermark(partition, broker.index, own, highWatermark, broker.out.now);
  }
  // A follower is told where its history parts from ours, whatever it asks for.
  if (lastEpoch >= 0 && follower) {
    const end = log.epochs.endOf(lastEpoch, log.end);
    if (end.end >= 0 && (end.epoch < lastEpoch || end.end < offset)) {
      return outcome(partition, 'NONE', replica, EMPTY, end);
    }
  }
  if (offset > log.end || offset < log.start) {
    return outcome(partition, 'OFFSET_OUT_OF_RANGE', replica, EMPTY, { epoch: -1, end: log.end });
  }
  const bound = follower ? replica.ready : replica.highWatermark;
  if (committed) {
    const stable = log.transactions.lastStable(bound);
    const nothing = full || offset >= stable;
    const batches = nothing ? EMPTY : log.read(offset, stable, maxBytes);
    return stably(outcome(partition, 'NONE', replica, batches), stable, offset, replica);
  }
  if (full || offset >= bound) return nothing(replica);
  return outcome(partition, 'NONE', replica, log.read(offset, bound, maxBytes));
}

/** Most fetches find nothing new: one object says so until something changes. */
function nothing(replica: Replica): FetchedPartition {
  const { highWatermark, log, empty } = replica;
  const same = empty?.highWatermark === highWatermark && empty.logStart === log.start;
  if (same && empty !== undefined) return empty;
  return (replica.empty = outcome(replica.plan.index, 'NONE', replica, EMPTY));
}

/** The replica in a consumer's rack, when it is in the ISR and has what is asked for; else -1. */
function replicaNear(
  broker: Broker,
  { partition, offset, leaderEpoch }: FetchPosition,
  rack: string | undefined,
): number {
  const replica = broker.replicas[partition];
  if (rack === undefined || !broker.layout.broker.readsFromFollowers) return -1;
  if (replica?.role.is !== 'leader' || refusalOf(replica, leaderEpoch) !== 'NONE') return -1;
  const near = replica.remotes.find((remote) => rack === `rack-${remote.broker + 1}`);
  if (near === undefined || !replica.isr.includes(near.broker) || near.end < offset) return -1;
  return near.broker;
}

function sentTo(broker: Broker, { partition }: FetchPosition, preferred: number): FetchedPartition {
  return { ...outcome(partition, 'NONE', broker.replicas[partition], EMPTY), preferred };
}

/** With what a reader of committed data needs: where stability ends, and what it has to skip. */
function stably(
  fetched: FetchedPartition,
  lastStable: number,
  offset: number,
  { log }: Replica,
): FetchedPartition {
  const last = fetched.batches.at(-1);
  const end = last === undefined ? offset : last.baseOffset + last.count;
  return { ...fetched, lastStable, aborted: log.transactions.abortedIn(offset, end) };
}

function outcome(
  partition: number,
  error: ErrorName,
  replica: Replica | undefined,
  batches: readonly Batch[],
  diverging?: EpochEnd,
): FetchedPartition {
  return {
    partition,
    error,
    highWatermark: replica?.highWatermark ?? -1,
    logStart: replica?.log.start ?? -1,
    batches,
    diverging,
  };
}

/** Why this broker does not answer for the partition in that epoch; -1: the client does not say. */
export function refusalOf(replica: Replica | undefined, leaderEpoch: number): ErrorName {
  if (replica === undefined) return 'NOT_LEADER_OR_FOLLOWER';
  if (leaderEpoch >= 0 && leaderEpoch < replica.leaderEpoch) return 'FENCED_LEADER_EPOCH';
  if (leaderEpoch > replica.leaderEpoch) return 'UNKNOWN_LEADER_EPOCH';
  return replica.role.is === 'leader' ? 'NONE' : 'NOT_LEADER_OR_FOLLOWER';
}

/** Answers those of the parked fetches that can be answered now. */
export function wake(broker: Broker, list: Parked[]): void {
  let kept = 0;
  for (const parked of list) {
    if (parked.done) continue;
    const response = read(broker, parked.request, parked.request.minBytes);
    if (response === undefined) list[kept++] = parked;
    else {
      parked.done = true;
      broker.out.cancel(parked.timer);
      answer(broker, parked.from, response);
    }
  }
  if (kept < list.length) list.length = kept;
}

export function onFetchWaited(broker: Broker, parked: Parked): void {
  if (!parked.done) finish(broker, parked);
}

function finish(broker: Broker, parked: Parked): void {
  parked.done = true;
  broker.out.cancel(parked.timer);
  const response = read(broker, parked.request, 0);
  if (response !== undefined) answer(broker, parked.from, response);
}

function answer(broker: Broker, to: NodeId, response: FetchResponse): void {
  broker.out.send(to, response, broker.words.fetch, response.correlation);
}
