import { MILLISECOND, type Micros } from '../../../sim/kernel/time.ts';
import type { Settings } from '../../parts/config.ts';
import { once } from '../../parts/once.ts';
import type { ChannelPlan, Deployment } from '../../parts/system.ts';
import { HOUR, micros, MINUTE } from './spans.ts';

export interface TopicConfig {
  readonly minInsync: number;
  readonly unclean: boolean;
  /** Infinity: off. */
  readonly flushMessages: number;
  readonly flushEvery: Micros;
  readonly segmentBytes: number;
  readonly segmentAge: Micros;
  readonly retentionAge: Micros;
  readonly retentionBytes: number;
  readonly maxMessageBytes: number;
  /** `cleanup.policy`: are old records deleted, are superseded ones compacted away? */
  readonly deletes: boolean;
  readonly compacts: boolean;
  /** min.cleanable.dirty.ratio in thousandths. */
  readonly dirtyRatio: number;
  readonly compactionLagMin: Micros;
  readonly compactionLagMax: Micros;
  readonly tombstoneRetention: Micros;
}

/** "compact,delete" as what it says. */
function readPolicy(policy: string): Pick<TopicConfig, 'deletes' | 'compacts'> {
  const words = policy.split(',');
  return { deletes: words.includes('delete'), compacts: words.includes('compact') };
}

function thousandths(ratio: string): number {
  return Math.round(Number(ratio) * 1000);
}

/** -1 and Kafka's largest number both mean: without limit. */
function limit(value: number): number {
  return value < 0 || value >= Number.MAX_SAFE_INTEGER ? Infinity : value;
}

/** Of several broker keys for one thing the finest that was set wins. */
function finest(cluster: Settings, names: readonly [name: string, unit: Micros][]): Micros {
  for (const [name, unit] of names) {
    if (cluster.value(name) !== null) return limit(cluster.number(name)) * unit;
  }
  return Infinity;
}

/** The settings of each topic, in the order of the deployment. */
export const readTopics = once(({ channels, cluster }: Deployment): readonly TopicConfig[] =>
  channels.map((channel) => readTopic(channel, cluster.config)),
);

/** The broker's settings, as a topic without settings of its own has them. */
export const readTopicDefaults = once(topicDefaults);

function topicDefaults(cluster: Settings): TopicConfig {
  return {
    minInsync: cluster.number('min.insync.replicas'),
    unclean: cluster.flag('unclean.leader.election.enable'),
    flushMessages: limit(cluster.number('log.flush.interval.messages')),
    flushEvery: finest(cluster, [['log.flush.interval.ms', MILLISECOND]]),
    segmentBytes: cluster.number('log.segment.bytes'),
    segmentAge: finest(cluster, [
      ['log.roll.ms', MILLISECOND],
      ['log.roll.hours', HOUR],
    ]),
    retentionAge: finest(cluster, [
      ['log.retention.ms', MILLISECOND],
      ['log.retention.minutes', MINUTE],
      ['log.retention.hours', HOUR],
    ]),
    retentionBytes: limit(cluster.number('log.retention.bytes')),
    maxMessageBytes: cluster.number('message.max.bytes'),
    ...readPolicy(cluster.text('log.cleanup.policy')),
    dirtyRatio: thousandths(cluster.text('log.cleaner.min.cleanable.ratio')),
    compactionLagMin: micros(cluster, 'log.cleaner.min.compaction.lag.ms'),
    compactionLagMax: limit(cluster.number('log.cleaner.max.compaction.lag.ms')) * MILLISECOND,
    tombstoneRetention: micros(cluster, 'log.cleaner.delete.retention.ms'),
  };
}

export function readTopic(channel: ChannelPlan, cluster: Settings): TopicConfig {
  const fallback = readTopicDefaults(cluster);
  const s = channel.config;
  const own = <T>(name: string, value: T, inherited: T): T => (s.given(name) ? value : inherited);
  const span = (name: string) => limit(s.number(name)) * MILLISECOND;
  const { minInsync, unclean, flushMessages, flushEvery } = fallback;
  const { segmentBytes, segmentAge, retentionAge, retentionBytes, maxMessageBytes } = fallback;
  return {
    minInsync: own('min.insync.replicas', s.number('min.insync.replicas'), minInsync),
    unclean: own(
      'unclean.leader.election.enable',
      s.flag('unclean.leader.election.enable'),
      unclean,
    ),
    flushMessages: own('flush.messages', limit(s.number('flush.messages')), flushMessages),
    flushEvery: own('flush.ms', span('flush.ms'), flushEvery),
    segmentBytes: own('segment.bytes', s.number('segment.bytes'), segmentBytes),
    segmentAge: own('segment.ms', span('segment.ms'), segmentAge),
    retentionAge: own('retention.ms', span('retention.ms'), retentionAge),
    retentionBytes: own('retention.bytes', limit(s.number('retention.bytes')), retentionBytes),
    maxMessageBytes: own('max.message.bytes', s.number('max.message.bytes'), maxMessageBytes),
    ...own('cleanup.policy', readPolicy(s.text('cleanup.policy')), {
      deletes: fallback.deletes,
      compacts: fallback.compacts,
    }),
    dirtyRatio: own(
      'min.cleanable.dirty.ratio',
      thousandths(s.text('min.cleanable.dirty.ratio')),
      fallback.dirtyRatio,
    ),
    compactionLagMin: own(
      'min.compaction.lag.ms',
      span('min.compaction.lag.ms'),
      fallback.compactionLagMin,
    ),
    compactionLagMax: own(
      'max.compaction.lag.ms',
      span('max.compaction.lag.ms'),
      fallback.compactionLagMax,
    ),
    tombstoneRetention: own(
      'delete.retention.ms',
      span('delete.retention.ms'),
      fallback.tombstoneRetention,
    ),
  };
}
