import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { BrokerIndex, PartitionIndex } from '../protocol.ts';

interface Mark {
  epoch: number;
  mark: number;
}

/** The high watermark as leaders tell it to whoever fetches. */
export class Watermarks {
  readonly #tally: Tally;
  readonly #nameOf: (partition: PartitionIndex) => string;
  /** By partition and broker. */
  readonly #marks: (Mark | undefined)[][] = [];

  constructor(tally: Tally, nameOf: (partition: PartitionIndex) => string) {
    this.#tally = tally;
    this.#nameOf = nameOf;
  }

  stands(
    partition: PartitionIndex,
    broker: BrokerIndex,
    epoch: number,
    mark: number,
    now: Micros,
  ): void {
    const marks = (this.#marks[partition] ??= []);
    const last = (marks[broker] ??= { epoch, mark });
    this.#tally.checked++;
    if (last.epoch === epoch && mark < last.mark) {
      const where = `broker-${broker + 1}, leader of ${this.#nameOf(partition)}`;
      const says = `${where} in epoch ${epoch}, goes back from ${last.mark} to ${mark}`;
      this.#tally.violated(now, says);
    }
    last.epoch = epoch;
    last.mark = mark;
  }
}
