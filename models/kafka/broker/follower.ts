import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { FetchedPartition, FetchPosition, FetchRequest, FetchResponse } from '../protocol.ts';
import { labelBase } from '../../parts/lives.ts';
import { wake } from './fetch.ts';
import { write } from './partition.ts';
import { type Broker, type Fetcher, type Replica, Timer } from './state.ts';
import { askEpochEnd, onOutOfRange, truncate, truncateToMark } from './truncation.ts';

/**
 * The follower's side: one fetcher per leader, one fetch at a time, truncation by leader epoch.
 * Source: `AbstractFetcherThread`, `ReplicaFetcherThread`; num.replica.fetchers = 1.
 */

/** Sorts this broker's followers to the fetchers of their leaders, and sets idle ones going. */
export function assignFetchers(broker: Broker): void {
  for (const fetcher of broker.fetchers) if (fetcher !== undefined) fetcher.replicas.length = 0;
  for (const replica of broker.own) {
    if (replica.role.is !== 'follower') continue;
    const { leader } = replica.role;
    const fetcher: Fetcher = (broker.fetchers[leader] ??= {
      leader,
      replicas: [],
      open: 0,
      sent: labelBase(broker.life),
      timer: NO_HANDLE,
      asked: new Map(),
    });
    fetcher.replicas.push(replica);
    if (replica.truncating && !broker.layout.rules.truncatesByEpoch)
      truncateToMark(broker, replica);
  }
  for (const fetcher of broker.fetchers) if (fetcher !== undefined) fetchNext(broker, fetcher);
}

/** Sends the next fetch, unless one is out or there is nothing to fetch now. */
export function fetchNext(broker: Broker, fetcher: Fetcher): void {
  if (fetcher.open !== 0 || fetcher.replicas.length === 0) return;
  const { out, layout } = broker;
  const { broker: config } = layout;
  const now = out.clock;
  const positions: FetchPosition[] = [];
  let soonest = Infinity;
  for (const replica of fetcher.replicas) {
    // A flush that must come first holds the whole fetcher, as it holds its thread.
    if (replica.flushes > 0) return;
    if (replica.backoffUntil > now) {
      soonest = Math.min(soonest, replica.backoffUntil);
      continue;
    }
    if (replica.truncating && !askEpochEnd(broker, fetcher, replica)) continue;
    positions.push({
      partition: replica.plan.index,
      offset: replica.log.end,
      leaderEpoch: replica.leaderEpoch,
      lastEpoch: layout.rules.truncatesOnFetch ? replica.log.epochs.latest : -1,
    });
  }
  out.cancel(fetcher.timer);
  if (positions.length === 0) {
    const pending = fetcher.asked.size > 0;
    const [wait, code] = pending
      ? [config.fetchTimeout, Timer.fetchTimeout]
      : [soonest - now, Timer.fetcherRetry];
    if (wait < Infinity) fetcher.timer = out.timer(wait, code, fetcher);
    return;
  }
  fetcher.open = ++fetcher.sent;
  const request: FetchRequest = {
    type: 'FetchRequest',
    correlation: fetcher.open,
    replica: broker.index,
    brokerEpoch: broker.epoch,
    maxWait: config.fetchWait,
    minBytes: config.fetchMinBytes,
    maxBytes: config.fetchResponseMaxBytes,
    partitionMaxBytes: config.fetchMaxBytes,
    positions,
  };
  fetcher.timer = out.timer(config.fetchTimeout, Timer.fetchTimeout, fetcher);
  out.send(layout.brokers[fetcher.leader], request, broker.words.fetch, fetcher.open);
}

export function onFetched(broker: Broker, fetcher: Fetcher, response: FetchResponse): void {
  if (response.correlation !== fetcher.open) {
    broker.out.ignored('FetchResponse', 'nobody waits for it any more');
    return;
  }
  fetcher.open = 0;
  for (const fetched of response.partitions) {
    const replica = broker.replicas[fetched.partition];
    if (replica === undefined || replica.role.is !== 'follower') continue;
    if (replica.role.leader !== fetcher.leader) continue;
    take(broker, replica, fetched);
  }
  fetchNext(broker, fetcher);
}

function take(broker: Broker, replica: Replica, fetched: FetchedPartition): void {
  const { log, plan } = replica;
  const { out } = broker;
  switch (fetched.error) {
    case 'NONE':
      break;
    case 'OFFSET_OUT_OF_RANGE':
      onOutOfRange(broker, replica, fetched);
      return;
    default:
      out.ignored('FetchResponse', fetched.error);
      replica.backoffUntil = out.clock + broker.layout.broker.fetchBackoff;
      return;
  }
  if (fetched.diverging !== undefined) {
    if (!broker.layout.rules.divergenceMovesNoWatermark) followMark(broker, replica, fetched);
    return truncate(broker, replica, fetched.diverging);
  }
  if (!replica.compared) {
    replica.compared = true;
    broker.layout.chronicle.compare(plan.index, broker.index, log, out);
  }
  for (const batch of fetched.batches) {
    // An answer to a fetch from before a truncation does not fit any more. Where the leader's log
    // was compacted there are gaps.
    if (batch.baseOffset < log.end || (batch.baseOffset > log.end && !replica.config.compacts)) {
      out.ignored('FetchResponse', 'it does not continue this log');
      return;
    }
    broker.layout.audit.follows(plan.index, broker.index, batch, log, out.now);
    write(broker, replica, batch);
  }
  if (fetched.batches.length > 0) {
    broker.layout.chronicle.reaches(plan.index, broker.index, log.end);
  }
  followMark(broker, replica, fetched);
  if (fetched.logStart > log.start) log.advanceStart(Math.min(fetched.logStart, log.end));
}

/** The leader's high watermark may lie beyond what this replica has, or behind what it knows. */
function followMark(broker: Broker, replica: Replica, fetched: FetchedPartition): void {
  const mark = Math.min(fetched.highWatermark, replica.log.end);
  if (mark <= replica.highWatermark) return;
  replica.highWatermark = mark;
  // Consumers that read from this follower go on.
  if (replica.parkedConsumers.length > 0) wake(broker, replica.parkedConsumers);
}

/** The connection broke, or no answer came: try again after a pause. */
export function onFetchLost(broker: Broker, fetcher: Fetcher): void {
  if (fetcher.open === 0 && fetcher.asked.size === 0) return;
  const { out } = broker;
  fetcher.open = 0;
  fetcher.asked.clear();
  out.cancel(fetcher.timer);
  fetcher.timer = out.timer(broker.layout.broker.fetchBackoff, Timer.fetcherRetry, fetcher);
}
