import { Draws } from './draws.ts';
import { Imagination } from './imagine.ts';
import type { Scope } from './scope.ts';
import { place, planned } from './planned.ts';
import type { Runner, Strategy } from './space.ts';

/**
 * Swarm search: each run draws which kinds of fault are in play at all, and how many strike. With
 * all kinds in play at one rate the frequent ones drown the rare ones (Groce et al., Swarm Testing,
 * 2012). Faults know nothing of each other, and no run learns from another.
 */
export function* swarm(run: Runner, { ground, maxFaults, seed, portrait }: Scope): Strategy {
  const draws = new Draws(`swarm/${seed}`);
  const imagination = new Imagination(ground, draws);
  const quiet = portrait();
  yield place(run, [], { trace: (world) => quiet.trace(world) });
  for (;;) {
    const on = ground.kinds.filter(() => draws.next(2) === 1);
    const kinds = on.length > 0 ? on : ground.kinds;
    const count = 1 + draws.next(maxFaults);
    const faults: string[] = [];
    for (let i = 0; i < count; i++) {
      const fault = imagination.draw(draws.pick(kinds), quiet);
      if (fault !== undefined) faults.push(planned(fault));
    }
    if (faults.length > 0) yield place(run, faults);
    else if (ground.kinds.length === 0) return true;
  }
}
