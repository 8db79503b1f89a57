import type { Offer, Outcome, Placement, Runner, Strategy } from './space.ts';

/**
 * Every placement of at most `maxFaults` faults, the smaller ones first, each exactly once.
 *
 * A run is the same as that of its placement without the last fault, up to where that one strikes.
 * So the placements are a tree: the children of one take up one more offer, later than all that it
 * has, of those that its own run asked. No order is tried twice and nothing is pruned.
 */
export function* exhaustive(run: Runner, maxFaults: number): Strategy {
  for (let size = 0; size <= maxFaults; size++) yield* level(run, [], size);
  return true;
}

function* level(run: Runner, faults: Placement, more: number): Generator<Outcome, void> {
  const wanted = new Set(faults);
  const outcome = run({ take: ({ label }) => wanted.has(label) });
  if (more === 0) {
    yield outcome;
    return;
  }
  // The parents were yielded with the smaller sizes; running one again is cheaper than keeping it.
  for (const { label } of later(outcome, faults)) {
    yield* level(run, [...faults, label], more - 1);
  }
}

/** What a run offered after its last fault struck, without names that were asked before. */
export function later({ offers }: Outcome, faults: Placement): Offer[] {
  const last = faults.at(-1);
  let open = last === undefined;
  const seen = new Set<string>();
  const found: Offer[] = [];
  for (const offer of offers) {
    const fresh = !seen.has(offer.label);
    seen.add(offer.label);
    if (open && fresh) found.push(offer);
    if (offer.label === last) open = true;
  }
  return found;
}
