import type { KeyTable } from '../../parts/config.ts';
import { bool, bytes, int, ms, NEVER, others, text } from './key.ts';

/** Source: `TopicConfig`, branch 3.9. A key that a scenario does not set is the broker's. */
export const TOPIC_KEYS: KeyTable = [
  int('min.insync.replicas', 1, 'Smallest ISR with which acks=all is accepted.', { min: 1 }),
  bool('unclean.leader.election.enable', false, 'May a replica outside the ISR lead?', {
    was: [{ before: '0.11', default: true }],
  }),
  int('flush.messages', NEVER, 'Records after which the log is synced to disk.', { min: 1 }),
  ms('flush.ms', NEVER, 'Time after which the log is synced to disk.'),
  bytes('segment.bytes', 1_073_741_824, 'Size at which a new segment is rolled.', {
    min: 14,
  }),
  ms('segment.ms', 604_800_000, 'Age at which a new segment is rolled.', { min: 1 }),
  ms('retention.ms', 604_800_000, 'Age at which a segment is deleted; -1: never.', { min: -1 }),
  bytes('retention.bytes', -1, 'Size above which a partition loses segments; -1: none.', {
    min: -1,
  }),
  bytes('max.message.bytes', 1_048_588, 'Largest batch that is accepted.'),
  text('cleanup.policy', 'delete', 'What becomes of old records: deleted, compacted by key.', {
    oneOf: ['delete', 'compact', 'compact,delete', 'delete,compact'],
  }),
  text('min.cleanable.dirty.ratio', '0.5', 'Share of a log that is dirty before it is cleaned.'),
  ms('min.compaction.lag.ms', 0, 'A record younger than this is not compacted away.'),
  ms('max.compaction.lag.ms', NEVER, 'A record older than this makes the log be cleaned.', {
    min: 1,
  }),
  ms('delete.retention.ms', 86_400_000, 'How long a tombstone stays after it was first cleaned.'),
  ...others(`
    compression.type compression.gzip.level compression.lz4.level
    compression.zstd.level file.delete.delay.ms
    follower.replication.throttled.replicas index.interval.bytes
    leader.replication.throttled.replicas local.retention.bytes local.retention.ms
    message.downconversion.enable message.format.version
    message.timestamp.after.max.ms message.timestamp.before.max.ms
    message.timestamp.difference.max.ms message.timestamp.type
    preallocate remote.copy.disable remote.log.delete.on.disable
    remote.storage.enable segment.index.bytes segment.jitter.ms
  `),
];

/** Keys of a topic outside its `config`. */
export const TOPIC_SHAPE: KeyTable = [
  int('partitions', 1, 'Number of partitions.', { min: 1, max: 10_000 }),
  int('replication.factor', 3, 'Replicas of each partition, the leader included.', { min: 1 }),
];

/** Keys of the cluster outside its `config`. */
export const CLUSTER_SHAPE: KeyTable = [
  int('brokers', 3, 'Number of brokers, besides the one controller.', { min: 1, max: 100 }),
];
