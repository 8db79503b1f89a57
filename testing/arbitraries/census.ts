import { FACT_NAMES, type Trace } from '../../sim/kernel/entry.ts';
import { Execution } from '../../scenarios/execute.ts';
import { guarded } from '../guard.ts';
import type { Subject } from '../subject.ts';

/** What there is in a run without faults: where a fault has something to strike. */
export interface Census {
  /** Type of message -> how many were sent. */
  readonly messages: ReadonlyMap<string, number>;
  /** Fact -> how often it was stated. */
  readonly moments: ReadonlyMap<string, number>;
  readonly nodes: readonly string[];
  /** How long it took, in milliseconds. */
  readonly lasts: number;
}

export function takeCensus({ scenario, seed }: Subject): Census {
  const messages = new Map<string, number>();
  const moments = new Map<string, number>();
  const more = (counts: Map<string, number>, name: string) => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const trace: Trace = {
    sent: ({ type }) => more(messages, type),
    fact: (_index, _time, _node, fact) => more(moments, FACT_NAMES[fact]),
    event() {},
    tell() {},
  };
  const { world } = guarded(() => {
    const execution = new Execution({ ...scenario, faults: [] }, { seed, trace });
    while (!execution.advance(Infinity));
    return execution;
  });
  const nodes = Array.from({ length: world.size }, (_, id) => world.nameOf(id));
  return { messages, moments, nodes, lasts: Math.ceil(world.now / 1000) };
}
