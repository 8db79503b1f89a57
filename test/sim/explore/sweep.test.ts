import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Measured, percentile } from '../../../sim/explore/sweep/measured.ts';
import {
  batchAt,
  batchCount,
  batchSize,
  ownBatches,
  ownRuns,
  type Plan,
} from '../../../sim/explore/sweep/plan.ts';
import { rateOf } from '../../../sim/explore/sweep/rate.ts';
import { countSeeds, parseSeeds, seedAt, seedsText } from '../../../sim/explore/sweep/seeds.ts';
import { signatureOf } from '../../../sim/explore/sweep/signature.ts';
import { Tally, type TallyData } from '../../../sim/explore/sweep/tally.ts';
import { recordOf, sweepRecord } from '../../../sim/explore/sweep/record.ts';
import { compareRecord } from '../../../sim/explore/sweep/compare.ts';
import { expectation, record, subscription } from '../../reports/records.ts';

describe('rate', () => {
  test("Wilson's interval, as tables have it", () => {
    // Rounded outwards.
    // 10 of 100: 5.52 % to 17.44 %; 0 of 100: up to 3.70 %; 50 of 100: 40.38 % to 59.62 %.
    expect(rateOf(10, 100)).toEqual({ ppm: 100_000, lowPpm: 55_228, highPpm: 174_368 });
    expect(rateOf(0, 100)).toEqual({ ppm: 0, lowPpm: 0, highPpm: 36_995 });
    expect(rateOf(50, 100)).toEqual({ ppm: 500_000, lowPpm: 403_829, highPpm: 596_171 });
    expect(rateOf(100, 100)).toMatchObject({ ppm: 1_000_000, highPpm: 1_000_000 });
  });

  test('of nothing nothing is known', () => {
    expect(rateOf(0, 0)).toEqual({ ppm: 0, lowPpm: 0, highPpm: 1_000_000 });
  });

  test('the share lies within its interval, which more runs make narrower', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(), (n, seed) => {
        const k = seed % (n + 1);
        const { ppm, lowPpm, highPpm } = rateOf(k, n);
        expect(lowPpm).toBeLessThanOrEqual(ppm);
        expect(ppm).toBeLessThanOrEqual(highPpm);
        const ten = rateOf(k * 10, n * 10);
        expect(ten.highPpm - ten.lowPpm).toBeLessThan(highPpm - lowPpm);
      }),
    );
  });
});

describe('seeds', () => {
  test('ranges and single ones, in the order they were asked for', () => {
    const seeds = parseSeeds('7,20..22,1');
    expect(seeds).toEqual([
      [7, 7],
      [20, 22],
      [1, 1],
    ]);
    if (seeds === undefined) return;
    expect(countSeeds(seeds)).toBe(5);
    expect([0, 1, 2, 3, 4].map((place) => seedAt(seeds, place))).toEqual([
      ...['7', '20', '21', '22', '1'],
    ]);
    expect(seedsText(seeds)).toBe('7,20..22,1');
  });

  test('anything else is no seeds', () => {
    for (const text of ['', '5..1', 'a', '1..', '1,,2', '-1', '1.5']) {
      expect(parseSeeds(text)).toBeUndefined();
    }
  });
});

const plans: fc.Arbitrary<Plan> = fc
  .record({
    configurations: fc.integer({ min: 1, max: 5 }),
    seeds: fc.integer({ min: 1, max: 60 }),
    size: fc.integer({ min: 1, max: 20 }),
    of: fc.integer({ min: 1, max: 7 }),
  })
  .map(({ of, ...plan }) => ({ ...plan, shard: { nr: 1, of } }));

