import type { Micros } from '../../../sim/kernel/time.ts';
import type { BrokerConfig } from '../config/settings.ts';
import type { PartitionIndex } from '../protocol.ts';
import type { Rules } from '../versions.ts';
import { write } from './group-log.ts';
import type { Group, Shard } from './group.ts';
import type { Broker } from './state.ts';

/**
 * Committed offsets that nobody has needed for `offsets.retention.minutes` are removed. Source:
 * `OffsetMetadataManager.cleanupExpiredOffsets`, KIP-211.
 */

/**
 * Partitions whose offsets expire. An empty group loses all of them, counted from the moment when
 * it became empty. One that has members keeps them: it reads one topic, and subscribes to it.
 */
export function expired(
  group: Group,
  now: Micros,
  retention: Micros,
  rules: Rules,
): PartitionIndex[] {
  const { offsets, committedAt, emptySince } = group.record;
  const rebalances =
    group.phase.is === 'PreparingRebalance' || group.phase.is === 'CompletingRebalance';
  const byCommit = !rules.offsetsExpireByGroup || (rebalances && !rules.rebalancingExpiresNothing);
  const empty = group.phase.is === 'Empty' && (group.modern?.members.size ?? 0) === 0;
  if (!byCommit && !empty) return [];
  const gone: PartitionIndex[] = [];
  offsets.forEach((offset, partition) => {
    const since = byCommit ? committedAt[partition] : emptySince;
    if (offset >= 0 && now - since >= retention) gone.push(partition);
  });
  return gone;
}

/** The first check that can find anything: no offset is older than the run. */
export function firstExpiry(config: BrokerConfig, now: Micros): Micros {
  const { offsetsRetention, offsetsCheckEvery } = config;
  const checks = Math.ceil((offsetsRetention - now) / offsetsCheckEvery);
  return Math.max(1, checks) * offsetsCheckEvery;
}

export function expireOffsets(broker: Broker): void {
  for (const shard of broker.shards) {
    for (const group of shard?.groups.values() ?? []) expireOf(broker, shard, group);
  }
}

function expireOf(broker: Broker, shard: Shard | undefined, group: Group): void {
  const { out, layout } = broker;
  const gone = expired(group, out.clock, layout.broker.offsetsRetention, layout.rules);
  if (shard === undefined || gone.length === 0) return;
  const offsets = group.record.offsets.map((offset, p) => (gone.includes(p) ? -1 : offset));
  out.count(out.names.id('offsets.expired'), gone.length);
  const none = { from: -1, correlation: 0 };
  write(broker, shard, group, { ...group.record, offsets }, undefined, none, (error) => {
    if (error === 'NONE') for (const partition of gone) group.committed[partition] = -1;
  });
}
