import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { Batch, PartitionIndex } from '../protocol.ts';

/** Readers, of leaders and of followers: told from what leaders came to, not from watermarks. */
export class UncommittedReads {
  readonly #tally: Tally;
  readonly #nameOf: (partition: PartitionIndex) => string;
  /** Cut away, or about to be, without ever having been committed. */
  readonly #never = new WeakSet<Batch>();
  #some = false;

  constructor(tally: Tally, nameOf: (partition: PartitionIndex) => string) {
    this.#tally = tally;
    this.#nameOf = nameOf;
  }

  /** The leader that was elected cleanly lacks a batch, and so it will never be committed. */
  never(batch: Batch): void {
    this.#never.add(batch);
    this.#some = true;
  }

  /** A reader hands a record to its application. */
  reads(partition: PartitionIndex, offset: number, batch: Batch, now: Micros): void {
    this.#tally.checked++;
    if (!this.#some || !this.#never.has(batch)) return;
    this.#tally.violated(now, () => {
      const where = `${this.#nameOf(partition)}/${offset} of epoch ${batch.leaderEpoch}`;
      return `${where} is handed to a reader and was never committed`;
    });
  }
}
