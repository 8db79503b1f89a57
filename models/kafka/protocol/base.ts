import type { Message, MessageId } from '../../../sim/kernel/node.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { GroupsImage } from '../broker/group-record.ts';
import type { ShareImage } from './share.ts';
import type { TransactionsImage } from '../transaction-record.ts';

/** Errors by Kafka's own names. */
export type ErrorName =
  | 'NONE'
  | 'BROKER_ID_NOT_REGISTERED'
  | 'CONCURRENT_TRANSACTIONS'
  | 'COORDINATOR_LOAD_IN_PROGRESS'
  | 'COORDINATOR_NOT_AVAILABLE'
  | 'DUPLICATE_BROKER_REGISTRATION'
  | 'ELECTION_NOT_NEEDED'
  | 'ELIGIBLE_LEADERS_NOT_AVAILABLE'
  | 'DUPLICATE_SEQUENCE_NUMBER'
  | 'FENCED_INSTANCE_ID'
  | 'FENCED_LEADER_EPOCH'
  | 'FENCED_MEMBER_EPOCH'
  | 'FENCED_STATE_EPOCH'
  | 'GROUP_MAX_SIZE_REACHED'
  | 'ILLEGAL_GENERATION'
  | 'INCONSISTENT_GROUP_PROTOCOL'
  | 'INELIGIBLE_REPLICA'
  | 'INVALID_CONFIG'
  | 'INVALID_PARTITIONS'
  | 'INVALID_PRODUCER_EPOCH'
  | 'INVALID_PRODUCER_ID_MAPPING'
  | 'INVALID_RECORD'
  | 'INVALID_RECORD_STATE'
  | 'INVALID_REPLICA_ASSIGNMENT'
  | 'INVALID_REPLICATION_FACTOR'
  | 'INVALID_SHARE_SESSION_EPOCH'
  | 'INVALID_TRANSACTION_TIMEOUT'
  | 'INVALID_TXN_STATE'
  | 'INVALID_UPDATE_VERSION'
  | 'LEADER_NOT_AVAILABLE'
  | 'MEMBER_ID_REQUIRED'
  | 'MESSAGE_TOO_LARGE'
  | 'NEW_LEADER_ELECTED'
  | 'NO_REASSIGNMENT_IN_PROGRESS'
  | 'NOT_CONTROLLER'
  | 'NOT_COORDINATOR'
  | 'NOT_ENOUGH_REPLICAS'
  | 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'
  | 'NOT_LEADER_OR_FOLLOWER'
  | 'OFFSET_NOT_AVAILABLE'
  | 'OFFSET_OUT_OF_RANGE'
  | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  | 'PREFERRED_LEADER_NOT_AVAILABLE'
  | 'PRODUCER_FENCED'
  | 'REBALANCE_IN_PROGRESS'
  | 'REQUEST_TIMED_OUT'
  | 'SHARE_SESSION_NOT_FOUND'
  | 'STALE_BROKER_EPOCH'
  | 'STALE_MEMBER_EPOCH'
  | 'TRANSACTION_ABORTABLE'
  | 'TRANSACTION_COORDINATOR_FENCED'
  | 'UNKNOWN_LEADER_EPOCH'
  | 'UNKNOWN_MEMBER_ID'
  | 'UNKNOWN_PRODUCER_ID'
  | 'UNKNOWN_TOPIC_OR_PARTITION'
  | 'UNRELEASED_INSTANCE_ID'
  | 'UNSTABLE_OFFSET_COMMIT';

/** Numbers of partitions and brokers in messages are their places in the layout. */
export type PartitionIndex = number;
export type BrokerIndex = number;

/** Every request and its response carry the number that pairs them. */
export interface Correlated extends Message {
  readonly correlation: number;
}

/** A control record that ends a producer's transaction in one partition; nobody is handed it. */
export interface Marker {
  readonly commit: boolean;
  /** Leader epoch under which the transaction coordinator wrote it. */
  readonly coordinatorEpoch: number;
}

/**
 * Records on their way into and in a log. Never changed once stamped, and shared by all replicas.
 * `baseOffset` and `leaderEpoch` are -1 until the leader has stamped it.
 */
export interface Batch {
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  /**
   * Epoch of the record in front of it in the log of the leader that stamped it, -1 when there is
   * none: for the audit, no broker reads it.
   */
  readonly epochBefore: number;
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
  /** Content of a batch of `__share_group_state`. */
  readonly share?: ShareImage;
  readonly transactional: boolean;
  /** Set in a control batch, which takes one offset and holds no message. */
  readonly marker: Marker | undefined;
  /** Content of a batch of `__transaction_state`. */
  readonly transactions: TransactionsImage | undefined;
  /** The subscription whose messages were transformed into these; -1: messages of a producer. */
  readonly origin: number;
  /** Its keys are serialised as four bytes, not as texts. */
  readonly integerKeys?: boolean;
  /** Which records are deletions of their key; absent when none. */
  readonly tombstones?: readonly boolean[];
  /** After compaction: how far behind `baseOffset` each record that is left lies. */
  readonly kept?: readonly number[];
  /** When its tombstones may go: set by the first cleaning that met them. */
  readonly horizon?: Micros;
}

const NOTHING: readonly MessageId[] = [];

/** Offset of the record at this place of a batch; compaction leaves gaps. */
export function offsetAt({ baseOffset, kept }: Batch, index: number): number {
  return baseOffset + (kept === undefined ? index : kept[index]);
}

/** Place of an offset in a batch that spans it; -1 when compaction removed its record. */
export function placeOf({ baseOffset, kept }: Batch, offset: number): number {
  return kept === undefined ? offset - baseOffset : kept.indexOf(offset - baseOffset);
}

/** What a batch of the cluster's own may hold. */
type InternalContent = Partial<
  Pick<
    Batch,
    | 'producerId'
    | 'producerEpoch'
    | 'bytes'
    | 'groups'
    | 'share'
    | 'transactional'
    | 'marker'
    | 'transactions'
  >
>;

/** A batch of the cluster's own: one record without messages. */
export function internalBatch(timestamp: Micros, content: InternalContent): Batch {
  return {
    baseOffset: -1,
    leaderEpoch: -1,
    epochBefore: -1,
    count: 1,
    producerId: content.producerId ?? -1,
    producerEpoch: content.producerEpoch ?? -1,
    baseSequence: -1,
    messages: NOTHING,
    keys: NOTHING,
    poison: undefined,
    bytes: content.bytes ?? 200,
    timestamp,
    groups: content.groups,
    transactional: content.transactional ?? false,
    marker: content.marker,
    transactions: content.transactions,
    origin: -1,
    tombstones: undefined,
    share: content.share,
  };
}

/** All batches have all fields, in one order: V8 then reads them as objects of one kind. */
export function stamp(
  batch: Batch,
  baseOffset: number,
  leaderEpoch: number,
  epochBefore: number,
): Batch {
  return {
    baseOffset,
    leaderEpoch,
    epochBefore,
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
    transactional: batch.transactional,
    marker: batch.marker,
    transactions: batch.transactions,
    origin: batch.origin,
    integerKeys: batch.integerKeys,
    tombstones: batch.tombstones,
    share: batch.share,
  };
}

/** The messages of several batches: read only while a trace is kept, so built only then. */
export function messagesOf(batches: readonly Batch[]): readonly MessageId[] {
  if (batches.length === 0) return NOTHING;
  return batches.length === 1 ? batches[0].messages : batches.flatMap((b) => b.messages);
}
