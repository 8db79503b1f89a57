import { assert } from './assert.ts';
import type { Micros } from './time.ts';

const PARTS = 1_000_000;

/**
 * A node's own clock: what it believes the time is. Runs `drift` parts per million fast (negative:
 * slow) from `since` on, and may have been set forward or back by a jump.
 */
export class Clock {
  #since: Micros = 0;
  #reading: Micros = 0;
  #drift = 0;

  /** What the clock shows at virtual time `now`. */
  read(now: Micros): Micros {
    if (this.#drift === 0) return this.#reading + (now - this.#since);
    const elapsed = now - this.#since;
    // Split, so the product stays exact for centuries.
    const whole = Math.floor(elapsed / PARTS);
    const rest = elapsed - whole * PARTS;
    return this.#reading + elapsed + whole * this.#drift + Math.floor((rest * this.#drift) / PARTS);
  }

  /** How much virtual time passes while this clock counts `span`; never less than 0. */
  span(span: Micros): Micros {
    if (this.#drift === 0) return span;
    // Split for the same reason.
    const rate = PARTS + this.#drift;
    const whole = Math.floor(span / rate);
    return Math.max(0, whole * PARTS + Math.round(((span - whole * rate) * PARTS) / rate));
  }

  jump(now: Micros, by: Micros): void {
    this.#reading = this.read(now) + by;
    this.#since = now;
  }

  setDrift(now: Micros, ppm: number): void {
    assert(ppm > -PARTS && ppm < PARTS, 'a clock runs forward, at most at twice its pace');
    this.#reading = this.read(now);
    this.#since = now;
    this.#drift = ppm;
  }
}
