import type { Micros, Ppm } from '../sim/kernel/time.ts';

/**
 * Quantities as people write them. Read digit by digit into whole numbers: no float is involved.
 */
export type Read =
  | { readonly ok: true; readonly value: number }
  | {
      readonly ok: false;
      readonly why: 'form' | 'unit' | 'fine' | 'large';
      /** Of the unit, or of the rule that was broken. */
      readonly hint: string;
    };

type Units = Readonly<Record<string, number>>;

export const TIME_UNITS: Units = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  min: 60_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

/** A kilobyte is 1000 bytes (SI), a kibibyte 1024 (IEC). */
export const SIZE_UNITS: Units = {
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  TB: 1_000_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** Ten years: no span of a scenario is longer. */
export const LONGEST: Micros = 3_650 * TIME_UNITS.d;

/** As in the exported JSON Schema. */
export const DURATION = /^\d{1,15}(\.\d{1,9})? ?(us|ms|s|min|m|h|d)$/;
export const SIGNED_DURATION = /^[+-]?\d{1,15}(\.\d{1,9})? ?(us|ms|s|min|m|h|d)$/;
export const SIZE = /^\d{1,15}(\.\d{1,9})? ?(B|KB|MB|GB|TB|KiB|MiB|GiB)$/;
export const RATE = /^\d{1,9}(\.\d{1,6})? ?\/ ?(s|min|h)$/;
export const BANDWIDTH = /^\d{1,15}(\.\d{1,9})? ?(B|KB|MB|GB|TB|KiB|MiB|GiB)\/s$/;
export const CHANCE = /^\d{1,7}(\.\d{1,6})? ?(%|ppm)$/;

const QUANTITY = /^([+-]?)(\d{1,15})(?:\.(\d{1,9}))? ?([^\s\d.][^\d]*)?$/;

const FORMS = {
  time: 'a number and a unit, such as 5ms, 2s or 10min',
  size: 'a number and a unit, such as 100B, 16KB or 1MiB',
};

const MEANT: Readonly<Record<string, string>> = {
  µs: 'us',
  μs: 'us',
  usec: 'us',
  micros: 'us',
  msec: 'ms',
  millis: 'ms',
  milliseconds: 'ms',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  minute: 'min',
  minutes: 'min',
  mins: 'min',
  hour: 'h',
  hours: 'h',
  hr: 'h',
  day: 'd',
  days: 'd',
  b: 'B',
  byte: 'B',
  bytes: 'B',
  k: 'KB',
  kb: 'KB',
  kB: 'KB',
  K: 'KB',
  M: 'MB',
  mb: 'MB',
  G: 'GB',
  gb: 'GB',
};

/** "0.5ms" -> 500. Negative only where a sign has a meaning (a clock that jumps back). */
export function readDuration(text: string, signed = false): Read {
  return quantity(text, TIME_UNITS, 'time', signed, LONGEST);
}

/** "16KB" -> 16000. */
export function readSize(text: string): Read {
  return quantity(text, SIZE_UNITS, 'size', false, Number.MAX_SAFE_INTEGER);
}

/** "100MB/s" -> bytes a second. */
export function readBandwidth(text: string): Read {
  if (!text.endsWith('/s'))
    return { ok: false, why: 'form', hint: 'write a size per second: 100MB/s' };
  return readSize(text.slice(0, -2));
}

/** "1%" -> 10000 parts per million; "200ppm" -> 200. */
export function readChance(text: string): Read {
  const hint = 'write a percentage such as 1% or 0.01%, or parts per million such as 200ppm';
  const match = CHANCE.exec(text);
  if (match === null) return { ok: false, why: 'form', hint };
  const unit = match[2] === '%' ? 10_000 : 1;
  const read = exact(text.slice(0, text.length - match[2].length).trim(), unit);
  if (read === undefined)
    return { ok: false, why: 'fine', hint: 'one part per million is the finest' };
  if (read > 1_000_000n) return { ok: false, why: 'large', hint: 'a chance is 100% at most' };
  return { ok: true, value: Number(read) satisfies Ppm };
}

/** "100/s" -> 10000: the gap between two, rounded down to whole microseconds. */
export function readRate(text: string): Read {
  const match = RATE.exec(text);
  if (match === null) {
    return { ok: false, why: 'form', hint: 'write how many per s, min or h: 100/s' };
  }
  // In millionths of a message, so that 0.5/s is a whole number.
  const count = exact(text.slice(0, text.indexOf('/')).trim(), 1_000_000) ?? 0n;
  if (count === 0n) return { ok: false, why: 'form', hint: 'the rate must be above 0' };
  const gap = (BigInt(TIME_UNITS[match[2]]) * 1_000_000n) / count;
  if (gap === 0n) return { ok: false, why: 'fine', hint: '1000000/s is the most' };
  return { ok: true, value: Number(gap) };
}

/** A decimal number in thousandths: "1.5" -> 1500; undefined when it is none, or finer. */
export function readThousandths(text: string): number | undefined {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) return undefined;
  const read = exact(text, 1_000);
  return read === undefined ? undefined : Number(read);
}

