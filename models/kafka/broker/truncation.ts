import { assert } from '../../../sim/kernel/assert.ts';
import type { EpochCache } from '../epoch-cache.ts';
import type {
  Batch,
  EpochEnd,
  FetchedPartition,
  OffsetForLeaderEpochResponse,
} from '../protocol.ts';
import type { Rules } from '../versions.ts';
import type { Broker, Fetcher, Replica } from './state.ts';

/**
 * Where a follower cuts its log so that it is a prefix of the leader's. The rule changed three
 * times. Before 0.11 it cut to its own high watermark; then (KIP-101) it asked where the newest
 * epoch it knows ends at the leader; since 2.0 (KIP-279) the answer names the epoch whose end it
 * is; since
 * 2.7 the leader looks at each fetch, and nobody asks.
 */

/** A log that ends at `end`, and what is known of who wrote it. */
export interface History {
  readonly epochs: EpochCache;
  readonly end: number;
  readonly highWatermark: number;
}

/**
 * Where to cut, and whether to ask again from there: the answer was about an epoch unknown here.
 */
export function truncationPoint(
  own: History,
  leader: EpochEnd,
  rules: Pick<Rules, 'epochEndNamesEpoch'>,
): { readonly to: number; readonly again: boolean } {
  const { epochs, end, highWatermark } = own;
  // The leader knows nothing of that epoch.
  if (leader.end < 0) return { to: Math.min(highWatermark, end), again: false };
  if (!rules.epochEndNamesEpoch) return { to: Math.min(leader.end, end), again: false };
  const mine = epochs.endOf(leader.epoch, end);
  if (mine.epoch === leader.epoch) {
    return { to: Math.min(leader.end, mine.end, end), again: false };
  }
  // Without that epoch here, cut to the end of the largest smaller one.
  return { to: mine.end, again: true };
}

/** Before 0.11: whatever is above the high watermark might not be the leader's. */
export function truncateToMark(broker: Broker, replica: Replica): void {
  replica.truncating = false;
  cut(broker, replica, replica.log.truncate(Math.max(replica.highWatermark, replica.log.start)));
}

/**
 * From 0.11 to 2.7: asks the leader where the newest epoch of this log ends. True when there is
 * nothing to ask: an empty log agrees with every other.
 */
export function askEpochEnd(broker: Broker, fetcher: Fetcher, replica: Replica): boolean {
  const { log, plan } = replica;
  if (log.epochs.latest < 0) replica.truncating = false;
  if (!replica.truncating) return true;
  for (const asked of fetcher.asked.values()) if (asked === replica) return false;
  const correlation = ++fetcher.sent;
  fetcher.asked.set(correlation, replica);
  const request = {
    type: 'OffsetForLeaderEpochRequest',
    correlation,
    partition: plan.index,
    leaderEpoch: replica.leaderEpoch,
    epoch: log.epochs.latest,
  } as const;
  broker.out.send(broker.layout.brokers[fetcher.leader], request, plan.nameId, correlation);
  return false;
}

export function onEpochEnd(
  broker: Broker,
  fetcher: Fetcher,
  response: OffsetForLeaderEpochResponse,
): void {
  const replica = fetcher.asked.get(response.correlation);
  fetcher.asked.delete(response.correlation);
  const { role } = replica ?? {};
  if (replica === undefined || role?.is !== 'follower' || role.leader !== fetcher.leader) {
    broker.out.ignored(response.type, 'nobody waits for it any more');
    return;
  }
  if (response.error !== 'NONE') {
    broker.out.ignored(response.type, response.error);
    replica.backoffUntil = broker.out.clock + broker.layout.broker.fetchBackoff;
    return;
  }
  const { log, highWatermark } = replica;
  const own = { epochs: log.epochs, end: log.end, highWatermark };
  const { to, again } = truncationPoint(own, response, broker.layout.rules);
  cut(broker, replica, log.truncate(Math.max(to, log.start)));
  replica.truncating = again;
}

/** Since 2.7: the leader has said in its answer where the histories part. */
export function truncate(broker: Broker, replica: Replica, leader: EpochEnd): void {
  const { log, highWatermark } = replica;
  const own = { epochs: log.epochs, end: log.end, highWatermark };
  const { to } = truncationPoint(own, leader, broker.layout.rules);
  assert(to >= 0, 'a leader answers with an epoch that is not above ours');
  cut(broker, replica, log.truncate(Math.max(to, log.start)));
}

/**
 * The logs have no offset in common, or ours is longer: start again, or cut to the leader's end.
 */
export function onOutOfRange(broker: Broker, replica: Replica, fetched: FetchedPartition): void {
  const { log } = replica;
  const leaderEnd = fetched.diverging?.end ?? fetched.logStart;
  const apart = log.end < fetched.logStart || log.start > leaderEnd;
  cut(broker, replica, apart ? log.restartAt(fetched.logStart) : log.truncate(leaderEnd));
}

function cut(broker: Broker, replica: Replica, removed: readonly Batch[]): void {
  const { layout, out } = broker;
  const { plan, log } = replica;
  replica.ready = log.end;
  if (log.end < replica.highWatermark) {
    out.count(out.names.id('watermark.regressions'));
    replica.highWatermark = log.end;
  }
  if (removed.length === 0) return;
  const records = removed.reduce((sum, batch) => sum + batch.count, 0);
  layout.chronicle.reaches(plan.index, broker.index, log.end);
  if (out.tracing) out.tell(`${plan.name} truncates to ${log.end}: ${records} records gone`);
  out.count(out.names.id('records.truncated'), records);
  for (const batch of removed) layout.chronicle.cut(plan.index, batch, out);
}
