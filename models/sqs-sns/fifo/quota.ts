import { SECOND, type Micros } from '../../../sim/kernel/time.ts';

/**
 * So many calls a second, a second's worth of them at once. The vendor publishes the number and not
 * how it counts: here a bucket that leaks (GCRA), in whole microseconds.
 */
export class Quota {
  readonly #gap: Micros;
  /** When the bucket will be empty. */
  #empty: Micros = 0;

  constructor(perSecond: number) {
    this.#gap = Math.max(1, Math.floor(SECOND / perSecond));
  }

  /** Takes one call, or refuses it. */
  allows(now: Micros): boolean {
    const from = Math.max(this.#empty, now);
    if (from + this.#gap - now > SECOND) return false;
    this.#empty = from + this.#gap;
    return true;
  }
}
