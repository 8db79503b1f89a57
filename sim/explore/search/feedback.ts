import { Coverage } from './coverage.ts';
import { Cuts } from './cuts.ts';
import { Draws } from './draws.ts';
import { both } from './hear.ts';
import { earlierOf, type Ground, spansFor } from './imagine.ts';
import { cutsOf, sizeOf } from './lineage.ts';
import { place, planned, plannedFault } from './planned.ts';
import type { Portrait } from './portrait.ts';
import type { Scope } from './scope.ts';
import type { Outcome, Placement, Runner, Strategy } from './space.ts';
import { Support } from './support.ts';

/** A plan whose run showed something new, and what there is to cut in it. */
interface Kept {
  readonly faults: Placement;
  readonly portrait: Portrait;
  readonly cuts: Cuts;
  readonly features: readonly string[];
  /** How often it was changed into another. */
  tried: number;
}

/**
 * Keeps every plan whose run showed something that no run before it showed, without the faults that
 * this did not take, and changes the kept ones: faults more, one less, one otherwise. So it comes
 * by steps to what takes several faults.
 */
export function* feedback(run: Runner, scope: Scope): Strategy {
  const draws = new Draws(`feedback/${scope.seed}`);
  /** How many runs showed each feature. */
  const seen = new Map<string, number>();
  const kept: Kept[] = [];
  let faults: Placement = [];
  for (;;) {
    const features = yield* showing(run, faults);
    const fresh = [...features].filter((feature) => !seen.has(feature));
    for (const feature of features) seen.set(feature, (seen.get(feature) ?? 0) + 1);
    if (fresh.length > 0) {
      const least = yield* trimmed(run, faults, fresh);
      kept.push(yield* keeping(run, least, fresh, scope, draws));
    }
    faults = mutated(chosen(kept, seen, draws), scope, draws);
    if (faults.length === 0 && kept.length === 1) return true;
  }
}

/** A run, and what it shows. */
function* showing(run: Runner, faults: Placement): Generator<Outcome, ReadonlySet<string>> {
  const coverage = new Coverage();
  yield place(run, faults, { trace: (world) => coverage.trace(world) });
  return coverage.features;
}

/** Without the faults that what was new did not take. */
function* trimmed(
  run: Runner,
  faults: Placement,
  fresh: readonly string[],
): Generator<Outcome, Placement> {
  let best = faults;
  for (const fault of faults) {
    if (best.length < 2) break;
    const fewer = best.filter((other) => other !== fault);
    const features = yield* showing(run, fewer);
    if (fresh.every((feature) => features.has(feature))) best = fewer;
  }
  return best;
}

/** Runs once more, to see where this run can be cut: few are kept, and this is what costs. */
function* keeping(
  run: Runner,
  faults: Placement,
  features: readonly string[],
  { ground, portrait: empty }: Scope,
  draws: Draws,
): Generator<Outcome, Kept> {
  const portrait = empty();
  const support = new Support(new Set(ground.facts));
  yield place(run, faults, {
    trace: (world) => both(portrait.trace(world), support.trace(world)),
  });
  const cuts = new Cuts(ground, portrait, support, draws);
  return { faults, portrait, cuts, features, tried: 0 };
}

/** Of three picked at random, the one that shows the rarest and was used the least. */
function chosen(kept: readonly Kept[], seen: ReadonlyMap<string, number>, draws: Draws): Kept {
  const worth = ({ features, tried }: Kept) =>
    Math.min(...features.map((feature) => seen.get(feature) ?? 0)) + 2 * tried;
  const some = [0, 1, 2].map(() => draws.pick(kept));
  const best = some.reduce((a, b) => (worth(b) < worth(a) ? b : a));
  best.tried++;
  return best;
}

function mutated(from: Kept, scope: Scope, draws: Draws): Placement {
  const { faults, portrait, cuts } = from;
  const { maxFaults, ground } = scope;
  const list = [...faults];
  const way = draws.next(8);
  if (list.length > 0 && way < 2) {
    const place = draws.next(list.length);
    const other = way === 0 ? undefined : otherwise(list[place], ground, portrait, draws);
    list.splice(place, 1, ...(other === undefined ? [] : [other]));
    if (list.length > 0 && (other !== undefined || draws.next(2) === 0)) return list;
  }
  if (list.length >= maxFaults) list.splice(draws.next(list.length), 1);
  const known = list.map((label) => plannedFault(label)).filter((fault) => fault !== undefined);
  const room = maxFaults - list.length;
  const count = list.length === 0 ? sizeOf(room, draws) : 1 + draws.next(Math.min(2, room));
  const more = cutsOf(cuts, count, earlierOf(known, portrait), portrait, draws);
  return [...list, ...more.map(planned)];
}

/** The same fault for a longer or a shorter time. */
function otherwise(
  label: string,
  ground: Ground,
  seen: Portrait,
  draws: Draws,
): string | undefined {
  const fault = plannedFault(label);
  if (fault === undefined) return undefined;
  if (fault.what === 'delay') return planned({ ...fault, by: draws.pick(ground.delays) });
  return fault.for < 0 ? undefined : planned({ ...fault, for: draws.pick(spansFor(ground, seen)) });
}
