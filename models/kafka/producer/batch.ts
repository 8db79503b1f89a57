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
  /** No further record goes into it. */
  closed = false;
  done = false;
  attempts = 0;
  /** Not sent again before. */
  retryAt: Micros = 0;
  /** Leader epoch that was known at the last try. */
  leaderEpoch = -1;
  /** Some try may have been appended. */
  ambiguous = false;
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

  add({ message, key, poison }: Outgoing, bytes: number): void {
    this.messages.push(message);
    this.keys.push(key);
    if (poison && this.poison === undefined) {
      this.poison = new Array<boolean>(this.messages.length - 1).fill(false);
    }
    this.poison?.push(poison);
    this.bytes += bytes;
  }

  /** As it travels. */
  wire(): Batch {
    return {
      baseOffset: -1,
      leaderEpoch: -1,
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
    };
  }
}
