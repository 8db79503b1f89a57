import { Fact, FACT_NAMES, type Trace } from '../../kernel/entry.ts';
import type { World } from '../../kernel/world.ts';
import { roleOf } from './imagine.ts';

/** Facts of which a word says more than their kind: the place of that word among their numbers. */
const TELLING: Readonly<Record<number, number>> = {
  [Fact.counted]: 0,
  [Fact.ignored]: 1,
  [Fact.dropped]: 2,
  [Fact.returned]: 2,
  [Fact.retried]: 2,
  [Fact.failed]: 1,
  [Fact.unknown]: 1,
};

/**
 * What a run showed, coarsely: which facts which role stated, and which states its machines went
 * through. "retried@checkout REQUEST_TIMED_OUT", "orders-0: broker-1,broker-2 > broker-1".
 */
export class Coverage {
  readonly features = new Set<string>();

  trace(world: () => World): Trace {
    return {
      sent: () => {},
      event: () => {},
      tell: () => {},
      fact: (_index, _time, node, fact, args) => {
        const { names } = world();
        const text = (id: number) => (id < 0 ? '' : names.text(id));
        if (fact === Fact.became) {
          const [about, from, to] = args.map(text);
          this.features.add(`${unnumbered(about)}: ${from} > ${to}`);
          return;
        }
        const place = TELLING[fact];
        const word = place === undefined ? '' : ` ${text(args[place])}`;
        this.features.add(`${FACT_NAMES[fact]}@${roleOf(world().nameOf(node))}${word}`);
      },
    };
  }
}

const unnumbered = (about: string): string => about.replace(/\d+/g, '#');
