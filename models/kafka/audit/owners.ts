import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { PartitionIndex } from '../protocol.ts';

/** Generations of a group that are remembered: late answers concern the last ones. */
const KEPT = 4;

/**
 * Who was told to own what, by group and generation (of KIP-848: the member's epoch). A static
 * instance is one owner, whatever its member id.
 */
export class Owners {
  readonly #tally: Tally;
  readonly #nameOf: (partition: PartitionIndex) => string;
  readonly #groups = new Map<string, Map<number, Map<PartitionIndex, string>>>();

  constructor(tally: Tally, nameOf: (partition: PartitionIndex) => string) {
    this.#tally = tally;
    this.#nameOf = nameOf;
  }

  owns(
    group: string,
    generation: number,
    owner: string,
    partitions: readonly PartitionIndex[],
    now: Micros,
  ): void {
    const owners = this.#ownersOf(group, generation);
    for (const partition of partitions) {
      this.#tally.checked++;
      const other = owners.get(partition);
      owners.set(partition, owner);
      if (other === undefined || other === owner) continue;
      this.#tally.violated(now, () => {
        const both = `${other} and ${owner} own ${this.#nameOf(partition)}`;
        return `${both} in generation ${generation} of ${group}`;
      });
    }
  }

  /** A coordinator leads with a log that lost its end: it counts generations anew. */
  restart(): void {
    this.#groups.clear();
  }

  #ownersOf(group: string, generation: number): Map<PartitionIndex, string> {
    let generations = this.#groups.get(group);
    if (generations === undefined) this.#groups.set(group, (generations = new Map()));
    let owners = generations.get(generation);
    if (owners === undefined) {
      generations.set(generation, (owners = new Map<PartitionIndex, string>()));
      for (const old of generations.keys()) {
        if (generations.size <= KEPT) break;
        generations.delete(old);
      }
    }
    return owners;
  }
}