describe('plan', () => {
  test('shards together run every seed of every configuration once', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const seen = new Set<string>();
        let runs = 0;
        for (let nr = 1; nr <= plan.shard.of; nr++) {
          const share = { ...plan, shard: { nr, of: plan.shard.of } };
          runs += ownRuns(share);
          for (const { configuration, first, count } of ownBatches(share)) {
            for (let i = 0; i < count; i++) seen.add(`${configuration}/${first + i}`);
          }
        }
        expect(runs).toBe(plan.configurations * plan.seeds);
        expect(seen.size).toBe(runs);
      }),
    );
  });

  test('a cut sweep is even: no configuration is a batch ahead of another', () => {
    const plan: Plan = { configurations: 3, seeds: 10, size: 4, shard: { nr: 1, of: 1 } };
    expect(batchCount(plan)).toBe(9);
    const order = Array.from({ length: 9 }, (_, i) => batchAt(plan, i));
    expect(order.map((b) => b.configuration)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(order.map((b) => b.count)).toEqual([4, 4, 4, 4, 4, 4, 2, 2, 2]);
  });

  test('batches are small where runs are large', () => {
    expect(batchSize(10, 100_000, 1)).toBe(100);
    expect(batchSize(1_000, 100_000, 1)).toBe(5);
    expect(batchSize(1_000_000, 100_000, 1)).toBe(1);
    expect(batchSize(10, 100, 1)).toBe(4); // 32 batches at least, for the cores there are.
  });
});

describe('measured', () => {
  test('percentiles are exact below 1 024 and within a thousandth above', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 40 }), { minLength: 1 }), (values) => {
        const measured = new Measured();
        for (const value of values) measured.add(value);
        const sorted = [...values].sort((a, b) => a - b);
        for (const p of [50, 99, 100]) {
          const exact = sorted[Math.max(0, Math.ceil((values.length * p) / 100) - 1)];
          const found = percentile(measured.data(), p);
          expect(found).toBeLessThanOrEqual(exact);
          if (exact < 1024) expect(found).toBe(exact);
          else expect(found).toBeGreaterThan(exact - exact / 500);
        }
      }),
    );
  });

  test('memory follows kinds of values, not how many there were', () => {
    const measured = new Measured();
    for (let i = 0; i < 100_000; i++) measured.add(i * 977);
    expect(measured.data().length).toBeLessThan(12_000);
  });
});

/** A run whose numbers follow from its place: every third loses, every fifth duplicates. */
function runAt(place: number) {
  const lost = place % 3 === 0 ? 2 : 0;
  const effects = place % 5 === 0 ? 1 : 0;
  const says = place % 2 === 0 ? `truncated at orders-${place}` : 'expired';
  return record({
    seed: String(place + 1),
    verdict: lost + effects > 0 ? 'fail' : 'pass',
    guarantee: lost > 0 ? (effects > 0 ? 'none' : 'at-most-once') : 'exactly-once',
    subscriptions: {
      fulfilment: subscription({ lost, duplicates: { stored: 0, delivered: 0, effects } }),
    },
    expectations: [
      expectation({
        name: 'loss',
        actual: String(lost),
        verdict: lost > 0 ? 'violated' : 'holds',
        witnesses: lost > 0 ? [{ says, message: 'checkout/1', atUs: 5 }] : [],
      }),
      expectation({
        name: 'duplicates.effects',
        verdict: effects > 0 ? 'violated' : 'holds',
      }),
    ],
    faults: [{ fault: 'lose ProduceResponse', fired: place % 4 === 0 ? 0 : 1, line: 9 }],
    counters: { retries: place % 7 },
  });
}

const tallyOf = (places: readonly number[]): TallyData => {
  const tally = new Tally();
  for (const place of places) tally.add(runAt(place), '16:012345', place, [true]);
  return tally.data();
};

const PLACES = Array.from({ length: 60 }, (_, i) => i);

