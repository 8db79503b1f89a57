/** Virtual time and spans of it: whole microseconds, exact up to 285 years. */
export type Micros = number;

export const MILLISECOND: Micros = 1_000;
export const SECOND: Micros = 1_000_000;

export const millis = (n: number): Micros => n * MILLISECOND;
export const seconds = (n: number): Micros => n * SECOND;

/** Parts per million. Every chance in the project is one of these, so no float decides anything. */
export type Ppm = number;
export const MILLION: Ppm = 1_000_000;

/** `span` doubled so many times, at most `cap`: exact, and safe whatever the number of times. */
export function doubled(span: Micros, times: number, cap: Micros): Micros {
  let value = span;
  for (let left = times; left > 0 && value > 0 && value < cap; left--) value *= 2;
  return Math.min(value, cap);
}

const UNITS: readonly (readonly [string, Micros])[] = [
  ['d', 86_400 * SECOND],
  ['h', 3_600 * SECOND],
  ['min', 60 * SECOND],
  ['s', SECOND],
  ['ms', MILLISECOND],
];

/** "1.25 s", "30 ms", "7 us": the largest unit that leaves at least 1, three decimals at most. */
export function formatTime(time: Micros): string {
  const size = Math.abs(time);
  for (const [unit, micros] of UNITS) {
    if (size >= micros) return `${Number((time / micros).toFixed(3))} ${unit}`;
  }
  return `${time} us`;
}
