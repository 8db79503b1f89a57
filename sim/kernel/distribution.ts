import { assert } from './assert.ts';
import type { Micros } from './time.ts';

const CELL_BITS = 8;
const CELLS = 1 << CELL_BITS;
const FRACTION = 1 << (32 - CELL_BITS);
/** Factors are counted in 1/2^16, so that products stay exact. */
const EXACT = 2 ** 16;

/** A share of draws in parts per thousand and the value that many draws stay below or at. */
export type Quantile = readonly [perMille: number, value: Micros];

/**
 * A quantity as an integer quantile table: 257 points, straight lines between them. No logarithm or
 * power is taken when drawing, because engines may round those differently.
 */
export class Distribution {
  readonly #points: Float64Array;
  /** The one value it can have, or -1; a fixed quantity needs no draw. */
  readonly fixed: Micros;

  private constructor(points: Float64Array) {
    assert(points.length === CELLS + 1, 'a table has 257 points');
    for (let i = 0; i < CELLS; i++) assert(points[i] <= points[i + 1], 'quantiles never fall');
    this.#points = points;
    this.fixed = points[0] === points[CELLS] ? points[0] : -1;
  }

  /** The value at a 32-bit draw: 0 gives the smallest, 2^32 - 1 (almost) the largest. */
  at(draw: number): Micros {
    if (this.fixed >= 0) return this.fixed;
    const cell = draw >>> (32 - CELL_BITS);
    const fraction = draw & (FRACTION - 1);
    const low = this.#points[cell];
    return low + Math.floor(((this.#points[cell + 1] - low) * fraction) / FRACTION);
  }

  static constant(value: Micros): Distribution {
    return new Distribution(new Float64Array(CELLS + 1).fill(value));
  }

  static uniform(min: Micros, max: Micros): Distribution {
    return Distribution.quantiles([
      [0, min],
      [1000, max],
    ]);
  }

  /** Straight lines through the given quantiles, which start at 0 and end at 1000 per mille. */
  static quantiles(given: readonly Quantile[]): Distribution {
    assert(given[0]?.[0] === 0 && given.at(-1)?.[0] === 1000, 'quantiles span 0 to 1000');
    const points = new Float64Array(CELLS + 1);
    let j = 0;
    for (let i = 0; i <= CELLS; i++) {
      // Compared as integers: i/256 against perMille/1000.
      while (j + 2 < given.length && i * 1000 > given[j + 1][0] * CELLS) j++;
      const [p0, v0] = given[j];
      const [p1, v1] = given[j + 1];
      const along = i * 1000 - p0 * CELLS;
      points[i] = v0 + Math.floor(((v1 - v0) * along) / ((p1 - p0) * CELLS));
    }
    return new Distribution(points);
  }

  /**
   * Gaps of a Poisson stream. Point i is the mean of the i-th smallest of 256 exponential draws,
   * mean * (1/256 + 1/255 + ... + 1/(257-i)): additions only, so every engine agrees. Straight
   * lines cut the last one in half, so all are stretched by what that takes from the mean (1.2 %).
   */
  static exponential(mean: Micros): Distribution {
    const sums = new Float64Array(CELLS + 1); // In 1/2^20 of the mean.
    let area = 0;
    for (let i = 1; i <= CELLS; i++) {
      sums[i] = sums[i - 1] + Math.floor(2 ** 20 / (CELLS + 1 - i));
      area += (sums[i - 1] + sums[i]) / 2;
    }
    const whole = Math.floor(mean / EXACT);
    const rest = mean - whole * EXACT;
    const points = sums.map((sum) => {
      const factor = Math.floor((sum * CELLS * EXACT) / area); // In 1/2^16 of the mean.
      return whole * factor + Math.floor((rest * factor) / EXACT);
    });
    return new Distribution(points);
  }
}
