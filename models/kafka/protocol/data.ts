import type { AbortedTransaction } from '../transaction-index.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { Image, PartitionState } from '../image.ts';
import {
  type Batch,
  type BrokerIndex,
  type Correlated,
  type ErrorName,
  messagesOf,
  type PartitionIndex,
} from './base.ts';

/** What clients and brokers say to each other about records, and followers to leaders. */

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
  /** Absent: an idempotent producer without transactions. */
  readonly transaction?: {
    readonly id: string;
    readonly timeout: Micros;
    /** What the producer was given before, to have its epoch raised (KIP-360); -1: a new one. */
    readonly producerId: number;
    readonly producerEpoch: number;
  };
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
  readonly transactionalId: string | undefined;
  /** How long the broker may wait for replication. */
  readonly timeout: Micros;
  readonly entries: readonly ProduceEntry[];
  readonly bytes: number;
  /**
   * Its causal name, which the response bears too: first record of the first batch, and the try.
   */
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
    transactionalId?: string,
  ) {
    this.transactionalId = transactionalId;
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
  /** With UNKNOWN_PRODUCER_ID: where the log starts. */
  readonly logStart?: number;
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
  /** Where a consumer is, when it says so (KIP-392). */
  readonly rack?: string;
  /** isolation.level=read_committed. */
  readonly committed?: boolean;
}

export interface FetchedPartition {
  readonly partition: PartitionIndex;
  readonly error: ErrorName;
  readonly highWatermark: number;
  readonly logStart: number;
  readonly batches: readonly Batch[];
  /** Set when the fetcher's history differs: its epoch there, and where that epoch ends here. */
  readonly diverging: EpochEnd | undefined;
  /** Read from this replica instead. */
  readonly preferred?: BrokerIndex;
  /** Last stable offset and aborted transactions; answered to readers of committed data. */
  readonly lastStable?: number;
  readonly aborted?: readonly AbortedTransaction[];
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
  /** Or the first record that is not older than a time of the log's clock. */
  readonly at: 'earliest' | 'latest' | Micros;
  readonly committed?: boolean;
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
