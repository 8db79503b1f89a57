import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { Batch, PartitionIndex } from '../protocol.ts';

/** What became of a transaction in one partition, as its log says. */
interface Fate {
  is: 'open' | 'committed' | 'aborted';
}

/** Readers of committed data: told from the markers alone, not from the index that brokers keep. */
export class AbortedReads {
  readonly #tally: Tally;
  readonly #nameOf: (partition: PartitionIndex) => string;
  readonly #fates = new WeakMap<Batch, Fate>();
  /** By partition and producer. */
  readonly #open: Map<number, Fate>[] = [];

  constructor(tally: Tally, nameOf: (partition: PartitionIndex) => string) {
    this.#tally = tally;
    this.#nameOf = nameOf;
  }

  /** A leader appends a batch of a transaction, or the marker that ends one. */
  appends(partition: PartitionIndex, batch: Batch): void {
    const open = (this.#open[partition] ??= new Map<number, Fate>());
    const { producerId, marker } = batch;
    const fate = open.get(producerId);
    if (marker === undefined) {
      const own = fate ?? { is: 'open' };
      if (fate === undefined) open.set(producerId, own);
      this.#fates.set(batch, own);
    } else if (fate !== undefined) {
      fate.is = marker.commit ? 'committed' : 'aborted';
      open.delete(producerId);
    }
  }

  /** A reader of committed data hands a record to its application. */
  reads(partition: PartitionIndex, offset: number, batch: Batch, now: Micros): void {
    if (!batch.transactional) return;
    const fate = this.#fates.get(batch);
    // Rewritten by a cleaner: nobody can tell any more.
    if (fate === undefined) return;
    this.#tally.checked++;
    if (fate.is === 'committed') return;
    const { is } = fate;
    this.#tally.violated(now, () => {
      const where = `${this.#nameOf(partition)}/${offset}`;
      return `${where} is handed to a reader of committed data; its transaction is ${is}`;
    });
  }
}
