import type { Micros } from '../../../sim/kernel/time.ts';
import { type Batch, type Committed, internalBatch, type PartitionIndex } from '../protocol.ts';
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

/** What one producer has told the group in transactions. */
export interface TransactionalOffsets {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  /** Offsets that wait for the marker; undefined when no transaction is open. */
  readonly pending: readonly Committed[] | undefined;
  /** The marker stands in the log, and may not be replicated yet. */
  readonly closing: boolean;
}

/** A record as a new coordinator takes it over: a marker in its log counts. */
export function afterLoad(record: GroupRecord): GroupRecord {
  const { transactional } = record;
  if (transactional === undefined) return record;
  const closed = transactional.map((entry) =>
    entry.closing ? { ...entry, pending: undefined, closing: false } : entry,
  );
  return { ...record, transactional: closed };
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
  /** By producer; absent before the first offsets of a transaction. */
  readonly transactional?: readonly TransactionalOffsets[];
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

/** The same with other offsets: every commit makes one, and V8 is slow to spread objects. */
export function withOffsets(
  record: GroupRecord,
  offsets: readonly number[],
  committedAt: readonly Micros[],
): GroupRecord {
  return {
    name: record.name,
    generation: record.generation,
    protocol: record.protocol,
    leader: record.leader,
    members: record.members,
    offsets,
    committedAt,
    emptySince: record.emptySince,
    memberIds: record.memberIds,
    modern: record.modern,
    transactional: record.transactional,
  };
}

export function groupBatch(groups: readonly GroupRecord[], timestamp: number): Batch {
  return internalBatch(timestamp, { groups });
}
