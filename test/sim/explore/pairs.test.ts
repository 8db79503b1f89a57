import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MEASURES } from '../../../sim/explore/sweep/measures.ts';
import {
  linesOf,
  measureNamed,
  pairsOf,
  samplesOf,
  SHORT_NAMES,
  type Samples,
} from '../../../sim/explore/sweep/pairs.ts';
import { holdTo, type RegressionRule } from '../../../sim/explore/sweep/regression.ts';

/** Runs at these places that lost so many messages each. */
const losing = (...lost: readonly (number | undefined)[]): Samples =>
  lost.flatMap((n, place) => {
    return n === undefined ? [] : [[place, MEASURES.map((_, i) => (i === 0 ? n : 0))] as const];
  });

const rule = (limit: number, relative = false): RegressionRule => ({
  text: 'loss',
  measure: MEASURES[0],
  limit,
  relative,
});

describe('paired differences', () => {
  test('are of seeds that both have run', () => {
    // 1 -> 3, 2 -> 2, 4 -> 3; the third seed and the fifth have no twin.
    const { lost } = pairsOf(losing(3, 2, undefined, 3, 9), losing(1, 2, 7, 4));
    expect(lost).toMatchObject({ pairs: 3, more: 1, less: 1, meanMilli: 333 });
    // 7 / 3 messages before.
    expect(lost.baseMilli).toBe(2333);
    // Differences 2, 0, -1: their variance is 7/3, so 1.96 * sqrt(7 / 9) = 1.728...
    expect(lost.halfMilli).toBe(1729);
  });

  test('are exact where every seed differs alike, though the seeds differ widely', () => {
    const { lost } = pairsOf(losing(101, 3, 51), losing(100, 2, 50));
    expect(lost).toMatchObject({ meanMilli: 1000, halfMilli: 0, more: 3, less: 0 });
  });

  test('of nothing are nothing', () => {
    expect(pairsOf(losing(1), []).lost).toMatchObject({ pairs: 0, meanMilli: 0 });
  });
});

describe('samples as lines', () => {
  test('come back as they were', () => {
    const some = fc.uniqueArray(
      fc.tuple(
        fc.nat(50),
        fc.array(fc.nat(1e9), { minLength: MEASURES.length, maxLength: MEASURES.length }),
      ),
      { selector: ([place]) => place },
    );
    fc.assert(
      fc.property(some, (samples) => {
        const sorted = [...samples].sort(([a], [b]) => a - b);
        expect(samplesOf(linesOf(sorted))).toEqual(sorted);
      }),
    );
  });

  test.each<[why: string, lines: Record<string, string>]>([
    ['words', { lost: '1 two' }],
    ['negative numbers', { lost: '1 -2' }],
    ['lines of different length', { lost: '1 2', pending: '1' }],
  ])('%s are refused', (_why, lines) => {
    expect(samplesOf(lines)).toBeUndefined();
  });

  test('a measure that there was not yet is 0', () => {
    expect(samplesOf({ lost: '5' })?.[0][1].slice(0, 2)).toEqual([5, 0]);
  });
});

describe('a rule', () => {
  const twin = (own: Samples, base: Samples) => pairsOf(own, base);

  test('is about the mean, in units or in percent of what it was', () => {
    // From 10 to 11 on the average.
    const pairs = twin(losing(12, 10), losing(10, 10));
    expect(holdTo(rule(0), 'B', pairs).verdict).toBe('violated');
    expect(holdTo(rule(1), 'B', pairs).verdict).toBe('holds');
    expect(holdTo(rule(9_99, true), 'B', pairs).verdict).toBe('violated');
    expect(holdTo(rule(10_00, true), 'B', pairs).verdict).toBe('holds');
  });

  test('of percent of nothing allows nothing', () => {
    const pairs = twin(losing(0, 1), losing(0, 0));
    expect(holdTo(rule(1000_00, true), 'B', pairs).verdict).toBe('violated');
    expect(holdTo(rule(0), 'B', twin(losing(0), losing(0))).verdict).toBe('holds');
  });

  test('is kept by nothing that proves nothing, and broken by what is there', () => {
    expect(holdTo(rule(0), 'B', undefined)).toMatchObject({ verdict: 'unknown' });
    expect(holdTo(rule(0), 'B', twin(losing(1), []))).toMatchObject({ verdict: 'unknown' });
    expect(holdTo(rule(0), 'B', twin(losing(1), losing(1)), true).verdict).toBe('unknown');
    expect(holdTo(rule(0), 'B', twin(losing(2), losing(1)), true).verdict).toBe('violated');
  });
});

test('people say "lag.p99" for one of the measures', () => {
  expect(measureNamed('lag.p99')?.name).toBe('lag.time.p99');
  expect(measureNamed('stalled')?.name).toBe('stalled');
  expect(measureNamed('lagg')).toBeUndefined();
  for (const name of SHORT_NAMES) expect(measureNamed(name)).toBeDefined();
});
