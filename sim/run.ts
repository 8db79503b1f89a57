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
 * nothing new strikes, and what has struck by chance runs its course; then what is temporary heals.
 * drain: until nothing is owed, or nothing moves.
 */
export class Run {
  phase: Phase = 'unsafe';
  readonly #world: World;
  readonly #injector: Injector;
  readonly #progress: Progress;
  readonly #limits: RunLimits;
  #healedAt: Micros = 0;
  /** When something that a fault had delayed may have come. */
  #awaited: Micros = 0;

  constructor(world: World, injector: Injector, progress: Progress, limits: RunLimits) {
    this.#world = world;
    this.#injector = injector;
    this.#progress = progress;
    this.#limits = limits;
  }

  /** Handles up to `budget` events; undefined when the run has not ended with them. */
  advance(budget: number): End | undefined {
    const world = this.#world;
    for (let left = budget; left > 0; left--) {
      const end = this.#ends();
      if (end !== undefined) return end;
      world.step();
    }
    return undefined;
  }

  #ends(): End | undefined {
    const world = this.#world;
    if (this.phase !== 'drain') this.#settle();
    // Only healing can set going what has come to a standstill.
    if (world.queue.size === 0) return this.#exhausted();
    const next = world.queue.peek();
    if (this.phase === 'drain') {
      // What a fault has delayed comes, however late, and patience begins anew with it.
      if (world.network.disturbed > 0) {
        this.#awaited = next;
        return this.#bound(next);
      }
      if (this.#progress.drained) return 'drained';
      if (this.#idle(next)) return 'quiet';
    }
    return this.#bound(next);
  }

  #bound(next: Micros): End | undefined {
    if (next > this.#limits.until) return 'time';
    if (this.#world.events >= this.#limits.maxEvents) return 'events';
    return undefined;
  }

  /** Nothing will ever happen again; what is still owed is waited for as long as ever. */
  #exhausted(): End {
    if (this.#progress.drained) return 'drained';
    const given = this.#quietSince + this.#limits.patience;
    this.#world.now = Math.max(this.#world.now, Math.min(given, this.#limits.until));
    return 'quiet';
  }

  /** Heals, once all is done (or stuck) and no planned fault is still to come. */
  #settle(): void {
    const { queue, now } = this.#world;
    const injector = this.#injector;
    // Several faults may strike or end at one moment: all of that has to have happened.
    if (queue.size > 0 && queue.peek() === now) return;
    if (this.phase === 'unsafe') {
      if (now < injector.horizon && queue.size > 0) return;
      const done = this.#progress.produced && this.#progress.drained;
      const stuck = queue.size === 0 || this.#idle(queue.peek());
      if (!done && !stuck) return;
      this.phase = 'settle';
      injector.calm();
    }
    if (now < injector.mended && queue.size > 0) return;
    if (injector.heal()) this.#healedAt = now;
    this.phase = 'drain';
  }

  #idle(next: Micros): boolean {
    return next - this.#quietSince > this.#limits.patience;
  }

  get #quietSince(): Micros {
    return Math.max(this.#healedAt, this.#progress.lastProgress, this.#awaited);
  }
}
