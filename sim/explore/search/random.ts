import { MILLION } from '../../kernel/time.ts';
import { Draws } from './draws.ts';
import { place, type Offer, type Runner, type Strategy } from './space.ts';

/**
 * Swarm search: each run draws which kinds of fault are in play at all, and how often they strike.
 * With all kinds in play at one rate the frequent ones drown the rare ones (Groce et al., Swarm
 * Testing, 2012).
 */
export function* swarm(run: Runner, maxFaults: number, seed: string): Strategy {
  const draws = new Draws(seed);
  const quiet = place(run, []);
  yield quiet;
  const counts = new Map<string, number>();
  for (const offer of quiet.offers) counts.set(kindOf(offer), (counts.get(kindOf(offer)) ?? 0) + 1);
  if (counts.size === 0) return true;
  const kinds = [...counts.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  for (let round = 1; ; round++) {
    const on = new Set(kinds.filter(() => draws.next(2) === 1));
    if (on.size === 0) on.add(draws.pick(kinds));
    const wanted = 1 + draws.next(maxFaults);
    const places = [...on].reduce((sum, kind) => sum + (counts.get(kind) ?? 0), 0);
    const ppm = Math.floor((wanted * MILLION) / Math.max(1, places));
    let left = maxFaults;
    yield run((offer) => {
      if (left === 0) return false;
      // A kind that the quiet run knows nothing of comes up after a fault: it is in play.
      if (counts.has(kindOf(offer)) && !on.has(kindOf(offer))) return false;
      if (draws.ofName(offer.label, round, MILLION) >= ppm) return false;
      left--;
      return true;
    });
  }
}

const kindOf = ({ kind, type }: Offer) => `${kind} ${type}`;
