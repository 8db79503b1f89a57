import type { Handle } from '../../../sim/kernel/event-queue.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Replica, Waiter } from '../broker/state.ts';
import type {
  AcknowledgeResult,
  ErrorName,
  PartitionIndex,
  SharedPartition,
  ShareFetchRequest,
  ShareState,
  ShareStateRequest,
  ShareStateResponse,
} from '../protocol.ts';
import type { SharePartition, Tracked } from './share-partition.ts';

/** What one broker does for share groups: as leader, as share coordinator, as group coordinator. */
export interface Shares {
  /** By group and partition, of the partitions that it leads. */
  readonly led: Map<string, Led>;
  /** By group and member: the share sessions of its connections. */
  readonly sessions: Map<string, Session>;
  /** By partition of `__share_group_state` that it leads. */
  readonly shards: Map<PartitionIndex, StateShard>;
  readonly groups: Map<string, ShareGroup>;
  /** Requests to share coordinators that are not answered, by correlation. */
  readonly calls: Map<number, StateCall>;
  nextCall: number;
  nextLock: number;
}

export function newShares(): Shares {
  return {
    led: new Map(),
    sessions: new Map(),
    shards: new Map(),
    groups: new Map(),
    calls: new Map(),
    nextCall: 1,
    nextLock: 1,
  };
}

/** One group's reading of one partition, at the leader. */
export interface Led {
  readonly group: string;
  readonly subscription: number;
  readonly replica: Replica;
  readonly epoch: number;
  /** Undefined while its state is being read. */
  share: SharePartition | undefined;
  readonly waiting: PendingFetch[];
  /** Acquisition locks: when the timer of one comes up, what is still held by it goes back. */
  readonly locks: Map<number, Lock>;
}

export interface Lock {
  timer: Handle;
  /** Records that are still held by it. */
  held: number;
}

export interface Session {
  readonly group: string;
  readonly member: string;
  readonly from: NodeId;
  /** Of the next request. */
  epoch: number;
}

/** A ShareFetch, or a ShareAcknowledge, that waits for data or for writes. */
export interface PendingFetch {
  readonly from: NodeId;
  readonly request: ShareFetchRequest;
  readonly session: Session;
  fetched: readonly SharedPartition[] | undefined;
  readonly acknowledged: AcknowledgeResult[];
  /** Acknowledgements that are being written. */
  writes: number;
  done: boolean;
  timer: Handle;
}

/** The states of one partition of `__share_group_state`, at the broker that leads it. */
export interface StateShard {
  readonly replica: Replica;
  readonly epoch: number;
  readonly states: Map<string, ShareState>;
}

/** A write of the share coordinator that waits for its replication. */
export type StateWaiter = Waiter & { readonly done: (error: ErrorName) => void };

export interface StateCall {
  readonly request: ShareStateRequest;
  readonly led: Led;
  readonly then: (error: ErrorName, response: ShareStateResponse | undefined) => void;
  tries: number;
  to: NodeId;
  timer: Handle;
}

export interface ShareMember {
  readonly id: string;
  readonly topic: string;
  epoch: number;
  timer: Handle;
}
export interface ShareGroup {
  readonly name: string;
  readonly replica: Replica;
  readonly leaderEpoch: number;
  readonly members: Map<string, ShareMember>;
  epoch: number;
}

/** Records of one acknowledgement, while they are written. */
export interface Change {
  readonly led: Led;
  readonly records: readonly Tracked[];
}

export function keyOf(group: string, partition: PartitionIndex): string {
  return `${group}/${partition}`;
}
