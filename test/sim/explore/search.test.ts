import { expect, test } from 'vitest';
import { search, STRATEGIES, type StrategyName } from '../../../sim/explore/search/search.ts';
import { isMinimal, shrinkPlacement } from '../../../sim/explore/search/shrink.ts';
import { placeAsking } from '../../../sim/explore/search/planned.ts';
import type { Outcome, Runner } from '../../../sim/explore/search/space.ts';
import { flawed, GROUND } from './flawed.ts';

const ANOMALY = 'duplicates.stored above';
const bounds = { ground: GROUND, maxFaults: 2, runs: 5_000, seed: '1', enough: () => '' };

/** Runs that each strategy takes at most to find a repeat that needs a lost answer and a crash. */
const WITHIN: Record<StrategyName, number> = {
  mixed: 60,
  lineage: 60,
  feedback: 60,
  random: 60,
  exhaustive: 30,
};

test.each(STRATEGIES)('%s finds what one fault does, in a few runs', (strategy) => {
  const done = search(strategy, flawed('nowhere'), bounds);
  expect(done.found?.violated).toEqual([ANOMALY]);
  expect(done.runs).toBeLessThanOrEqual(30);
});

test.each(STRATEGIES)('%s finds what takes two faults together', (strategy) => {
  const run = flawed('memory');
  const done = search(strategy, run, bounds);
  expect(done.found?.violated).toEqual([ANOMALY]);
  expect(done.runs).toBeLessThanOrEqual(WITHIN[strategy]);
  const least = shrinkPlacement(run, done.found?.placed ?? [], ANOMALY);
  expect(least).toHaveLength(2);
  expect(isMinimal(run, least, ANOMALY)).toBe(true);
});

test('a search is a function of its seed', () => {
  for (const strategy of STRATEGIES) {
    const runs = ['1', '1'].map((seed) => search(strategy, flawed('memory'), { ...bounds, seed }));
    expect(runs[0]).toEqual(runs[1]);
  }
});

test('a broker that forgets nothing: exhausted with nothing found, and only then', () => {
  const run = flawed('disk', 2);
  const all = search('exhaustive', run, bounds);
  expect(all).toMatchObject({ found: undefined, exhausted: true, stopped: '' });
  const some = search('exhaustive', run, { ...bounds, runs: all.runs - 1 });
  expect(some).toMatchObject({ found: undefined, exhausted: false });
  expect(some.stopped).toContain('runs');
  for (const strategy of ['mixed', 'random', 'feedback', 'lineage'] as const) {
    const done = search(strategy, run, { ...bounds, runs: 200 });
    expect(done).toMatchObject({ found: undefined, exhausted: false });
  }
});

/** Every set of labels that all strike, found without any order: sets grow by any offer. */
function bruteForce(run: Runner, maxFaults: number): Set<string> {
  const valid = new Set<string>();
  const tried = new Set<string>();
  const grow = (faults: readonly string[]): void => {
    const name = [...faults].sort().join('\n');
    if (tried.has(name)) return;
    tried.add(name);
    const { placed, offers } = placeAsking(run, faults);
    if (placed.length === faults.length) valid.add(name);
    if (faults.length === maxFaults) return;
    for (const { label } of offers) if (!faults.includes(label)) grow([...faults, label]);
  };
  grow([]);
  return valid;
}

test.each(['nowhere', 'memory', 'disk'] as const)(
  'keeping %s: exhaustive tries exactly the placements that brute force finds, each once',
  (keeps) => {
    const run = flawed(keeps, 2);
    const seen: string[] = [];
    const visit = ({ placed }: Outcome) => {
      seen.push([...placed].sort().join('\n'));
      return false;
    };
    search('exhaustive', run, bounds, visit);
    expect(new Set(seen).size).toBe(seen.length);
    expect(new Set(seen)).toEqual(bruteForce(run, 2));
  },
);

test('what is found last was not found before: smaller placements come first', () => {
  const sizes: number[] = [];
  search('exhaustive', flawed('disk', 1), bounds, ({ placed }) => {
    sizes.push(placed.length);
    return false;
  });
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
});
