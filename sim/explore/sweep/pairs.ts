import { assert } from '../../kernel/assert.ts';
import { MEASURES, type Measure } from './measures.ts';

/** What each run of one configuration measured: place of its seed, and MEASURES in their order. */
export type Samples = readonly (readonly [place: number, values: readonly number[]])[];

/**
 * Two configurations seed by seed. Under one seed they share their luck, so that a difference is
 * theirs, and far smaller ones show than between two averages.
 */
export interface Paired {
  readonly unit: Measure['unit'];
  /** Seeds that both have run. */
  readonly pairs: number;
  /** Means over those seeds, in thousandths of the unit: of the first, and of the difference. */
  readonly baseMilli: number;
  readonly meanMilli: number;
  /** Half of the interval in which the true mean difference lies, 95 of 100 times. */
  readonly halfMilli: number;
  readonly more: number;
  readonly less: number;
}

const MILLI = 1_000;
/** 95 % of a normal distribution; for a handful of seeds it is a little too narrow. */
const Z = 1.96;

/** How `own` differs from `base`, by measure. Only + - * / and the square root: alike anywhere. */
export function pairsOf(own: Samples, base: Samples): Readonly<Record<string, Paired>> {
  const before = new Map(base);
  const both = own.flatMap(([place, values]) => {
    const others = before.get(place);
    return others === undefined ? [] : [[others, values] as const];
  });
  return Object.fromEntries(
    MEASURES.map(({ name, unit }, i) => {
      const pairs = both.map(([a, b]) => [a[i], b[i]] as const);
      return [name, { unit, ...paired(pairs) }];
    }),
  );
}

function paired(pairs: readonly (readonly [before: number, after: number])[]) {
  const count = pairs.length;
  if (count === 0) {
    return { pairs: 0, baseMilli: 0, meanMilli: 0, halfMilli: 0, more: 0, less: 0 };
  }
  const base = pairs.reduce((sum, [a]) => sum + a, 0) / count;
  const mean = pairs.reduce((sum, [a, b]) => sum + (b - a), 0) / count;
  const squares = pairs.reduce((sum, [a, b]) => sum + (b - a - mean) * (b - a - mean), 0);
  const half = count < 2 ? 0 : Z * Math.sqrt(squares / (count - 1) / count);
  return {
    pairs: count,
    baseMilli: Math.round(base * MILLI),
    meanMilli: Math.round(mean * MILLI),
    halfMilli: Math.round(half * MILLI),
    more: pairs.filter(([a, b]) => b > a).length,
    less: pairs.filter(([a, b]) => b < a).length,
  };
}

/** Samples as a line of numbers for each measure, in the order of the seeds; "-": no such run. */
export type SampleLines = Readonly<Record<string, string>>;

export function linesOf(samples: Samples): SampleLines {
  const most = samples.reduce((max, [place]) => Math.max(max, place), -1);
  const byPlace = new Map(samples);
  return Object.fromEntries(
    MEASURES.map(({ name }, i) => {
      const cells = Array.from({ length: most + 1 }, (_, place) => byPlace.get(place)?.[i] ?? '-');
      return [name, cells.join(' ')];
    }),
  );
}

/** The other way round; a measure that is not there was 0. Undefined for any other text. */
export function samplesOf(lines: SampleLines): Samples | undefined {
  const columns = MEASURES.map(({ name }) => {
    const line = Object.hasOwn(lines, name) ? lines[name] : '';
    return line === '' ? [] : line.split(' ');
  });
  const sound = columns.flat().every((cell) => /^(-|\d{1,15})$/.test(cell));
  const length = Math.max(...columns.map((cells) => cells.length));
  if (!sound || columns.some((cells) => cells.length !== 0 && cells.length !== length)) {
    return undefined;
  }
  const samples = Array.from({ length }, (_, place) => {
    const there = columns.some((cells) => cells[place] !== '-' && cells[place] !== undefined);
    const values = columns.map((cells) => (cells[place] === '-' ? 0 : Number(cells[place] ?? 0)));
    return there ? [[place, values] as const] : [];
  });
  return samples.flat();
}

/** The measure that people mean by a word: "lag.p99" is "lag.time.p99". */
export function measureNamed(word: string): Measure | undefined {
  const name = Object.hasOwn(SHORT, word) ? SHORT[word] : word;
  const found = MEASURES.find((measure) => measure.name === name);
  assert(found !== undefined || name === word, 'a short name stands for a measure');
  return found;
}

const SHORT: Readonly<Record<string, string>> = {
  loss: 'lost',
  duplicates: 'duplicates.effects',
  ordering: 'ordering.inversions',
  'lag.p99': 'lag.time.p99',
  'lag.max': 'lag.time.max',
  lag: 'lag.time.p99',
  latency: 'latency.p99',
};

export const SHORT_NAMES = Object.keys(SHORT);
