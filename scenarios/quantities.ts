import * as z from 'zod';
import { BANDWIDTH, CHANCE, DURATION, RATE, SIGNED_DURATION, SIZE } from './units.ts';

/**
 * The smallest pieces of the file format. The message of each is the name of its kind; `shape.ts`
 * turns that into words about the value that was found.
 */
export const KINDS = {
  name: 'a name of 1 to 64 letters, digits, ".", "_" or "-"',
  text: 'a text',
  duration: 'a duration such as 5ms, 2s or 10min',
  signed: 'a duration such as 5s or -5s',
  spread: 'a duration, { p50, p99 } or { min, max }',
  size: 'a size such as 100B, 16KB or 1MiB',
  sizes: 'a size, { p50, p99 } or { min, max }',
  rate: 'a rate such as 100/s',
  bandwidth: 'a size per second such as 100MB/s',
  chance: 'a chance such as 1%, 0.01% or 200ppm',
  count: 'a whole number',
  factor: 'a number such as 20 or 1.5',
  flag: 'true or false',
  mapping: 'a mapping of keys to values',
  list: 'a list',
  names: 'a name or a list of names',
  sides: 'two lists of nodes, [[a], [b, c]], or { from, to }',
  keys: 'a number of keys, or { count, hot: { keys, share } }',
  starts: 'a duration or `never`, or a list of these',
  idempotency: 'none, message-id, sequence, window, or { by, window, check }',
  nth: 'a whole number from 1, or a list of them',
  value: 'a text, a number, true or false',
  config: 'a mapping of configuration keys, or pasted text',
  number: 'a number, a comparison such as ">= 1" or "< 60s", a range such as "1..5", or any',
  guarantee: 'exactly-once, at-least-once, at-most-once, none or unknown, or a list of these',
  variants: 'a list of variants, or a mapping of paths to lists of values',
} as const;

export type Kind = keyof typeof KINDS;

const kind = (error: Kind) => ({ error });

export const NAME = /^[A-Za-z0-9._-]{1,64}$/;

export const name = z.string(kind('name')).regex(NAME, kind('name'));
/** A channel, in one of several systems: `orders` or `main/orders`. */
export const TARGET = /^([A-Za-z0-9._-]{1,64}\/)?[A-Za-z0-9._-]{1,64}$/;
export const target = z.string(kind('name')).regex(TARGET, kind('name'));
export const text = z.union([z.string(), z.number()], kind('text'));

// A bare 0 needs no unit.
export const duration = z.union(
  [z.string().regex(DURATION, kind('duration')), z.literal(0)],
  kind('duration'),
);
export const signedDuration = z.union(
  [z.string().regex(SIGNED_DURATION, kind('signed')), z.literal(0)],
  kind('signed'),
);
export const size = z.union([z.string().regex(SIZE, kind('size')), z.literal(0)], kind('size'));
export const rate = z.string(kind('rate')).regex(RATE, kind('rate'));
export const bandwidth = z.union(
  [z.string().regex(BANDWIDTH, kind('bandwidth')), z.literal(0)],
  kind('bandwidth'),
);
export const chance = z.string(kind('chance')).regex(CHANCE, kind('chance'));
export const flag = z.boolean(kind('flag'));

export const spread = z.union(
  [
    duration,
    z.strictObject({ p50: duration, p99: duration }, kind('spread')),
    z.strictObject({ min: duration, max: duration }, kind('spread')),
  ],
  kind('spread'),
);

export const sizes = z.union(
  [
    size,
    z.strictObject({ p50: size, p99: size }, kind('sizes')),
    z.strictObject({ min: size, max: size }, kind('sizes')),
  ],
  kind('sizes'),
);

/** A whole number within bounds. */
export function count(min: number, max: number) {
  return z.int(kind('count')).min(min).max(max);
}

export type Spread = z.infer<typeof spread> | z.infer<typeof sizes>;
