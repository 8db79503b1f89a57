import { expect, test } from 'vitest';
import { noisyOf, Tenants } from '../../../models/sqs-sns/fair.ts';
import type { Stored } from '../../../models/sqs-sns/protocol.ts';
import { Shelf } from '../../../models/sqs-sns/shelf.ts';
import { seconds } from '../../../sim/kernel/time.ts';

const counts = (of: Record<string, number>) => new Map(Object.entries(of));
const load = (inFlight: Record<string, number>, busy: Record<string, number> = {}) => ({
  inFlight: counts(inFlight),
  busy: counts(busy),
});

test('a tenant is noisy with 30 in flight and more than a tenth of all, summed over the servers', () => {
  expect([...noisyOf([load({ a: 30, b: 29 })])]).toEqual(['a']);
  expect([...noisyOf([load({ a: 29, b: 29 })])]).toEqual([]);
  expect([...noisyOf([load({ a: 15 }), undefined, load({ a: 15, b: 1 })])]).toEqual(['a']);
  expect([...noisyOf([load({ a: 30, '': 270 })])]).toEqual([]); // Just a tenth.
  expect([...noisyOf([load({ a: 31, '': 270 })])]).toEqual(['a']);
});

test('or with more than a tenth of the time that consumers spent recently', () => {
  expect([...noisyOf([load({}, { a: 11, b: 89 })])]).toEqual(['a', 'b']);
  expect([...noisyOf([load({}, { a: 10, '': 90 })])]).toEqual([]);
  expect([...noisyOf([load({}, { a: 100 })])]).toEqual([]); // Alone it disturbs nobody.
});

test("consumers' time is forgotten after two windows", () => {
  const tenants = new Tenants();
  tenants.worked('a', 5, seconds(60));
  expect(tenants.busy(seconds(119)).get('a')).toBe(5);
  expect(tenants.busy(seconds(121)).get('a')).toBe(5);
  expect(tenants.busy(seconds(181)).get('a')).toBeUndefined();
});

test('a shelf hands out quiet tenants first, the noisy ones when nothing else is left, and forgives', () => {
  const homes = [0];
  const shelf = new Shelf(0);
  const group = (position: number) => (position < 5 ? 'loud' : 'quiet');
  for (let position = 0; position < 8; position++) {
    const zero = { message: position, key: -1, sequence: 0, poison: false, bytes: 1, sentAt: 0 };
    const stored: Stored = {
      ...zero,
      attempt: 1,
      source: -1,
      position,
      homes,
      group: group(position),
    };
    shelf.put(stored, 0, 0);
  }
  const next = () => {
    const slot = shelf.oldest(0);
    const { position } = shelf.stored(slot);
    shelf.take(slot, 1, 0, 0, 100);
    return position;
  };
  expect(next()).toBe(0);
  shelf.setAside(new Set(['loud']));
  expect([next(), next()]).toEqual([5, 6]);
  shelf.setAside(new Set());
  expect([next(), next()]).toEqual([1, 2]);
  shelf.setAside(new Set(['loud']));
  expect([next(), next(), next()]).toEqual([7, 3, 4]);
  expect(shelf.inFlight).toBe(8);
  expect(shelf.tenants?.inFlight).toEqual(counts({ loud: 5, quiet: 3 }));
});
