import { build, type Histogram } from 'hdr-histogram-js';
import type { Micros } from '../kernel/time.ts';
import type { SeriesMeasures } from './record.ts';

/** A histogram has room for every size from the first on, which a small run never needs. */
const FEW = 256;

/** Values below it are told apart; above, those that share its number of leading digits are not. */
const EXACT = 2048;

/** Time from the invocation of each message to its effect, to three digits. */
export class Latencies {
  #few: Micros[] = [];
  #many: Histogram | undefined;

  add(latency: Micros): void {
    if (this.#many !== undefined) return this.#many.recordValue(latency);
    if (this.#few.length < FEW) {
      this.#few.push(latency);
      return;
    }
    const many = build({ numberOfSignificantValueDigits: 3, autoResize: true });
    this.#many = many;
    for (const value of this.#few) many.recordValue(value);
    many.recordValue(latency);
    this.#few = [];
  }

  measures(): SeriesMeasures {
    const many = this.#many;
    if (many !== undefined) {
      const [p50, p99] = [many.getValueAtPercentile(50), many.getValueAtPercentile(99)];
      return { max: many.maxValue, p50, p99, final: many.maxValue };
    }
    const sorted = this.#few.toSorted((a, b) => a - b);
    const max = sorted.at(-1) ?? 0;
    return { max, p50: percentile(sorted, 50), p99: percentile(sorted, 99), final: max };
  }
}

/** As the histogram would give it: the largest value that it does not tell from the right one. */
function percentile(sorted: readonly Micros[], percent: number): Micros {
  if (sorted.length === 0) return 0;
  const value = sorted[Math.floor((sorted.length * percent + 99) / 100) - 1];
  let step = 1;
  while (value >= EXACT * step) step *= 2;
  return value - (value % step) + step - 1;
}
