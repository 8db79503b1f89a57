import type { Micros } from '../../../sim/kernel/time.ts';
import type { Outgoing } from '../../parts/workload.ts';
import type { Batch, PartitionIndex } from '../protocol.ts';

/** Size facts of record batch version 2. */
export const BATCH_HEADER = 61;
export const RECORD_OVERHEAD = 21;

/** A batch on its way through the producer: filled, sent, retried, and done with once. */
export class ProducerBatch {
  readonly partition: PartitionIndex;
  readonly created: Micros;
  /** Taken from buffer.memory. */
  readonly memory: number;
  /** Place of its first record among the producer's: with the try, its causal name. */
  readonly nr: number;
  messages: number[] = [];
  keys: number[] = [];
  poison: boolean[] | undefined;
  bytes = BATCH_HEADER;
  /** Bytes of the first record, of the largest, and of each when they differ. */
  #first = 0;
  largest = 0;
  #sizes: number[] | undefined;
  /** No further record goes into it. */
  closed = false;
  done = false;
  attempts = 0;
  /** Cut from a batch that was too large, after so many tries under other cuts. */
  isPiece = false;
  named = 0;
  /** Not sent again before. */
  retryAt: Micros = -Infinity;
  /** Leader epoch that was known at the last try. */
  leaderEpoch = -1;
  /** Some try may have been appended. */
  ambiguous = false;
  transactional = false;
  integerKeys = false;
  /** See `Batch.origin`. */
  origin = -1;
  producerId = -1;
  producerEpoch = -1;
  baseSequence = -1;
  /** Its sequence was given anew after an epoch bump. */
  renumbered = false;

  constructor(partition: PartitionIndex, created: Micros, memory: number, nr: number) {
    this.partition = partition;
    this.created = created;
    this.memory = memory;
    this.nr = nr;
  }

  get count(): number {
    return this.messages.length;
  }

  add({ message, key, poison }: Pick<Outgoing, 'message' | 'key' | 'poison'>, bytes: number): void {
    this.#note(bytes);
    // An array that grows takes room for seventeen, and most batches hold one record.
    if (this.messages.length === 0) {
      this.messages = [message];
      this.keys = [key];
    } else {
      this.messages.push(message);
      this.keys.push(key);
    }
    if (poison && this.poison === undefined) {
      this.poison = new Array<boolean>(this.messages.length - 1).fill(false);
    }
    this.poison?.push(poison);
    this.bytes += bytes;
  }

  #note(bytes: number): void {
    if (this.messages.length === 0) this.#first = bytes;
    else if (bytes !== this.#first) {
      this.#sizes ??= new Array<number>(this.messages.length).fill(this.#first);
    }
    this.#sizes?.push(bytes);
    if (bytes > this.largest) this.largest = bytes;
  }

  /** Bytes of one record. */
  sizeOf(index: number): number {
    return this.#sizes?.[index] ?? this.#first;
  }

  /** As it travels. */
  wire(): Batch {
    return {
      baseOffset: -1,
      leaderEpoch: -1,
      epochBefore: -1,
      count: this.messages.length,
      producerId: this.producerId,
      producerEpoch: this.producerEpoch,
      baseSequence: this.baseSequence,
      messages: this.messages,
      keys: this.keys,
      poison: this.poison,
      bytes: this.bytes,
      timestamp: this.created,
      groups: undefined,
      transactional: this.transactional,
      marker: undefined,
      transactions: undefined,
      origin: this.origin,
      integerKeys: this.integerKeys,
      tombstones: undefined,
      share: undefined,
    };
  }
}
