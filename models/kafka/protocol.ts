import type { Message, MessageId } from '../../sim/kernel/node.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import type { GroupsImage } from './broker/group-record.ts';
import type { Image, PartitionState } from './image.ts';

/** Errors by Kafka's own names. */
export type ErrorName =
  | 'NONE'
  | 'BROKER_ID_NOT_REGISTERED'
  | 'COORDINATOR_LOAD_IN_PROGRESS'
  | 'COORDINATOR_NOT_AVAILABLE'
  | 'DUPLICATE_BROKER_REGISTRATION'
  | 'FENCED_LEADER_EPOCH'
  | 'ILLEGAL_GENERATION'
  | 'INELIGIBLE_REPLICA'
  | 'INVALID_PRODUCER_EPOCH'
  | 'INVALID_UPDATE_VERSION'
  | 'LEADER_NOT_AVAILABLE'
  | 'MEMBER_ID_REQUIRED'
  | 'MESSAGE_TOO_LARGE'
  | 'NOT_CONTROLLER'
  | 'NOT_COORDINATOR'
  | 'NOT_ENOUGH_REPLICAS'
  | 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'
  | 'NOT_LEADER_OR_FOLLOWER'
  | 'OFFSET_NOT_AVAILABLE'
  | 'OFFSET_OUT_OF_RANGE'
  | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  | 'REBALANCE_IN_PROGRESS'
  | 'REQUEST_TIMED_OUT'
  | 'STALE_BROKER_EPOCH'
  | 'UNKNOWN_LEADER_EPOCH'
  | 'UNKNOWN_MEMBER_ID';

/** Numbers of partitions and brokers in messages are their places in the layout. */
export type PartitionIndex = number;
export type BrokerIndex = number;

/** Every request and its response carry the number that pairs them. */
export interface Correlated extends Message {
  readonly correlation: number;
}

/**
 * Records on their way into and in a log. Never changed once stamped, and shared by all replicas.
 * `baseOffset` and `leaderEpoch` are -1 until the leader has stamped it.
 */
export interface Batch {
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  /** Records in it; each takes one offset. */
  readonly count: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly messages: readonly MessageId[];
  /** Key of each record, -1 without. */
  readonly keys: readonly number[];
  /** Which records no handler can process; undefined when none. */
  readonly poison: readonly boolean[] | undefined;
  readonly bytes: number;
  /** Largest record timestamp, by the producer's clock. */
  readonly timestamp: Micros;
  /** Content of a batch of `__consumer_offsets`. */
  readonly groups: GroupsImage | undefined;
}

export function stamp(batch: Batch, baseOffset: number, leaderEpoch: number): Batch {
  return {
    baseOffset,
    leaderEpoch,
    count: batch.count,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    messages: batch.messages,
    keys: batch.keys,
    poison: batch.poison,
    bytes: batch.bytes,
    timestamp: batch.timestamp,
    groups: batch.groups,
  };
}

const NOTHING: readonly MessageId[] = [];

/** The messages of several batches: read only while a trace is kept, so built only then. */
function messagesOf(batches: readonly Batch[]): readonly MessageId[] {
  if (batches.length === 0) return NOTHING;
  return batches.length === 1 ? batches[0].messages : batches.flatMap((b) => b.messages);
}

// --- Clients and brokers ---

export interface ApiVersionsRequest extends Correlated {
  readonly type: 'ApiVersionsRequest';
}
export interface ApiVersionsResponse extends Correlated {
  readonly type: 'ApiVersionsResponse';
}

export interface MetadataRequest extends Correlated {
  readonly type: 'MetadataRequest';
}
export interface MetadataResponse extends Correlated {
  readonly type: 'MetadataResponse';
  readonly partitions: readonly PartitionState[];
}

export interface InitProducerIdRequest extends Correlated {
  readonly type: 'InitProducerIdRequest';
}
export interface InitProducerIdResponse extends Correlated {
  readonly type: 'InitProducerIdResponse';
  readonly error: ErrorName;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export type Acks = 'all' | '1' | '0';

export interface ProduceEntry {
  readonly partition: PartitionIndex;
  readonly batch: Batch;
}

export class ProduceRequest implements Correlated {
  readonly type = 'ProduceRequest';
  readonly correlation: number;
  readonly acks: Acks;
  /** How long the broker may wait for replication. */
  readonly timeout: Micros;
  readonly entries: readonly ProduceEntry[];
  readonly bytes: number;
  /** Its causal name, which the response bears too: first record of the first batch, and the try. */
  readonly nr: number;
  readonly attempt: number;

