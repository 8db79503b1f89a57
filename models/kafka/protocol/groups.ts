import type { Micros } from '../../../sim/kernel/time.ts';
import type { BrokerIndex, Correlated, ErrorName, PartitionIndex } from './base.ts';

/** The classic group protocol. */

export interface FindCoordinatorRequest extends Correlated {
  readonly type: 'FindCoordinatorRequest';
  readonly group: string;
}
export interface FindCoordinatorResponse extends Correlated {
  readonly type: 'FindCoordinatorResponse';
  readonly error: ErrorName;
  readonly coordinator: BrokerIndex;
}

export interface JoinGroupRequest extends Correlated {
  readonly type: 'JoinGroupRequest';
  readonly group: string;
  /** Empty before the coordinator has given one. */
  readonly member: string;
  readonly client: string;
  readonly sessionTimeout: Micros;
  readonly rebalanceTimeout: Micros;
  /** Assignors that the member can follow, the preferred one first. */
  readonly protocols: readonly string[];
  readonly topic: string;
}
export interface JoinGroupResponse extends Correlated {
  readonly type: 'JoinGroupResponse';
  readonly error: ErrorName;
  readonly generation: number;
  readonly protocol: string;
  readonly leader: string;
  readonly member: string;
  /** All members with their topic, for the group's leader only. */
  readonly members: readonly { readonly member: string; readonly topic: string }[];
}

export interface Assignment {
  readonly member: string;
  readonly partitions: readonly PartitionIndex[];
}
export interface SyncGroupRequest extends Correlated {
  readonly type: 'SyncGroupRequest';
  readonly group: string;
  readonly generation: number;
  readonly member: string;
  readonly assignments: readonly Assignment[];
}
export interface SyncGroupResponse extends Correlated {
  readonly type: 'SyncGroupResponse';
  readonly error: ErrorName;
  readonly partitions: readonly PartitionIndex[];
}

export interface HeartbeatRequest extends Correlated {
  readonly type: 'HeartbeatRequest';
  readonly group: string;
  readonly generation: number;
  readonly member: string;
}
export interface HeartbeatResponse extends Correlated {
  readonly type: 'HeartbeatResponse';
  readonly error: ErrorName;
}

export interface LeaveGroupRequest extends Correlated {
  readonly type: 'LeaveGroupRequest';
  readonly group: string;
  readonly member: string;
}
export interface LeaveGroupResponse extends Correlated {
  readonly type: 'LeaveGroupResponse';
  readonly error: ErrorName;
}

export interface Committed {
  readonly partition: PartitionIndex;
  readonly offset: number;
}
export interface OffsetCommitRequest extends Correlated {
  readonly type: 'OffsetCommitRequest';
  readonly group: string;
  readonly generation: number;
  readonly member: string;
  readonly offsets: readonly Committed[];
}
export interface OffsetCommitResponse extends Correlated {
  readonly type: 'OffsetCommitResponse';
  readonly error: ErrorName;
}

export interface OffsetFetchRequest extends Correlated {
  readonly type: 'OffsetFetchRequest';
  readonly group: string;
  readonly partitions: readonly PartitionIndex[];
}
export interface OffsetFetchResponse extends Correlated {
  readonly type: 'OffsetFetchResponse';
  readonly error: ErrorName;
  /** -1: none committed. */
  readonly offsets: readonly Committed[];
}
