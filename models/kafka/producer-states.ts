import type { Micros } from '../../sim/kernel/time.ts';
import type { Batch, ErrorName } from './protocol.ts';

/** Batches that are remembered for each producer (KAFKA-5494). */
export const RETAINED = 5;
const SEQUENCES = 2 ** 31;

/** Sequence numbers have 31 bits and wrap to 0. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) % SEQUENCES;
}

interface Written {
  readonly first: number;
  readonly last: number;
  readonly offset: number;
}

/** One producer as a partition knows it. Replaced, never changed: snapshots keep old ones. */
export interface ProducerEntry {
  readonly id: number;
  readonly epoch: number;
  /** Up to five newest batches, oldest first. */
  readonly batches: readonly Written[];
  readonly timestamp: Micros;
  /** Leader epoch of the coordinator that wrote its last marker; -1 without one. */
  readonly coordinatorEpoch: number;
}

/** Of its size from the beginning: an array that grows takes room for more. */
function withNewest(older: readonly Written[], newest: Written): Written[] {
  const from = Math.max(0, older.length - RETAINED + 1);
  const batches = new Array<Written>(older.length - from + 1);
  for (let i = from; i < older.length; i++) batches[i - from] = older[i];
  batches[older.length - from] = newest;
  return batches;
}

/** What the leader does with a batch from a client. */
export type Admission =
  | { readonly is: 'append' }
  | { readonly is: 'duplicate'; readonly offset: number }
  | { readonly is: 'refused'; readonly error: ErrorName };

const APPEND: Admission = { is: 'append' };
const OUT_OF_ORDER: Admission = { is: 'refused', error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' };
const OLD_EPOCH: Admission = { is: 'refused', error: 'INVALID_PRODUCER_EPOCH' };

/**
 * Idempotence at the broker: per producer the epoch and its newest batches, built from the log
 * alone. Source: `ProducerStateManager`, `ProducerAppendInfo`.
 */
export class ProducerStates {
  #entries = new Map<number, ProducerEntry>();

  /**
   * Judges a batch from a client, which is known again when it is one of the newest so many.
   * Followers do not ask: they replay what the leader accepted.
   */
  admit(batch: Batch, remembered = RETAINED): Admission {
    const entry = this.#entries.get(batch.producerId);
    // Nothing known of this producer: any sequence is as good as another.
    if (entry === undefined) return APPEND;
    const { producerEpoch, baseSequence } = batch;
    if (producerEpoch < entry.epoch) return OLD_EPOCH;
    if (producerEpoch > entry.epoch) return baseSequence === 0 ? APPEND : OUT_OF_ORDER;
    const last = sequenceAfter(baseSequence, batch.count - 1);
    for (let i = Math.max(0, entry.batches.length - remembered); i < entry.batches.length; i++) {
      const written = entry.batches[i];
      if (written.first === baseSequence && written.last === last) {
        return { is: 'duplicate', offset: written.offset };
      }
    }
    const newest = entry.batches.at(-1);
    // A marker brought the epoch: nothing of it was written here yet.
    const expected = newest === undefined ? 0 : sequenceAfter(newest.last, 1);
    return baseSequence === expected ? APPEND : OUT_OF_ORDER;
  }

  /**
   * Judges a marker: those of coordinators that were replaced, and of older epochs, are refused.
   */
  admitMarker(producerId: number, epoch: number, coordinatorEpoch: number): ErrorName {
    const entry = this.#entries.get(producerId);
    if (entry === undefined) return 'NONE';
    if (entry.coordinatorEpoch > coordinatorEpoch) return 'TRANSACTION_COORDINATOR_FENCED';
    return epoch < entry.epoch ? 'INVALID_PRODUCER_EPOCH' : 'NONE';
  }

  #marked({ producerId: id, producerEpoch: epoch, timestamp, marker }: Batch): void {
    const known = this.#entries.get(id);
    const batches = known?.epoch === epoch ? known.batches : [];
    const coordinatorEpoch = marker?.coordinatorEpoch ?? -1;
    this.#entries.set(id, { id, epoch, batches, timestamp, coordinatorEpoch });
  }

  /** A batch of this producer stands in the log. */
  update(batch: Batch): void {
    if (batch.marker !== undefined) return this.#marked(batch);
    const { producerId: id, producerEpoch: epoch, baseSequence: first } = batch;
    const written = {
      first,
      last: sequenceAfter(first, batch.count - 1),
      offset: batch.baseOffset,
    };
    const known = this.#entries.get(id);
    const batches =
      known === undefined || known.epoch !== epoch ? [written] : withNewest(known.batches, written);
    const coordinatorEpoch = known?.coordinatorEpoch ?? -1;
    this.#entries.set(id, { id, epoch, batches, timestamp: batch.timestamp, coordinatorEpoch });
  }

  /** Epoch of a producer here, -1 when nothing is known of it. */
  epochOf(id: number): number {
    return this.#entries.get(id)?.epoch ?? -1;
  }

  /** Is anything known of this producer? */
  knows(id: number): boolean {
    return this.#entries.has(id);
  }

  /** Offset of the producer's newest batch, -1 without. */
  newestOf(id: number): number {
    return this.#entries.get(id)?.batches.at(-1)?.offset ?? -1;
  }

  /** Before 2.5 a producer was forgotten with the last of its records. */
  forgetBefore(start: number): void {
    for (const id of this.#entries.keys()) if (this.newestOf(id) < start) this.#entries.delete(id);
  }

  /** `busy`: not while a transaction of the producer is open. */
  expire(before: Micros, busy: (producerId: number) => boolean): void {
    for (const [id, entry] of this.#entries) {
      if (entry.timestamp < before && !busy(id)) this.#entries.delete(id);
    }
  }

  entries(): readonly ProducerEntry[] {
    return [...this.#entries.values()];
  }

  load(entries: readonly ProducerEntry[]): void {
    for (const entry of entries) this.#entries.set(entry.id, entry);
  }

  copy(): ProducerStates {
    const copy = new ProducerStates();
    copy.#entries = new Map(this.#entries);
    return copy;
  }
}
