import { Fact, FACT_NAMES, type Trace } from '../../kernel/entry.ts';
import type { World } from '../../kernel/world.ts';
import type { Offer } from './space.ts';

/** Facts of which a word says more than their kind: the place of that word among their numbers. */
const TELLING: Readonly<Record<number, number>> = {
  [Fact.counted]: 0,
  [Fact.became]: 2,
  [Fact.ignored]: 1,
  [Fact.dropped]: 2,
  [Fact.returned]: 2,
};

/**
 * What a run showed, coarsely: which facts were stated by which role, after a fault of which kind.
 * "lose ProduceResponse: stored@broker" is one such feature.
 */
export class Coverage {
  readonly features = new Set<string>();
  #after = '';

  strikes({ kind, type }: Offer): void {
    this.#after = `${kind} ${type}`;
  }

  trace(world: () => World): Trace {
    return {
      sent: () => {},
      event: () => {},
      tell: () => {},
      fact: (_index, _time, node, fact, args) => {
        const role = world().nameOf(node).replace(/-\d+$/, '');
        const place = TELLING[fact];
        const id = place === undefined ? -1 : args[place];
        const word = id < 0 ? '' : ` ${world().names.text(id)}`;
        this.features.add(`${this.#after}: ${FACT_NAMES[fact]}@${role}${word}`);
      },
    };
  }
}