describe('tally', () => {
  test('however runs are dealt out and put together, the same comes of it', () => {
    const whole = JSON.stringify(tallyOf(PLACES));
    const deal = fc.array(fc.nat({ max: 4 }), { minLength: 60, maxLength: 60 });
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });
    fc.assert(
      fc.property(deal, order, (hands, turns) => {
        const total = new Tally();
        for (const turn of turns) {
          total.merge(tallyOf(PLACES.filter((place) => hands[place] === turn)));
        }
        expect(JSON.stringify(total.data())).toBe(whole);
      }),
    );
  });

  test('failures are the same when what they say differs in numbers only', () => {
    const { failures } = tallyOf(PLACES);
    const causes = failures.map(({ violated, cause, runs }) => [violated.join(), cause, runs]);
    // 20 of 60 lose (every third), 12 duplicate (every fifth), 4 do both.
    expect(causes).toEqual([
      ['loss', 'expired', 8],
      ['duplicates.effects', 'stored again at orders-#/#', 8],
      ['loss', 'truncated at orders-#', 8],
      ['loss,duplicates.effects', 'truncated at orders-#', 2],
      ['loss,duplicates.effects', 'expired', 2],
    ]);
    expect(failures[0].first.seed).toBe('4'); // Place 0 does both, 1 and 2 nothing.
  });

  test('a signature without evidence is what was violated', () => {
    const found = signatureOf(record({ expectations: [expectation({ witnesses: [] })] }));
    expect(found).toEqual({ violated: ['duplicates.stored'], cause: '' });
  });

  test('a fault by chance may stay away in a run, another one may not', () => {
    const quiet = record({
      verdict: 'inconclusive',
      expectations: [expectation({ verdict: 'holds' })],
      faults: [{ fault: 'lose ProduceResponse', fired: 0 }],
    });
    for (const [byChance, passed] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const tally = new Tally();
      tally.add(quiet, '', 0, [byChance]);
      expect(tally.data()).toMatchObject({ passed, inconclusive: 1 - passed });
    }
  });

  test('a fault that came in no run at all proves nothing, though every run passed', () => {
    const passing = record({
      verdict: 'pass',
      expectations: [expectation({ verdict: 'holds' })],
      faults: [{ fault: 'lose ProduceResponse', fired: 0 }],
    });
    const fired = { ...passing, faults: [{ fault: 'lose ProduceResponse', fired: 1 }] };
    const show = () => ({ seed: '', digest: '', replay: '', token: '' });
    const head = { name: '', file: 'a.yaml', variant: '', set: [], show };
    const tally = new Tally();
    tally.add(passing, '', 0, [true]);
    expect(recordOf(head, tally.data()).verdict).toBe('inconclusive');
    tally.add(fired, '', 1, [true]);
    expect(recordOf(head, tally.data()).verdict).toBe('pass');
  });

  test('of runs that broke the first few are kept, and all are counted', () => {
    const tally = new Tally();
    for (const place of [9, 3, 7, 1, 8, 2, 6]) {
      tally.addBroken({ place, seed: String(place), token: '', stack: '' });
    }
    const { broken, broke } = tally.data();
    expect(broken).toBe(7);
    expect(broke.map(({ place }) => place)).toEqual([1, 2, 3, 6, 7]);
  });
});

describe('compare', () => {
  const head = (name: string) => ({
    ...{ name, file: 'a.yaml', variant: '', set: [] },
    show: ({ seed, digest }: { seed: string; digest: string }) => {
      return { seed, digest, replay: `--seed ${seed}`, token: 'la1' };
    },
  });
  const about = { engine: '0', scenario: 'a', file: 'a.yaml', seeds: '1..60' };
  const compared = (...columns: readonly (readonly number[])[]) => {
    const records = columns.map((places, i) => recordOf(head(String(i)), tallyOf(places)));
    return compareRecord(sweepRecord({ ...about, ended: 'finished' }, 120, records), []).columns;
  };

  test('a way to break a guarantee was never seen, or in k of n runs with an example', () => {
    const [all, odd] = compared(PLACES, [1, 7, 11, 13]);
    expect(all.seen.lost).toMatchObject({ runs: 20, example: { seed: '1', token: 'la1' } });
    expect(odd.seen.lost).toEqual({
      runs: 0,
      rate: { ppm: 0, lowPpm: 0, highPpm: 489_901 }, // Four runs prove little.
    });
    expect(all.seen['ordering.inversions'].runs).toBe(0);
  });

  test('what differs is counted from the first column', () => {
    const [first, second] = compared([1, 2, 4], [3, 6, 9]);
    expect(first.measures.lost.delta).toEqual({ p50: 0, p99: 0 });
    expect(second.measures.lost.delta).toEqual({ p50: 2, p99: 2 });
  });
});
