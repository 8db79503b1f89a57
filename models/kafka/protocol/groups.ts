import type { Micros } from '../../../sim/kernel/time.ts';
import type { BrokerIndex, Correlated, ErrorName, PartitionIndex } from './base.ts';

/** The group protocols: the classic one, the one of KIP-848, and what both share. */

export interface FindCoordinatorRequest extends Correlated {
  readonly type: 'FindCoordinatorRequest';
  /** Of a group, or of a transactional.id. */
  readonly group: string;
  readonly transactional?: boolean;
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
  /** `group.instance.id`, empty for a dynamic member. */
  readonly instance: string;
  readonly client: string;
  readonly sessionTimeout: Micros;
  readonly rebalanceTimeout: Micros;
  /** Assignors that the member can follow, the preferred one first. */
  readonly protocols: readonly string[];
  readonly topic: string;
  /** What it claims to own, for assignors that are sticky, and since which generation. */
  readonly owned: readonly PartitionIndex[];
  readonly ownedIn: number;
}
/** A member as the group's leader is told of it. */
export interface JoinedMember {
  readonly member: string;
  readonly instance: string;
  readonly topic: string;
  readonly owned: readonly PartitionIndex[];
  readonly ownedIn: number;
}
export interface JoinGroupResponse extends Correlated {
  readonly type: 'JoinGroupResponse';
  readonly error: ErrorName;
  readonly generation: number;
  readonly protocol: string;
  readonly leader: string;
  readonly member: string;
  /** All members with their topic, for the group's leader only. */
  readonly members: readonly JoinedMember[];
  /** KIP-814: the leader is one that has come back, and the assignment stays as it is. */
  readonly skipAssignment: boolean;
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
  readonly instance: string;
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
  readonly instance: string;
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

/**
 * KIP-848: the one request of a member. Epoch 0 joins, -1 leaves, -2 leaves for a while (static).
 */
export interface ConsumerGroupHeartbeatRequest extends Correlated {
  readonly type: 'ConsumerGroupHeartbeatRequest';
  readonly group: string;
  readonly member: string;
  readonly epoch: number;
  readonly instance: string;
  readonly client: string;
  readonly rebalanceTimeout: Micros;
  readonly topic: string;
  /** `group.remote.assignor`, empty for the group's default. */
  readonly assignor: string;
  /** What the member owns; undefined when it has not changed since it was last said. */
  readonly owned: readonly PartitionIndex[] | undefined;
}
export interface ConsumerGroupHeartbeatResponse extends Correlated {
  readonly type: 'ConsumerGroupHeartbeatResponse';
  readonly error: ErrorName;
  readonly member: string;
  readonly epoch: number;
  readonly interval: Micros;
  /** What the member is to own; undefined when that is as before. */
  readonly assignment: readonly PartitionIndex[] | undefined;
}

export interface Committed {
  readonly partition: PartitionIndex;
  readonly offset: number;
}
export interface OffsetCommitRequest extends Correlated {
  readonly type: 'OffsetCommitRequest';
  readonly group: string;
  /** Generation of a classic member, epoch of one of KIP-848. */
  readonly generation: number;
  readonly member: string;
  readonly instance: string;
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
  /** Offsets of an open transaction are waited for (KIP-447). */
  readonly requireStable?: boolean;
}
export interface OffsetFetchResponse extends Correlated {
  readonly type: 'OffsetFetchResponse';
  readonly error: ErrorName;
  /** -1: none committed. */
  readonly offsets: readonly Committed[];
}
