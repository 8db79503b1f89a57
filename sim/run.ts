import type { Injector } from './kernel/injector.ts';
import type { Micros } from './kernel/time.ts';
import type { World } from './kernel/world.ts';

/** What the run loop asks about the messages; the history answers. */
export interface Progress {
  /** Producers are done and every operation has an outcome. */
  readonly produced: boolean;
  /** Nothing is owed any more, and nobody is in the middle of handling anything. */
  readonly drained: boolean;
  /** When something was last delivered, settled or answered. */
  readonly lastProgress: Micros;
}

export interface RunLimits {
  /** Virtual time at which the run is cut, whatever goes on. */
  readonly until: Micros;
  readonly maxEvents: number;
  /** No progress for this long while draining: whatever is still there is stuck. */
  readonly patience: Micros;
}

/**
 * How a run ended. `drained`: everything owed was settled. `quiet`: nothing moved any more.
 * `time` and `events`: a bound cut it, so that "not delivered" proves nothing.
 */
export type End = 'drained' | 'quiet' | 'time' | 'events';

export type Phase = 'unsafe' | 'settle' | 'drain';

/**
 * The run loop: pop the earliest event, set the clock, hand it to its node.
 *
 * unsafe: anything in the plan may happen. settle: producers are done and the plan is used up, so
 * what is temporary heals. drain: until nothing is owed, or nothing moves.
 */
export function run(world: World, injector: Injector, progress: Progress, limits: RunLimits): End {
  let phase: Phase = 'unsafe';
  let since: Micros = 0;
  while (world.queue.size > 0) {
    const next = world.queue.peek();
    if (phase === 'unsafe' && world.now >= injector.horizon) {
      if (progress.produced || next - progress.lastProgress > limits.patience) phase = 'settle';
    }
    if (phase === 'settle') {
      injector.heal();
      since = world.now;
      phase = 'drain';
    }
    if (phase === 'drain') {
      if (progress.drained && world.network.disturbed === 0) return 'drained';
      if (next - Math.max(since, progress.lastProgress) > limits.patience) return 'quiet';
    }
    if (next > limits.until) return 'time';
    if (world.events >= limits.maxEvents) return 'events';
    world.step();
  }
  return progress.drained ? 'drained' : 'quiet';
}
