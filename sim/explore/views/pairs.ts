import type { Placement } from '../search/space.ts';
import { AT_END, NEEDS, type Decision } from './witness.ts';

/** A decision in one of the runs that were watched. */
export interface Sighting {
  readonly placed: Placement;
  readonly decision: Decision;
}

/** Two runs that a client cannot tell apart where it decides, and that need different things. */
export type Pair = readonly [Sighting, Sighting];

/**
 * Remembers, for each history that led a client to a decision, the truths that went with it. The
 * second truth is the proof: whatever the client does there, it is wrong in one of the two runs.
 */
export class Pairs {
  /** Histories with a decision so far. */
  get size(): number {
    return this.#seen.size;
  }
  readonly #seen = new Map<string, Sighting>();

  /** Adds the decisions of a run; the first pair, if they complete one. */
  add(placed: Placement, decisions: readonly Decision[]): Pair | undefined {
    let late: Pair | undefined;
    for (const decision of decisions) {
      const { mark, message, fact, truth } = decision;
      const name = `${mark} ${message} ${fact}`;
      const earlier = this.#seen.get(name);
      if (earlier === undefined) this.#seen.set(name, { placed, decision });
      else if (NEEDS[earlier.decision.truth] !== NEEDS[truth]) {
        const pair = [earlier, { placed, decision }] as const;
        // While there is still something to do, the choice is a choice.
        if (fact !== AT_END) return pair;
        late ??= pair;
      }
    }
    return late;
  }
}
