import type { Batch } from './protocol.ts';

/** One aborted transaction in one partition, from its first record to its marker. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly first: number;
  /** Offset of the marker. */
  readonly last: number;
}

/** A transaction that is open in a partition. */
export interface OpenTransaction {
  readonly producerId: number;
  readonly first: number;
}

const NONE: readonly AbortedTransaction[] = [];

/**
 * Which transactions a partition holds, derived from its log alone: what bounds the readers of
 * committed data, and what they skip. Source: `ProducerStateManager` (ongoingTxns,
 * unreplicatedTxns), `TransactionIndex`, Kafka 3.9.
 */
export class TransactionIndex {
  /** Producer -> first offset of its open transaction. */
  readonly #open = new Map<number, number>();
  /** Ended, and the marker may lie above the high watermark; by marker. */
  #ended: AbortedTransaction[] = [];
  /** By marker. */
  #aborted: AbortedTransaction[] = [];

  /** A batch stands in the log that belongs to a transaction or ends one. */
  note(batch: Batch): void {
    const { producerId, baseOffset, marker } = batch;
    if (marker === undefined) {
      if (!this.#open.has(producerId)) this.#open.set(producerId, baseOffset);
      return;
    }
    const first = this.#open.get(producerId);
    // A marker for a transaction that wrote nothing here.
    if (first === undefined) return;
    this.#open.delete(producerId);
    const ended = { producerId, first, last: baseOffset };
    this.#ended.push(ended);
    if (!marker.commit) this.#aborted.push(ended);
  }

  isOpen(producerId: number): boolean {
    return this.#open.has(producerId);
  }

  /**
   * The last stable offset: before the first transaction that is open, or whose marker is not below
   * the high watermark.
   */
  lastStable(highWatermark: number): number {
    if (this.#open.size === 0 && this.#ended.length === 0) return highWatermark;
    let replicated = 0;
    while (replicated < this.#ended.length && this.#ended[replicated].last < highWatermark) {
      replicated++;
    }
    if (replicated > 0) this.#ended = this.#ended.slice(replicated);
    let bound = highWatermark;
    for (const first of this.#open.values()) bound = Math.min(bound, first);
    for (const { first } of this.#ended) bound = Math.min(bound, first);
    return bound;
  }

  /** Belongs this batch to a transaction that was aborted? */
  isAborted({ producerId, baseOffset, transactional, marker }: Batch): boolean {
    if (!transactional || marker !== undefined) return false;
    return this.#aborted.some(
      (one) => one.producerId === producerId && one.first <= baseOffset && baseOffset < one.last,
    );
  }

  /** Aborted transactions with records in [from, to). */
  abortedIn(from: number, to: number): readonly AbortedTransaction[] {
    if (this.#aborted.length === 0) return NONE;
    return this.#aborted.filter(({ first, last }) => last >= from && first < to);
  }

  open(): readonly OpenTransaction[] {
    return [...this.#open].map(([producerId, first]) => ({ producerId, first }));
  }

  /** The log starts at `start` now. */
  trim(start: number): void {
    if (this.#aborted.length === 0) return;
    this.#aborted = this.#aborted.filter(({ last }) => last >= start);
  }

  /** As of the start of a log whose earlier part is gone. */
  static of(open: readonly OpenTransaction[]): TransactionIndex {
    const index = new TransactionIndex();
    for (const { producerId, first } of open) index.#open.set(producerId, first);
    return index;
  }
}
