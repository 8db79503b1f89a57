import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { ReplicaLog } from '../log.ts';
import type { Batch, BrokerIndex, PartitionIndex } from '../protocol.ts';

/**
 * Log matching. Epoch and offset name a record, because an epoch has one leader. So two logs that
 * share a record are the same before it if they were the same before each record that they took:
 * it is enough to look, at each append of a follower, at the epoch of the record in front.
 */
export class Histories {
  readonly #tally: Tally;
  readonly #nameOf: (partition: PartitionIndex) => string;

  constructor(tally: Tally, nameOf: (partition: PartitionIndex) => string) {
    this.#tally = tally;
    this.#nameOf = nameOf;
  }

  follows(
    partition: PartitionIndex,
    broker: BrokerIndex,
    batch: Batch,
    log: ReplicaLog,
    now: Micros,
  ): void {
    const wanted = batch.epochBefore;
    // Rewritten by a cleaner, or the first record of one of the two logs: nothing to compare.
    if (wanted < 0) return;
    const found = epochBefore(log, batch.baseOffset);
    if (found < 0) return;
    this.#tally.checked++;
    if (found === wanted) return;
    const where = `${this.#nameOf(partition)}/${batch.baseOffset}`;
    const has = `has epoch ${found} in front of it, its leader epoch ${wanted}`;
    const says = `broker-${broker + 1} takes ${where} of epoch ${batch.leaderEpoch} and ${has}`;
    this.#tally.violated(now, says);
  }

  /** The first answer of a leader found no difference, and there is one: it will stay for ever. */
  differs(partition: PartitionIndex, broker: BrokerIndex, records: number, now: Micros): void {
    const where = `its log of ${this.#nameOf(partition)}`;
    const says = `broker-${broker + 1} goes on with ${records} records in ${where} that its leader lacks`;
    this.#tally.violated(now, says);
  }
}

/** Epoch of the record in front of `offset`, -1 when the log begins there. */
export function epochBefore(log: ReplicaLog, offset: number): number {
  return offset > log.start ? log.epochs.at(offset - 1) : -1;
}
