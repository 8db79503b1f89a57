import type { TopicConfig } from '../../../models/kafka/config/topic-config.ts';
import type { Batch } from '../../../models/kafka/protocol.ts';

/** A topic without limits, except those given. */
export function topic(by: Partial<TopicConfig> = {}): TopicConfig {
  return {
    minInsync: 1,
    unclean: false,
    flushMessages: Infinity,
    flushEvery: Infinity,
    segmentBytes: 1_000_000,
    segmentAge: Infinity,
    retentionAge: Infinity,
    retentionBytes: Infinity,
    maxMessageBytes: 1_000_000,
    deletes: true,
    compacts: false,
    dirtyRatio: 500,
    compactionLagMin: 0,
    compactionLagMax: Infinity,
    tombstoneRetention: 86_400_000_000,
    ...by,
  };
}

/** A batch of `count` records, as it stands in a log. */
export function batch(baseOffset: number, leaderEpoch: number, by: Partial<Batch> = {}): Batch {
  const count = by.count ?? 1;
  return {
    baseOffset,
    leaderEpoch,
    epochBefore: -1,
    count,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    messages: Array.from({ length: count }, (_, i) => baseOffset + i),
    keys: new Array<number>(count).fill(-1),
    poison: undefined,
    bytes: 100 * count,
    timestamp: 0,
    groups: undefined,
    transactional: false,
    marker: undefined,
    transactions: undefined,
    origin: -1,
    ...by,
  };
}
