import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Distribution, type Quantile } from '../../../sim/kernel/distribution.ts';
import { finish } from '../../../sim/kernel/hash.ts';

const draws = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const values = fc.array(fc.nat(10_000_000), { minLength: 2, maxLength: 8 });

/** Tables of each kind with their smallest and largest value. */
const tables = fc.oneof(
  fc.nat(1_000_000).map((v) => ({ table: Distribution.constant(v), min: v, max: v })),
  values.map((list) => {
    const [min, max] = [Math.min(...list), Math.max(...list)];
    return { table: Distribution.uniform(min, max), min, max };
  }),
  values.map((list) => {
    const sorted = [...list].sort((a, b) => a - b);
    const step = Math.floor(1000 / (sorted.length - 1));
    const points = sorted.map((v, i): Quantile => [i === sorted.length - 1 ? 1000 : i * step, v]);
    return { table: Distribution.quantiles(points), min: sorted[0], max: sorted.at(-1) ?? 0 };
  }),
  // The largest of 256 exponential draws has a mean of 6.13 times theirs, stretched by 1.2 %.
  fc.integer({ min: 1, max: 1_000_000 }).map((mean) => {
    return { table: Distribution.exponential(mean), min: 0, max: Math.ceil(6.21 * mean) };
  }),
);

/** The mean over evenly spread draws: a sum without chance. */
function mean(table: Distribution, count = 2 ** 16): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += table.at((i + 0.5) * (2 ** 32 / count));
  return sum / count;
}

test('every value is a whole number between the smallest and the largest', () => {
  fc.assert(
    fc.property(tables, draws, ({ table, min, max }, draw) => {
      const value = table.at(draw);
      expect(Number.isSafeInteger(value)).toBe(true);
      expect(value).toBeGreaterThanOrEqual(min);
      expect(value).toBeLessThanOrEqual(max);
    }),
  );
});

test('a greater draw never gives a smaller value', () => {
  fc.assert(
    fc.property(tables, draws, draws, ({ table }, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      expect(table.at(low)).toBeLessThanOrEqual(table.at(high));
    }),
  );
});

test('the smallest draw gives the smallest value, the largest almost the largest', () => {
  const table = Distribution.uniform(1000, 5000);
  expect([table.at(0), table.at(2 ** 31), table.at(2 ** 32 - 1)]).toEqual([1000, 3000, 4999]);
});

describe('quantiles', () => {
  const table = Distribution.quantiles([
    [0, 100],
    [500, 200],
    [990, 1000],
    [1000, 9000],
  ]);

  test('so many draws stay at or below each', () => {
    const share = (limit: number) => {
      let below = 0;
      for (let i = 0; i < 10_000; i++) if (table.at(finish(i)) <= limit) below++;
      return below / 10_000;
    };
    expect(Math.abs(share(200) - 0.5)).toBeLessThan(0.02);
    expect(Math.abs(share(1000) - 0.99)).toBeLessThan(0.005);
  });

  test('they never fall: a table that does is refused', () => {
    const falling: Quantile[] = [
      [0, 100],
      [500, 90],
      [1000, 200],
    ];
    expect(() => Distribution.quantiles(falling)).toThrow('quantiles never fall');
    expect(() => Distribution.quantiles(falling.slice(1))).toThrow('quantiles span 0 to 1000');
  });

  test('a fixed quantity is known to be one; a table of two values is not', () => {
    expect(Distribution.constant(7).fixed).toBe(7);
    expect(Distribution.uniform(7, 7).fixed).toBe(7);
    expect(Distribution.uniform(7, 8).fixed).toBe(-1);
  });
});

test('the mean of an exponential is within one per cent of what was asked for', () => {
  for (const asked of [1000, 10_000, 1_000_000, 3_600_000_000]) {
    expect(Math.abs(mean(Distribution.exponential(asked)) / asked - 1)).toBeLessThan(0.01);
  }
  // The twin: the same bound tells 3 % apart.
  expect(Math.abs(mean(Distribution.exponential(1030)) / 1000 - 1)).toBeGreaterThan(0.01);
});
