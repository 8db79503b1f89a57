import { assert } from '../../../sim/kernel/assert.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { Outgoing } from '../../parts/workload.ts';
import type { ClientMetadata } from '../client/metadata.ts';
import { exists } from '../client/partitions.ts';
import type { ProducerConfig } from '../config/settings.ts';
import type { Layout } from '../layout.ts';
import type { PartitionIndex } from '../protocol.ts';
import { BATCH_HEADER, ProducerBatch, RECORD_OVERHEAD } from './batch.ts';

/** What the producer holds of one partition. */
export interface Lane {
  readonly partition: PartitionIndex;
  /** Batches to be sent, the oldest first. */
  readonly queue: ProducerBatch[];
  /** Sent and not answered. */
  readonly inFlight: ProducerBatch[];
  /** The youngest message that a batch began with, and how often one began with an older one. */
  newest: number;
  repeats: number;
}

/** Tries of one batch, and more: what a transaction sends anew bears other names than before. */
const NAMES_OF_A_TRY = 1_000;

/** Records by partition until they are sent. Source: `RecordAccumulator`, Kafka 3.9. */
export class Accumulator {
  readonly lanes: readonly Lane[];
  /** Those of partitions that exist, as far as the producer's metadata goes. */
  known: readonly Lane[];
  readonly #config: ProducerConfig;
  #free: number;
  /** Callers of send() that wait for memory: while there are any, everything is ready. */
  exhausted = false;
  /** The producer is closing: nothing lingers. */
  closing = false;
  /** A transaction is ending: the same. */
  flushing = false;

  constructor(config: ProducerConfig, partitions: readonly PartitionIndex[]) {
    this.#config = config;
    this.#free = config.bufferMemory;
    this.lanes = partitions.map((partition) => ({
      partition,
      queue: [],
      inFlight: [],
      newest: -1,
      repeats: 0,
    }));
    this.known = this.lanes;
  }

  /** Partitions may have been added; none goes away. */
  learn(layout: Layout, metadata: ClientMetadata): void {
    const known = this.lanes.filter(({ partition }) => exists(layout, metadata, partition));
    if (known.length !== this.known.length) this.known = known;
  }

  sizeOf(outgoing: Outgoing): number {
    return outgoing.bytes + RECORD_OVERHEAD;
  }

  /** Would this record find memory now? */
  hasRoom(lane: Lane, bytes: number): boolean {
    return this.fits(lane, bytes) || this.#memoryFor(bytes) <= this.#free;
  }

  /** Can it ever? */
  canHold(bytes: number): boolean {
    return this.#memoryFor(bytes) <= this.#config.bufferMemory;
  }

  #memoryFor(bytes: number): number {
    return Math.max(this.#config.batchSize, BATCH_HEADER + bytes);
  }

  /** Does the record find room in the batch that is being filled? */
  fits(lane: Lane, bytes: number): boolean {
    const last = lane.queue.at(-1);
    return last !== undefined && !last.closed && last.bytes + bytes <= this.#config.batchSize;
  }

  /** Adds a record; true when it opened a new batch, so that something may have become ready. */
  append(lane: Lane, outgoing: Outgoing, bytes: number, now: Micros): boolean {
    let last = lane.queue.at(-1);
    const opens = !this.fits(lane, bytes);
    if (opens) {
      if (last !== undefined) last.closed = true;
      const memory = this.#memoryFor(bytes);
      assert(memory <= this.#free, 'a record is added only when there is memory for it');
      this.#free -= memory;
      last = new ProducerBatch(lane.partition, now, memory, outgoing.sequence);
      last.integerKeys = this.#config.integerKeys;
      if (outgoing.sequence > lane.newest) lane.newest = outgoing.sequence;
      else last.named = ++lane.repeats * NAMES_OF_A_TRY;
      lane.queue.push(last);
    }
    assert(last !== undefined, 'there is a batch to add to');
    last.add(outgoing, bytes);
    if (last.bytes >= this.#config.batchSize) last.closed = true;
    return opens || last.closed;
  }

  /** When the head of a lane may be sent; -Infinity: now. */
  readyAt(lane: Lane, knownEpoch: number, now: Micros): Micros {
    const head = lane.queue[0];
    if (head.retryAt > now) {
      // A leader newer than that of the last try is tried at once (KIP-951).
      if (knownEpoch <= head.leaderEpoch) return head.retryAt;
    }
    if (head.attempts > 0 || head.closed || lane.queue.length > 1) return -Infinity;
    if (this.exhausted || this.closing || this.flushing) return -Infinity;
    return head.created + this.#config.linger;
  }

  /** The batch is done with: its memory can be used again. */
  release(batch: ProducerBatch): void {
    this.#free += batch.memory;
    assert(this.#free <= this.#config.bufferMemory, 'memory is given back once');
  }

  /** Bytes waiting in a lane, and batches: for the partitioner. */
  isFull(lane: Lane): boolean {
    const last = lane.queue.at(-1);
    return last === undefined || last.closed;
  }

  /** Takes out what has not been sent once, or everything. */
  abandon(all: boolean): ProducerBatch[] {
    const found: ProducerBatch[] = [];
    for (const { queue, inFlight } of this.lanes) {
      const goes = (batch: ProducerBatch) => all || batch.baseSequence < 0;
      const left = queue.filter((batch) => !goes(batch));
      if (all) found.push(...inFlight.splice(0));
      found.push(...queue.filter(goes));
      queue.splice(0, queue.length, ...left);
    }
    return found.filter((batch) => !batch.done);
  }

  get empty(): boolean {
    return this.lanes.every((lane) => lane.queue.length === 0 && lane.inFlight.length === 0);
  }
}
