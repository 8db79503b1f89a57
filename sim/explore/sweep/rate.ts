import { assert } from '../../kernel/assert.ts';
import type { Ppm } from '../../kernel/time.ts';

/** A share with the interval in which the true one lies in 95 of 100 sweeps. */
export interface Rate {
  readonly ppm: Ppm;
  readonly lowPpm: Ppm;
  readonly highPpm: Ppm;
}

const MILLION = 1_000_000;
/** 1.96 squared: 95 %. */
const Z2 = 3.8416;

/**
 * Wilson's interval for `k` of `n`: sound for small n and for shares near 0 and 1, where "0 of 100"
 * still leaves up to 3.7 %. Only + - * / and the square root, which every engine rounds alike;
 * rounded outwards to parts per million.
 */
export function rateOf(k: number, n: number): Rate {
  assert(k >= 0 && k <= n, 'a part is not more than the whole');
  if (n === 0) return { ppm: 0, lowPpm: 0, highPpm: MILLION };
  const middle = k + Z2 / 2;
  const half = Math.sqrt(Z2 * ((k * (n - k)) / n + Z2 / 4));
  const low = k === 0 ? 0 : (middle - half) / (n + Z2);
  const high = k === n ? 1 : (middle + half) / (n + Z2);
  return {
    ppm: Math.round((k * MILLION) / n),
    lowPpm: Math.max(0, Math.floor(low * MILLION)),
    highPpm: Math.min(MILLION, Math.ceil(high * MILLION)),
  };
}
