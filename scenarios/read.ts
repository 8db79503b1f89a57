import { Distribution, type Quantile } from '../sim/kernel/distribution.ts';
import type { Complaints } from './place.ts';
import type { Spread } from './quantities.ts';
import { type Path, type Tree, valueSpan } from './tree.ts';
import { type Read, readBandwidth, readChance, readDuration, readRate, readSize } from './units.ts';

/**
 * Reads quantities whose form is known to be right, and complains of those that still cannot be
 * expressed: finer than a microsecond, longer than ten years.
 */
export class Reader {
  readonly root: Tree;
  readonly complaints: Complaints;

  constructor(root: Tree, complaints: Complaints) {
    this.root = root;
    this.complaints = complaints;
  }

  #take(read: Read, written: unknown, path: Path, instead: number): number {
    if (read.ok) return read.value;
    const code = read.why === 'large' ? 'SCN016' : read.why === 'fine' ? 'SCN019' : 'SCN015';
    const says = `"${path.at(-1)}" cannot be "${String(written)}"`;
    this.complaints.add(code, valueSpan(this.root, path), says, read.hint);
    return instead;
  }

  duration(written: string | 0 | undefined, path: Path, instead: number, signed = false): number {
    if (written === undefined) return instead;
    return this.#take(readDuration(String(written), signed), written, path, instead);
  }

  /** A duration that makes no sense as 0. */
  positive(written: string | 0 | undefined, path: Path, instead: number, why: string): number {
    const value = this.duration(written, path, instead);
    if (value > 0 || written === undefined) return value;
    const says = `"${path.at(-1)}" must be above 0`;
    this.complaints.add('SCN016', valueSpan(this.root, path), says, why);
    return instead;
  }

  chance(written: string | undefined, path: Path, instead: number): number {
    if (written === undefined) return instead;
    return this.#take(readChance(written), written, path, instead);
  }

  /** The gap between two at this rate. */
  rate(written: string, path: Path, instead: number): number {
    return this.#take(readRate(written), written, path, instead);
  }

  bandwidth(written: string | 0 | undefined, path: Path): number {
    if (written === undefined || written === 0) return 0;
    return this.#take(readBandwidth(written), written, path, 0);
  }

  spread(written: Spread | undefined, path: Path, instead: Distribution): Distribution {
    return this.#distribution(written, path, instead, (text) => readDuration(text));
  }

  sizes(written: Spread | undefined, path: Path, instead: Distribution): Distribution {
    return this.#distribution(written, path, instead, readSize);
  }

  #distribution(
    written: Spread | undefined,
    path: Path,
    instead: Distribution,
    read: (text: string) => Read,
  ): Distribution {
    if (written === undefined) return instead;
    const take = (value: string | number, at: Path) =>
      this.#take(read(String(value)), value, at, -1);
    if (typeof written !== 'object') {
      const value = take(written, path);
      return value < 0 ? instead : Distribution.constant(value);
    }
    const [low, high] = 'p50' in written ? (['p50', 'p99'] as const) : (['min', 'max'] as const);
    const pair = written as Readonly<Record<string, string | number>>;
    const [a, b] = [take(pair[low], [...path, low]), take(pair[high], [...path, high])];
    if (a < 0 || b < 0) return instead;
    if (a > b) {
      const says = `"${low}" (${pair[low]}) is above "${high}" (${pair[high]})`;
      this.complaints.add('SCN025', valueSpan(this.root, [...path, low]), says, 'exchange the two');
      return instead;
    }
    return low === 'min' ? Distribution.uniform(a, b) : percentiles(a, b);
  }
}

/**
 * The median and the 99th percentile as given; half the median is the least, twice the p99 the
 * most.
 */
export function percentiles(p50: number, p99: number): Distribution {
  const points: Quantile[] = [
    [0, Math.floor(p50 / 2)],
    [500, p50],
    [990, p99],
    [1000, 2 * p99],
  ];
  return Distribution.quantiles(points);
}