function quantity(
  text: string,
  units: Units,
  kind: 'time' | 'size',
  signed: boolean,
  most: number,
): Read {
  const match = QUANTITY.exec(text.trim());
  if (match === null) return { ok: false, why: 'form', hint: `write ${FORMS[kind]}` };
  const [, sign, whole, fraction = '', unit = ''] = match;
  if (sign === '-' && !signed) return { ok: false, why: 'form', hint: 'it cannot be negative' };
  if (unit === '' && /^0+$/.test(whole + fraction)) return { ok: true, value: 0 };
  if (unit === '') return { ok: false, why: 'unit', hint: `it needs a unit: ${FORMS[kind]}` };
  if (!Object.hasOwn(units, unit)) return { ok: false, why: 'unit', hint: unknownUnit(unit, kind) };
  const value = exact(fraction === '' ? whole : `${whole}.${fraction}`, units[unit]);
  if (value === undefined) {
    const finest = kind === 'time' ? 'one microsecond (1us)' : 'one byte';
    return { ok: false, why: 'fine', hint: `${finest} is the finest` };
  }
  if (value > BigInt(most)) {
    return {
      ok: false,
      why: 'large',
      hint: kind === 'time' ? 'ten years is the longest' : 'too large',
    };
  }
  return { ok: true, value: Number(sign === '-' ? -value : value) };
}

function unknownUnit(unit: string, kind: 'time' | 'size'): string {
  const name = unit.trim();
  const meant = Object.hasOwn(MEANT, name) ? MEANT[name] : undefined;
  const units = kind === 'time' ? TIME_UNITS : SIZE_UNITS;
  if (meant !== undefined && Object.hasOwn(units, meant)) return `write "${meant}" for "${name}"`;
  const known = kind === 'time' ? 'us, ms, s, min (or m), h, d' : Object.keys(units).join(', ');
  return `"${name}" is no unit of ${kind}; known: ${known}`;
}

/** number * unit exactly, or undefined when it is not whole. */
function exact(number: string, unit: number): bigint | undefined {
  const [whole, fraction = ''] = number.split('.');
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * BigInt(unit);
  return scaled % scale === 0n ? scaled / scale : undefined;
}

/** The inverse of `readDuration`: the largest unit that leaves a whole number. */
export function spellDuration(time: Micros): string {
  for (const unit of ['d', 'h', 'min', 's', 'ms']) {
    if (time !== 0 && time % TIME_UNITS[unit] === 0) return `${time / TIME_UNITS[unit]}${unit}`;
  }
  return `${time}us`;
}

/** The inverse of `readSize`. */
export function spellSize(bytes: number): string {
  for (const unit of ['TB', 'GB', 'MB', 'KB']) {
    if (bytes !== 0 && bytes % SIZE_UNITS[unit] === 0) return `${bytes / SIZE_UNITS[unit]}${unit}`;
  }
  return `${bytes}B`;
}

/** The inverse of `readChance`. */
export function spellChance(ppm: Ppm): string {
  return ppm % 100 === 0 ? `${ppm / 10_000}%` : `${ppm}ppm`;
}
