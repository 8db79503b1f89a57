/**
 * How often each value was measured. Exact below 1 024, above that the lower end of a step of less
 * than a thousandth: the number of steps is bounded, so memory is, whatever is counted.
 */
export class Measured {
  readonly #times = new Map<number, number>();

  add(value: number, times = 1): void {
    const step = stepOf(value);
    this.#times.set(step, (this.#times.get(step) ?? 0) + times);
  }

  merge(data: MeasuredData): void {
    for (const [value, times] of data) this.add(value, times);
  }

  /** By value: the same for the same measurements in any order. */
  data(): MeasuredData {
    return [...this.#times].sort(([a], [b]) => a - b);
  }
}

export type MeasuredData = readonly (readonly [value: number, times: number])[];

/** The smallest value that at least `percent` of a hundred measurements do not exceed. */
export function percentile(data: MeasuredData, percent: number): number {
  const total = data.reduce((sum, [, times]) => sum + times, 0);
  const rank = Math.max(1, Math.ceil((total * percent) / 100));
  let seen = 0;
  for (const [value, times] of data) {
    seen += times;
    if (seen >= rank) return value;
  }
  return 0;
}

function stepOf(value: number): number {
  const whole = Math.max(0, Math.floor(value));
  let step = 1;
  while (whole / step >= 1024) step *= 2;
  return Math.floor(whole / step) * step;
}
