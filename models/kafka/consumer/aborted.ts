import type { Batch } from '../protocol.ts';
import type { AbortedTransaction } from '../transaction-index.ts';

/**
 * What a reader of committed data leaves out of one fetched stretch of a log: records between the
 * first record of an aborted transaction and its marker. Source: `CompletedFetch`.
 */
export class AbortedFilter {
  /** Not met yet, by their first offset. */
  readonly #ahead: AbortedTransaction[];
  /** Producers inside an aborted transaction. */
  readonly #aborting = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#ahead = [...aborted].sort((a, b) => a.first - b.first || a.producerId - b.producerId);
  }

  /** Is this batch, the next one, left out? */
  skips({ baseOffset, count, producerId, transactional, marker }: Batch): boolean {
    while (this.#ahead.length > 0 && this.#ahead[0].first < baseOffset + count) {
      const next = this.#ahead.shift();
      if (next !== undefined) this.#aborting.add(next.producerId);
    }
    if (marker !== undefined) {
      if (!marker.commit) this.#aborting.delete(producerId);
      return true;
    }
    return transactional && this.#aborting.has(producerId);
  }
}