  constructor(
    correlation: number,
    acks: Acks,
    timeout: Micros,
    entries: readonly ProduceEntry[],
    bytes: number,
    nr: number,
    attempt: number,
  ) {
    this.nr = nr;
    this.attempt = attempt;
    this.correlation = correlation;
    this.acks = acks;
    this.timeout = timeout;
    this.entries = entries;
    this.bytes = bytes;
  }

  get carries(): readonly MessageId[] {
    return messagesOf(this.entries.map((entry) => entry.batch));
  }
}

export interface ProduceResult {
  readonly partition: PartitionIndex;
  readonly error: ErrorName;
  readonly baseOffset: number;
  /** With NOT_LEADER_OR_FOLLOWER: who leads, as far as this broker knows (KIP-951). */
  readonly leader: BrokerIndex;
  readonly leaderEpoch: number;
}
export interface ProduceResponse extends Correlated {
  readonly type: 'ProduceResponse';
  readonly carries: readonly MessageId[];
  readonly results: readonly ProduceResult[];
}

export interface FetchPosition {
  readonly partition: PartitionIndex;
  readonly offset: number;
  readonly leaderEpoch: number;
  /** Epoch of the last record before `offset`, -1 when unknown. */
  readonly lastEpoch: number;
}
export interface FetchRequest extends Correlated {
  readonly type: 'FetchRequest';
  /** The fetching broker; -1: a consumer. */
  readonly replica: BrokerIndex;
  readonly brokerEpoch: number;
  readonly maxWait: Micros;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
  readonly positions: readonly FetchPosition[];
  /** Set when `__cluster_metadata` is fetched, from the controller: the version already known. */
  readonly known?: number;
}

export interface FetchedPartition {
  readonly partition: PartitionIndex;
  readonly error: ErrorName;
  readonly highWatermark: number;
  readonly logStart: number;
  readonly batches: readonly Batch[];
  /** Set when the fetcher's history differs: its epoch there, and where that epoch ends here. */
  readonly diverging: EpochEnd | undefined;
}
export interface EpochEnd {
  readonly epoch: number;
  readonly end: number;
}

export class FetchResponse implements Correlated {
  readonly type = 'FetchResponse';
  readonly correlation: number;
  readonly partitions: readonly FetchedPartition[];
  readonly bytes: number;
  /** Answer to a fetch of `__cluster_metadata`. */
  readonly image: Image | undefined;

  constructor(
    correlation: number,
    partitions: readonly FetchedPartition[],
    bytes: number,
    image?: Image,
  ) {
    this.correlation = correlation;
    this.partitions = partitions;
    this.bytes = bytes;
    this.image = image;
  }

