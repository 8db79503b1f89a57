import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { BrokerIndex, PartitionIndex } from '../protocol.ts';

interface Term {
  leader: BrokerIndex;
  /** It was in the ISR, or among the eligible replicas. */
  clean: boolean;
}

/** One leader in each epoch, and clean elections that lose nothing committed. */
export class Elections {
  readonly #leaders: Tally;
  readonly #committed: Tally;
  readonly #nameOf: (partition: PartitionIndex) => string;
  /** By partition and epoch. */
  readonly #terms: Map<number, Term>[] = [];

  constructor(leaders: Tally, committed: Tally, nameOf: (partition: PartitionIndex) => string) {
    this.#leaders = leaders;
    this.#committed = committed;
    this.#nameOf = nameOf;
  }

  #term(partition: PartitionIndex, epoch: number): Term {
    const terms = (this.#terms[partition] ??= new Map<number, Term>());
    let term = terms.get(epoch);
    if (term === undefined) terms.set(epoch, (term = { leader: -1, clean: true }));
    return term;
  }

  /** The controller decided on a leader; its broker hears of it later. */
  elected(partition: PartitionIndex, epoch: number, clean: boolean): void {
    this.#term(partition, epoch).clean = clean;
    if (clean) this.#committed.checked++;
  }

  /** Was the leader of this epoch elected cleanly? */
  isClean(partition: PartitionIndex, epoch: number): boolean {
    return this.#term(partition, epoch).clean;
  }

  leads(partition: PartitionIndex, broker: BrokerIndex, epoch: number, now: Micros): void {
    const term = this.#term(partition, epoch);
    this.#leaders.checked++;
    if (term.leader >= 0 && term.leader !== broker) {
      const { leader } = term;
      const both = `broker-${leader + 1} and broker-${broker + 1}`;
      const says = `${both} lead ${this.#nameOf(partition)} in epoch ${epoch}`;
      this.#leaders.violated(now, says);
    }
    term.leader = broker;
  }

  appends(partition: PartitionIndex, broker: BrokerIndex, epoch: number, now: Micros): void {
    const { leader } = this.#term(partition, epoch);
    if (leader === broker) return;
    const what = `appends to ${this.#nameOf(partition)} in epoch ${epoch}`;
    this.#leaders.violated(now, `broker-${broker + 1} ${what}, which it never led`);
  }

  /**
   * A new leader lacks committed records from `offset` on; `keptDisk`: and never lost what it had.
   */
  lacks(
    partition: PartitionIndex,
    broker: BrokerIndex,
    epoch: number,
    offset: number,
    keptDisk: boolean,
    now: Micros,
  ): void {
    if (!this.#term(partition, epoch).clean || !keptDisk) return;
    const leader = `broker-${broker + 1}, elected cleanly in epoch ${epoch},`;
    const says = `${leader} lacks ${this.#nameOf(partition)}/${offset}, which was committed`;
    this.#committed.violated(now, says);
  }
}
