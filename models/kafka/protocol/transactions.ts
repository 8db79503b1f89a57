import type { Micros } from '../../../sim/kernel/time.ts';
import type { BrokerIndex, Correlated, ErrorName, PartitionIndex } from './base.ts';
import type { Committed } from './groups.ts';

/** Who speaks in a transaction. */
interface Transactional extends Correlated {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/**
 * From a producer (v1), or from the leader of a partition: to ask whether a partition is in the
 * transaction (`verifyOnly`), or to add it on the producer's behalf (v2).
 */
export interface AddPartitionsToTxnRequest extends Transactional {
  readonly type: 'AddPartitionsToTxnRequest';
  readonly partitions: readonly PartitionIndex[];
  readonly verifyOnly: boolean;
}
export interface AddPartitionsToTxnResponse extends Correlated {
  readonly type: 'AddPartitionsToTxnResponse';
  readonly error: ErrorName;
}

export interface AddOffsetsToTxnRequest extends Transactional {
  readonly type: 'AddOffsetsToTxnRequest';
  readonly group: string;
}
export interface AddOffsetsToTxnResponse extends Correlated {
  readonly type: 'AddOffsetsToTxnResponse';
  readonly error: ErrorName;
}

export interface TxnOffsetCommitRequest extends Transactional {
  readonly type: 'TxnOffsetCommitRequest';
  readonly group: string;
  /** Group metadata; "" and -1 when the application gives none. */
  readonly member: string;
  readonly generation: number;
  /** group.instance.id, "" without. */
  readonly instance: string;
  readonly offsets: readonly Committed[];
}
export interface TxnOffsetCommitResponse extends Correlated {
  readonly type: 'TxnOffsetCommitResponse';
  readonly error: ErrorName;
}

export interface EndTxnRequest extends Transactional {
  readonly type: 'EndTxnRequest';
  readonly commit: boolean;
}
export interface EndTxnResponse extends Correlated {
  readonly type: 'EndTxnResponse';
  readonly error: ErrorName;
  /** v2: under which the next transaction runs; -1 in v1. */
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** From the transaction coordinator to the leaders of the partitions. */
export interface WriteTxnMarkersRequest extends Correlated {
  readonly type: 'WriteTxnMarkersRequest';
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly commit: boolean;
  readonly partitions: readonly PartitionIndex[];
  /** How long the leader may wait for replication. */
  readonly timeout: Micros;
}
export interface WriteTxnMarkersResponse extends Correlated {
  readonly type: 'WriteTxnMarkersResponse';
  readonly broker: BrokerIndex;
  readonly errors: readonly { readonly partition: PartitionIndex; readonly error: ErrorName }[];
}

export type TransactionRequest =
  | AddPartitionsToTxnRequest
  | AddOffsetsToTxnRequest
  | TxnOffsetCommitRequest
  | EndTxnRequest
  | WriteTxnMarkersRequest;

export type TransactionResponse =
  | AddPartitionsToTxnResponse
  | AddOffsetsToTxnResponse
  | TxnOffsetCommitResponse
  | EndTxnResponse
  | WriteTxnMarkersResponse;

export const TRANSACTION_MESSAGES: readonly string[] = [
  'AddPartitionsToTxnRequest',
  'AddPartitionsToTxnResponse',
  'AddOffsetsToTxnRequest',
  'AddOffsetsToTxnResponse',
  'TxnOffsetCommitRequest',
  'TxnOffsetCommitResponse',
  'EndTxnRequest',
  'EndTxnResponse',
  'WriteTxnMarkersRequest',
  'WriteTxnMarkersResponse',
];
