import type { Fault } from '../../kernel/fault.ts';
import { Cuts } from './cuts.ts';
import { Draws } from './draws.ts';
import type { Earlier } from './imagine.ts';
import { place, planned } from './planned.ts';
import type { Portrait } from './portrait.ts';
import type { Scope } from './scope.ts';
import type { Runner, Strategy } from './space.ts';
import { Support } from './support.ts';
import { both } from './hear.ts';

/**
 * Lineage-driven search (Alvaro et al., 2015). A run without violation rests on what happened to
 * its messages: only a fault on that support can change the outcome. Several cuts at once are tried
 * faster than each for itself, and what of them was needed a shrink finds out.
 */
export function* lineage(run: Runner, { ground, maxFaults, seed, portrait }: Scope): Strategy {
  const draws = new Draws(`lineage/${seed}`);
  const quiet = portrait();
  const support = new Support(new Set(ground.facts));
  yield place(run, [], { trace: (world) => both(quiet.trace(world), support.trace(world)) });
  const cuts = new Cuts(ground, quiet, support, draws);
  for (;;) {
    const faults = cutsOf(cuts, sizeOf(maxFaults, draws), [], quiet, draws);
    if (faults.length === 0) return true;
    yield place(run, faults.map(planned));
  }
}

/** Many at once find more, few are better understood: what several do may hide what one does. */
export function sizeOf(most: number, draws: Draws): number {
  return Math.min(most, [most, most, 2, 1][draws.next(4)]);
}

/** Some cuts for one run: each for itself, or one upon the other and upon what there is. */
export function cutsOf(
  cuts: Cuts,
  count: number,
  before: readonly Earlier[],
  seen: Portrait,
  draws: Draws,
): Fault<string>[] {
  const faults: Fault<string>[] = [];
  const earlier = [...before];
  const joined = before.length > 0 ? draws.next(4) > 0 : draws.next(2) === 0;
  for (let i = 0; i < count; i++) {
    const fault = cuts.next(joined && earlier.length > 0 ? draws.pick(earlier) : undefined);
    if (fault === undefined) continue;
    faults.push(fault);
    earlier.push(expected(fault, seen));
  }
  return faults;
}

/** When a fault will strike, as far as the quiet run tells. */
function expected(fault: Fault<string>, seen: Portrait): Earlier {
  const { when } = fault;
  const lasts = Math.max(0, fault.for);
  if ('nodes' in fault) {
    const at =
      when.is === 'at'
        ? when.at
        : when.is === 'event'
          ? (seen.moments.get(`${when.fact} ${when.node}`)?.times[when.nth - 1] ?? 0)
          : 0;
    return { at, lasts, nodes: fault.nodes };
  }
  if ('match' in fault) {
    const { type, from, to } = fault.match;
    const group = seen.messages.get(`${type} ${from[0]}>${to[0]}`);
    const at = when.is === 'nth' ? (group?.times[when.nth[0] - 1] ?? 0) : 0;
    return { at, lasts, nodes: [...from, ...to] };
  }
  return { at: when.is === 'at' ? when.at : 0, lasts, nodes: [...fault.from, ...fault.to] };
}
