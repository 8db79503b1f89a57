import type { Micros } from '../../sim/kernel/time.ts';
import type { PartitionIndex } from './protocol/base.ts';

/**
 * States of a transaction at its coordinator. `PrepareEpochFence` is never written: it stands
 * between the decision to fence a producer and the abort of what it had begun.
 */
export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareEpochFence'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'
  | 'Dead';

/** What the log of `__transaction_state` keeps of one transactional.id. */
export interface TransactionRecord {
  readonly id: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** The epoch before a bump that the client asked for, or before the present one in v2; -1. */
  readonly lastEpoch: number;
  readonly state: TransactionState;
  readonly partitions: readonly PartitionIndex[];
  readonly timeout: Micros;
  /** When the first partition was added; -1 outside of a transaction. */
  readonly startedAt: Micros;
  readonly updatedAt: Micros;
}

/** All ids of one partition as one record: compaction taken to its end, as for groups. */
export type TransactionsImage = readonly TransactionRecord[];
