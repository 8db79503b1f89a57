import type { Micros } from '../../../sim/kernel/time.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import {
  type Batch,
  type Correlated,
  type ErrorName,
  messagesOf,
  type PartitionIndex,
} from './base.ts';

/** Share groups (KIP-932): what members say to coordinators and to leaders, and leaders keep. */

export interface ShareGroupHeartbeatRequest extends Correlated {
  readonly type: 'ShareGroupHeartbeatRequest';
  readonly group: string;
  /** Made up by the member itself. */
  readonly member: string;
  /** 0: joins; -1: leaves. */
  readonly memberEpoch: number;
  readonly topic: string;
}
export interface ShareGroupHeartbeatResponse extends Correlated {
  readonly type: 'ShareGroupHeartbeatResponse';
  readonly error: ErrorName;
  readonly memberEpoch: number;
  readonly interval: Micros;
  readonly partitions: readonly PartitionIndex[];
}

export type AcknowledgeType = 'ACCEPT' | 'RELEASE' | 'REJECT' | 'RENEW';

/** Records first to last of a partition, all acknowledged alike. */
export interface AcknowledgementBatch {
  readonly partition: PartitionIndex;
  readonly first: number;
  readonly last: number;
  readonly type: AcknowledgeType;
}

export interface ShareFetchRequest extends Correlated {
  readonly type: 'ShareFetchRequest';
  readonly group: string;
  readonly member: string;
  /** 0: a new session; -1: the last request of one. */
  readonly sessionEpoch: number;
  readonly maxWait: Micros;
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly partitions: readonly PartitionIndex[];
  /** What became of records of earlier fetches. */
  readonly acknowledgements: readonly AcknowledgementBatch[];
}

/** A run of records that the member has from now on, with how often each was handed out. */
export interface AcquiredRecords {
  readonly first: number;
  readonly last: number;
  readonly deliveryCount: number;
}
export interface SharedPartition {
  readonly partition: PartitionIndex;
  readonly error: ErrorName;
  /** Batches that hold the acquired records, and possibly others. */
  readonly batches: readonly Batch[];
  readonly acquired: readonly AcquiredRecords[];
}
export interface AcknowledgeResult {
  readonly partition: PartitionIndex;
  readonly error: ErrorName;
}
export class ShareFetchResponse implements Correlated {
  readonly type = 'ShareFetchResponse';
  readonly correlation: number;
  readonly error: ErrorName;
  readonly partitions: readonly SharedPartition[];
  readonly acknowledged: readonly AcknowledgeResult[];

  constructor(
    correlation: number,
    error: ErrorName,
    partitions: readonly SharedPartition[],
    acknowledged: readonly AcknowledgeResult[],
  ) {
    this.correlation = correlation;
    this.error = error;
    this.partitions = partitions;
    this.acknowledged = acknowledged;
  }

  get carries(): readonly MessageId[] {
    return messagesOf(this.partitions.flatMap((p) => p.batches));
  }
}

export interface ShareAcknowledgeRequest extends Correlated {
  readonly type: 'ShareAcknowledgeRequest';
  readonly group: string;
  readonly member: string;
  readonly sessionEpoch: number;
  readonly acknowledgements: readonly AcknowledgementBatch[];
}
export interface ShareAcknowledgeResponse extends Correlated {
  readonly type: 'ShareAcknowledgeResponse';
  readonly error: ErrorName;
  readonly acknowledged: readonly AcknowledgeResult[];
}

// --- The share coordinator: the leader of a partition of `__share_group_state` ---

export type RecordState = 'AVAILABLE' | 'ACQUIRED' | 'ACKNOWLEDGED' | 'ARCHIVED';

export interface RecordDelivery {
  readonly offset: number;
  readonly state: RecordState;
  readonly deliveryCount: number;
}

/** What is kept of one group's reading of one partition. */
export interface ShareState {
  readonly group: string;
  readonly partition: PartitionIndex;
  /** The newest leader of the partition that wrote. */
  readonly leaderEpoch: number;
  /** Share-partition start offset (SPSO): all before it is done with. */
  readonly start: number;
  /** Records from there on that are not simply new; by offset. */
  readonly records: readonly RecordDelivery[];
}

/** All of one partition of `__share_group_state`, in each of its records. */
export type ShareImage = readonly ShareState[];

export interface WriteShareGroupStateRequest extends Correlated {
  readonly type: 'WriteShareGroupStateRequest';
  readonly group: string;
  readonly partition: PartitionIndex;
  readonly leaderEpoch: number;
  readonly start: number;
  /** Changes only. */
  readonly records: readonly RecordDelivery[];
}
export interface WriteShareGroupStateResponse extends Correlated {
  readonly type: 'WriteShareGroupStateResponse';
  readonly error: ErrorName;
}

export interface ReadShareGroupStateRequest extends Correlated {
  readonly type: 'ReadShareGroupStateRequest';
  readonly group: string;
  readonly partition: PartitionIndex;
  readonly leaderEpoch: number;
}
export interface ReadShareGroupStateResponse extends Correlated {
  readonly type: 'ReadShareGroupStateResponse';
  readonly error: ErrorName;
  /** Undefined: nothing was ever written. */
  readonly state: ShareState | undefined;
}

export type ShareRequest =
  ShareGroupHeartbeatRequest | ShareFetchRequest | ShareAcknowledgeRequest | ShareStateRequest;
export type ShareStateRequest = WriteShareGroupStateRequest | ReadShareGroupStateRequest;
export type ShareStateResponse = WriteShareGroupStateResponse | ReadShareGroupStateResponse;
export type ShareResponse =
  ShareGroupHeartbeatResponse | ShareFetchResponse | ShareAcknowledgeResponse | ShareStateResponse;

export const SHARE_MESSAGES: readonly string[] = [
  'ShareGroupHeartbeatRequest',
  'ShareGroupHeartbeatResponse',
  'ShareFetchRequest',
  'ShareFetchResponse',
  'ShareAcknowledgeRequest',
  'ShareAcknowledgeResponse',
  'WriteShareGroupStateRequest',
  'WriteShareGroupStateResponse',
  'ReadShareGroupStateRequest',
  'ReadShareGroupStateResponse',
];
