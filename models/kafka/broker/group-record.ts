import type { Micros } from '../../../sim/kernel/time.ts';
import type { Batch, PartitionIndex } from '../protocol.ts';
import type { ModernGroupRecord } from './modern-group.ts';

/** A group's member as the log of `__consumer_offsets` keeps it. */
export interface MemberRecord {
  readonly id: string;
  readonly instance: string;
  readonly client: string;
  readonly sessionTimeout: number;
  readonly rebalanceTimeout: number;
  readonly protocols: readonly string[];
  readonly topic: string;
  readonly owned: readonly PartitionIndex[];
  readonly ownedIn: number;
  readonly partitions: readonly PartitionIndex[];
}

export interface GroupRecord {
  readonly name: string;
  readonly generation: number;
  readonly protocol: string;
  readonly leader: string;
  readonly members: readonly MemberRecord[];
  /** Committed offset of each partition of the cluster, -1 without one. */
  readonly offsets: readonly number[];
  /** When each was committed, by the coordinator's clock. */
  readonly committedAt: readonly Micros[];
  /** Since when the group has no members. */
  readonly emptySince: Micros;
  /** How many member ids were given out. */
  readonly memberIds: number;
  /** Members and assignments of a group of KIP-848. */
  readonly modern: ModernGroupRecord | undefined;
}

/**
 * All groups of one partition of `__consumer_offsets`, as one record: compaction taken to its end,
 * so that the newest record alone restores the coordinator.
 */
export type GroupsImage = readonly GroupRecord[];

/** A group that nobody has heard of before. */
export function newGroup(name: string, partitions: number): GroupRecord {
  return {
    name,
    generation: 0,
    protocol: '',
    leader: '',
    members: [],
    offsets: new Array<number>(partitions).fill(-1),
    committedAt: new Array<Micros>(partitions).fill(0),
    emptySince: 0,
    memberIds: 0,
    modern: undefined,
  };
}

export function groupBatch(groups: readonly GroupRecord[], timestamp: number): Batch {
  return {
    baseOffset: -1,
    leaderEpoch: -1,
    count: 1,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    messages: [],
    keys: [],
    poison: undefined,
    bytes: 200,
    timestamp,
    groups,
  };
}