  get carries(): readonly MessageId[] {
    return messagesOf(this.partitions.flatMap((p) => p.batches));
  }
}

export interface ListOffsetsRequest extends Correlated {
  readonly type: 'ListOffsetsRequest';
  readonly partition: PartitionIndex;
  readonly at: 'earliest' | 'latest';
}
export interface ListOffsetsResponse extends Correlated {
  readonly type: 'ListOffsetsResponse';
  readonly error: ErrorName;
  readonly partition: PartitionIndex;
  readonly offset: number;
}

export interface OffsetForLeaderEpochRequest extends Correlated {
  readonly type: 'OffsetForLeaderEpochRequest';
  readonly partition: PartitionIndex;
  readonly leaderEpoch: number;
  readonly epoch: number;
}
export interface OffsetForLeaderEpochResponse extends Correlated {
  readonly type: 'OffsetForLeaderEpochResponse';
  readonly error: ErrorName;
  readonly partition: PartitionIndex;
  readonly epoch: number;
  readonly end: number;
}

// --- Groups ---

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

// --- Brokers and the controller ---

export interface BrokerRegistrationRequest extends Correlated {
  readonly type: 'BrokerRegistrationRequest';
  readonly broker: BrokerIndex;
  /** Number of the process among all of this broker: the incarnation id. */
  readonly incarnation: number;
}
export interface BrokerRegistrationResponse extends Correlated {
  readonly type: 'BrokerRegistrationResponse';
  readonly error: ErrorName;
  readonly brokerEpoch: number;
}

export interface BrokerHeartbeatRequest extends Correlated {
  readonly type: 'BrokerHeartbeatRequest';
  readonly broker: BrokerIndex;
  readonly brokerEpoch: number;
  readonly knownVersion: number;
  readonly wantShutDown: boolean;
}
export interface BrokerHeartbeatResponse extends Correlated {
  readonly type: 'BrokerHeartbeatResponse';
  readonly error: ErrorName;
  readonly isFenced: boolean;
  readonly shouldShutDown: boolean;
}

export interface AlterPartitionRequest extends Correlated {
  readonly type: 'AlterPartitionRequest';
  readonly broker: BrokerIndex;
  readonly brokerEpoch: number;
  readonly partition: PartitionIndex;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly BrokerIndex[];
  /** Broker epoch of each member of `isr`, as the leader knows it. */
  readonly epochs: readonly number[];
}
export interface AlterPartitionResponse extends Correlated {
  readonly type: 'AlterPartitionResponse';
  readonly error: ErrorName;
  readonly partition: PartitionIndex;
  readonly state: PartitionState | undefined;
}

export interface AllocateProducerIdsRequest extends Correlated {
  readonly type: 'AllocateProducerIdsRequest';
  readonly broker: BrokerIndex;
}
export interface AllocateProducerIdsResponse extends Correlated {
  readonly type: 'AllocateProducerIdsResponse';
  readonly first: number;
  readonly count: number;
}

export type ClientRequest =
  | ApiVersionsRequest
  | MetadataRequest
  | InitProducerIdRequest
  | ProduceRequest
  | FetchRequest
  | ListOffsetsRequest
  | OffsetForLeaderEpochRequest
  | GroupRequest;

export type GroupRequest =
  | FindCoordinatorRequest
  | JoinGroupRequest
  | SyncGroupRequest
  | HeartbeatRequest
  | LeaveGroupRequest
  | OffsetCommitRequest
  | OffsetFetchRequest;

export type ClientResponse =
  | ApiVersionsResponse
  | MetadataResponse
  | InitProducerIdResponse
  | ProduceResponse
  | FetchResponse
  | ListOffsetsResponse
  | OffsetForLeaderEpochResponse
  | FindCoordinatorResponse
  | JoinGroupResponse
  | SyncGroupResponse
  | HeartbeatResponse
  | LeaveGroupResponse
  | OffsetCommitResponse
  | OffsetFetchResponse;

export type ControllerRequest =
  | BrokerRegistrationRequest
  | BrokerHeartbeatRequest
  | AlterPartitionRequest
  | AllocateProducerIdsRequest
  | FetchRequest;

export type ControllerResponse =
  | BrokerRegistrationResponse
  | BrokerHeartbeatResponse
  | AlterPartitionResponse
  | AllocateProducerIdsResponse
  | FetchResponse;

export type BrokerIn = ClientRequest | ControllerResponse;

/** Every message type, for faults that name one. */
export const MESSAGES: readonly string[] = [
  'ProduceRequest',
  'ProduceResponse',
  'FetchRequest',
  'FetchResponse',
  'ListOffsetsRequest',
  'ListOffsetsResponse',
  'MetadataRequest',
  'MetadataResponse',
  'OffsetCommitRequest',
  'OffsetCommitResponse',
  'OffsetFetchRequest',
  'OffsetFetchResponse',
  'FindCoordinatorRequest',
  'FindCoordinatorResponse',
  'JoinGroupRequest',
  'JoinGroupResponse',
  'HeartbeatRequest',
  'HeartbeatResponse',
  'LeaveGroupRequest',
  'LeaveGroupResponse',
  'SyncGroupRequest',
  'SyncGroupResponse',
  'ApiVersionsRequest',
  'ApiVersionsResponse',
  'InitProducerIdRequest',
  'InitProducerIdResponse',
  'OffsetForLeaderEpochRequest',
  'OffsetForLeaderEpochResponse',
  'AlterPartitionRequest',
  'AlterPartitionResponse',
  'BrokerRegistrationRequest',
  'BrokerRegistrationResponse',
  'BrokerHeartbeatRequest',
  'BrokerHeartbeatResponse',
  'AllocateProducerIdsRequest',
  'AllocateProducerIdsResponse',
];
