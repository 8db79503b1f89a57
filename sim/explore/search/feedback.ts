import { Coverage } from './coverage.ts';
import { Draws } from './draws.ts';
import { type Outcome, type Placement, type Runner, type Strategy } from './space.ts';

interface Kept {
  readonly faults: Placement;
  readonly outcome: Outcome;
}

/**
 * Keeps every placement whose run showed something that no run before it showed, and changes the
 * kept ones a little: one fault more, one less, one elsewhere.
 */
export function* feedback(run: Runner, maxFaults: number, seed: string): Strategy {
  const draws = new Draws(seed);
  const seen = new Set<string>();
  const kept: Kept[] = [];
  let faults: Placement = [];
  for (;;) {
    const coverage = new Coverage();
    const wanted = new Set(faults);
    const outcome = run(
      (offer) => {
        if (!wanted.has(offer.label)) return false;
        coverage.strikes(offer);
        return true;
      },
      (world) => coverage.trace(world),
    );
    yield outcome;
    const before = seen.size;
    for (const feature of coverage.features) seen.add(feature);
    if (seen.size > before) kept.push({ faults: outcome.placed, outcome });
    if (outcome.offers.length === 0 && faults.length === 0) return true;
    // What was found last is the least explored: half of the time it is taken.
    const parent = draws.next(2) === 0 ? kept[kept.length - 1] : draws.pick(kept);
    faults = mutated(parent, maxFaults, draws);
  }
}

function mutated({ faults, outcome }: Kept, maxFaults: number, draws: Draws): Placement {
  const list = [...faults];
  const way = draws.next(4);
  if (list.length > 0 && (way === 0 || list.length >= maxFaults)) {
    list.splice(draws.next(list.length), 1);
    if (way === 0) return list;
  }
  // A kind first, then a place: else the most frequent kind of message takes nearly all.
  const kinds = [...new Set(outcome.offers.map(({ kind, type }) => `${kind} ${type}`))];
  if (kinds.length === 0) return list;
  const chosen = draws.pick(kinds);
  const places = outcome.offers.filter(({ kind, type }) => `${kind} ${type}` === chosen);
  const { label } = draws.pick(places);
  return list.includes(label) ? list : [...list, label];
}
