import { assert } from '../../../sim/kernel/assert.ts';
import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type {
  Batch,
  EpochEnd,
  FetchedPartition,
  FetchPosition,
  FetchRequest,
  FetchResponse,
} from '../protocol.ts';
import { write } from './partition.ts';
import { labelBase } from '../lives.ts';
import { type Broker, type Fetcher, type Replica, Timer } from './state.ts';

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
    const fetcher = (broker.fetchers[leader] ??= {
      leader,
      replicas: [],
      open: 0,
      sent: labelBase(broker.life),
      timer: NO_HANDLE,
    });
    fetcher.replicas.push(replica);
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
    positions.push({
      partition: replica.plan.index,
      offset: replica.log.end,
      leaderEpoch: replica.leaderEpoch,
      lastEpoch: replica.log.epochs.latest,
    });
  }
  out.cancel(fetcher.timer);
  if (positions.length === 0) {
    fetcher.timer = out.timer(soonest - now, Timer.fetcherRetry, fetcher);
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
  if (fetched.diverging !== undefined) return truncate(broker, replica, fetched.diverging);
  for (const batch of fetched.batches) {
    // An answer to a fetch from before a truncation does not fit any more.
    if (batch.baseOffset !== log.end) {
      out.ignored('FetchResponse', 'it does not continue this log');
      return;
    }
    write(broker, replica, batch);
  }
  if (fetched.batches.length > 0) {
    broker.layout.chronicle.reaches(plan.index, broker.index, log.end);
  }
  // The leader's high watermark may lie beyond what this replica has, or behind what it knows.
  replica.highWatermark = Math.max(replica.highWatermark, Math.min(fetched.highWatermark, log.end));
  if (fetched.logStart > log.start) log.advanceStart(Math.min(fetched.logStart, log.end));
}

/**
 * The logs have no offset in common, or ours is longer: start again, or cut to the leader's end.
 */
function onOutOfRange(broker: Broker, replica: Replica, fetched: FetchedPartition): void {
  const { log } = replica;
  const leaderEnd = fetched.diverging?.end ?? fetched.logStart;
  const apart = log.end < fetched.logStart || log.start > leaderEnd;
  cut(broker, replica, apart ? log.restartAt(fetched.logStart) : log.truncate(leaderEnd));
  replica.highWatermark = Math.min(replica.highWatermark, log.end);
}

/** Cuts back to where this replica's history and the leader's part. */
function truncate(broker: Broker, replica: Replica, leader: EpochEnd): void {
  const { log } = replica;
  const own = log.epochs.endOf(leader.epoch, log.end);
  // Without that epoch here, cut to the end of the largest smaller one, and ask again.
  const to = own.epoch === leader.epoch ? Math.min(leader.end, own.end) : own.end;
  assert(to >= 0, 'a leader answers with an epoch that is not above ours');
  cut(broker, replica, log.truncate(Math.max(to, log.start)));
  replica.highWatermark = Math.min(replica.highWatermark, log.end);
}

function cut(broker: Broker, replica: Replica, removed: readonly Batch[]): void {
  const { layout, out } = broker;
  const { plan, log } = replica;
  replica.ready = log.end;
  if (removed.length === 0) return;
  const records = removed.reduce((sum, batch) => sum + batch.count, 0);
  layout.chronicle.reaches(plan.index, broker.index, log.end);
  if (out.tracing) out.tell(`${plan.name} truncates to ${log.end}: ${records} records gone`);
  out.count(out.names.id('records.truncated'), records);
  for (const batch of removed) layout.chronicle.cut(plan.index, batch, out);
}

/** The connection broke, or no answer came: try again after a pause. */
export function onFetchLost(broker: Broker, fetcher: Fetcher): void {
  if (fetcher.open === 0) return;
  const { out } = broker;
  fetcher.open = 0;
  out.cancel(fetcher.timer);
  fetcher.timer = out.timer(broker.layout.broker.fetchBackoff, Timer.fetcherRetry, fetcher);
}
