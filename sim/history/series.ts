import type { Micros } from '../kernel/time.ts';
import type { SeriesMeasures } from './record.ts';

const LIMIT = 512;
const FIRST_INTERVAL: Micros = 1000;

/**
 * A few hundred samples of a quantity over a run of any length. When it is full every other sample
 * goes and the interval doubles; a sample weighs the time that it stands for.
 */
export class Series {
  readonly times: Micros[] = [];
  readonly values: number[] = [];
  interval: Micros = FIRST_INTERVAL;
  /** No sample is due before this time. */
  due: Micros = 0;
  max = 0;

  add(time: Micros, value: number): void {
    this.peak(value);
    this.times.push(time);
    this.values.push(value);
    this.due = time + this.interval;
    if (this.times.length < LIMIT) return;
    for (let i = 0; i * 2 < LIMIT; i++) {
      this.times[i] = this.times[i * 2];
      // The larger of the two: thinning never hides a peak.
      this.values[i] = Math.max(this.values[i * 2], this.values[i * 2 + 1] ?? 0);
    }
    this.times.length = LIMIT / 2;
    this.values.length = LIMIT / 2;
    this.interval *= 2;
  }

  peak(value: number): void {
    if (value > this.max) this.max = value;
  }

  /** Time-weighted percentiles; `end` closes the last sample's span. */
  measures(end: Micros, final: number): SeriesMeasures {
    const weighted = this.values.map((value, i) => ({
      value,
      weight: (this.times[i + 1] ?? end) - this.times[i],
    }));
    weighted.sort((a, b) => a.value - b.value || a.weight - b.weight);
    const total = weighted.reduce((sum, w) => sum + w.weight, 0);
    const at = (perMille: number): number => {
      let sum = 0;
      for (const w of weighted) {
        sum += w.weight;
        if (sum * 1000 >= total * perMille) return w.value;
      }
      return final;
    };
    return { max: this.max, p50: at(500), p99: at(990), final };
  }
}
