import { Cuts } from './cuts.ts';
import { Draws } from './draws.ts';
import { both } from './hear.ts';
import { earlierOf } from './imagine.ts';
import { cutsOf } from './lineage.ts';
import { place, planned, plannedFault } from './planned.ts';
import type { Portrait } from './portrait.ts';
import type { Scope } from './scope.ts';
import { ddmin } from './shrink.ts';
import type { Placement, Runner } from './space.ts';
import { Support } from './support.ts';

/** What is left of a plan when some of it is taken out, and how it can be cut otherwise. */
interface Rest {
  readonly faults: Placement;
  readonly portrait: Portrait;
  readonly cuts: Cuts;
}

/**
 * A plan with fewer faults than one of which none can go: two of them go, and one other comes. A
 * search that places several at once finds roundabout ways first.
 */
export function fewer(
  run: Runner,
  faults: Placement,
  keeps: (faults: Placement) => boolean,
  scope: Scope,
  tries: number,
): Placement {
  const draws = new Draws(`fewer/${scope.seed}`);
  const rests = new Map<string, Rest>();
  let best = faults;
  for (let left = tries; left > 0 && best.length > 1; left--) {
    const rest = restOf(run, without(best, draws), scope, draws, rests);
    const known = rest.faults.map((label) => plannedFault(label)).filter((f) => f !== undefined);
    const earlier = earlierOf(known, rest.portrait);
    const more = cutsOf(rest.cuts, 1, earlier, rest.portrait, draws);
    const candidate = [...rest.faults, ...more.map(planned)];
    if (!keeps(candidate)) continue;
    best = ddmin(candidate, keeps);
    left = tries;
  }
  return best;
}

function without(faults: Placement, draws: Draws): Placement {
  const list = [...faults];
  for (let i = 0; i < 2; i++) list.splice(draws.next(list.length), 1);
  return list;
}

function restOf(
  run: Runner,
  faults: Placement,
  scope: Scope,
  draws: Draws,
  rests: Map<string, Rest>,
): Rest {
  const name = faults.join('\n');
  const known = rests.get(name);
  if (known !== undefined) return known;
  const portrait = scope.portrait();
  const support = new Support(new Set(scope.ground.facts));
  place(run, faults, { trace: (world) => both(portrait.trace(world), support.trace(world)) });
  const rest = { faults, portrait, cuts: new Cuts(scope.ground, portrait, support, draws) };
  rests.set(name, rest);
  return rest;
}
