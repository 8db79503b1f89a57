import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Stored } from '../../../models/sqs-sns/protocol.ts';
import { Homes, subsets } from '../../../models/sqs-sns/service.ts';
import { At, Shelf } from '../../../models/sqs-sns/shelf.ts';
import { SlotIndex } from '../../../models/sqs-sns/slot-index.ts';

const HOMES = new Homes(5, 3);

function stored(position: number, homes = HOMES.of(position, 0) ?? []): Stored {
  const zero = {
    message: position,
    key: -1,
    sequence: 0,
    poison: false,
    group: '',
    source: -1,
    bytes: 1,
    sentAt: 0,
    attempt: 1,
  };
  return { ...zero, position, homes };
}

test('an index of slots behaves like a map, through growing, shrinking and collisions', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(300)), { maxLength: 2000 }), (steps) => {
      const index = new SlotIndex();
      const map = new Map<number, number>();
      steps.forEach(([add, position], slot) => {
        if (add && !map.has(position)) {
          index.add(position, slot);
          map.set(position, slot);
        } else if (!add && map.has(position)) {
          index.remove(position);
          map.delete(position);
        }
      });
      expect(index.size).toBe(map.size);
      for (let p = 0; p <= 300; p++) expect(index.get(p)).toBe(map.get(p) ?? -1);
    }),
    { numRuns: 50 },
  );
});

/** What a shelf does, said slowly: a list of copies that is searched from end to end. */
class SlowShelf {
  copies: { position: number; visibleAt: number; at: number }[] = [];
  now = 0;

  visible(): number {
    const found = this.copies.filter((c) => c.at === At.visible).map((c) => c.position);
    return found.length === 0 ? -1 : Math.min(...found);
  }
}

type Step = readonly [what: number, which: number, time: number];

test('a shelf behaves like a list that is searched from end to end', () => {
  const step: fc.Arbitrary<Step> = fc.tuple(fc.nat(4), fc.nat(40), fc.nat(20));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const shelf = new Shelf(0);
      const slow = new SlowShelf();
      const homes = [0, 1, 2];
      for (const [what, which, time] of steps) {
        const slot = shelf.find(which);
        const copy = slow.copies.find((c) => c.position === which);
        expect(slot >= 0).toBe(copy !== undefined);
        if (what === 0 && copy === undefined) {
          const visibleAt = slow.now + time;
          shelf.put(stored(which, homes), visibleAt, slow.now);
          const at = visibleAt > slow.now ? At.delayed : At.visible;
          slow.copies.push({ position: which, visibleAt, at });
        } else if (what === 1 && copy !== undefined) {
          const visibleAt = slow.now + time;
          shelf.take(slot, shelf.receives(slot) + 1, 0, slow.now, visibleAt);
          Object.assign(copy, { visibleAt, at: At.inFlight });
        } else if (what === 2 && copy !== undefined) {
          shelf.remove(slot);
          slow.copies.splice(slow.copies.indexOf(copy), 1);
        } else if (what === 3) {
          slow.now += time;
          while (shelf.surface(slow.now) >= 0);
          for (const c of slow.copies) if (c.visibleAt <= slow.now) c.at = At.visible;
        } else if (what === 4 && copy !== undefined) {
          shelf.hide(slot, slow.now, slow.now, 1);
          Object.assign(copy, { visibleAt: slow.now, at: At.visible });
        }
        const oldest = shelf.oldest(0);
        expect(oldest < 0 ? -1 : shelf.stored(oldest).position).toBe(slow.visible());
        expect(shelf.inFlight).toBe(slow.copies.filter((c) => c.at === At.inFlight).length);
        expect(shelf.size).toBe(slow.copies.length);
        const seen: number[] = [];
        shelf.visit(0, (s) => seen.push(s.position));
        expect(seen).toEqual(slow.copies.map((c) => c.position)); // In order of arrival.
      }
    }),
    { numRuns: 100 },
  );
});

test('a server hands out what it is the first home of, and stands in for homes that are away', () => {
  const shelf = new Shelf(2);
  // Homes: message 0 on 0, 1, 2; message 1 on 1, 2, 3; message 2 on 2, 3, 4.
  for (const position of [0, 1, 2]) shelf.put(stored(position), 0, 0);
  const oldest = (down: number): number => shelf.stored(shelf.oldest(down)).position;
  expect(oldest(0b00000)).toBe(2);
  expect(oldest(0b00010)).toBe(1);
  expect(oldest(0b00001)).toBe(2); // Server 1 stands in for 0.
  expect(oldest(0b00011)).toBe(0);
});

test('equal lists of homes are one object, and too few servers are none', () => {
  expect(HOMES.of(7, 0)).toBe(HOMES.of(2, 0));
  expect(HOMES.of(0, 0b00011)).toEqual([2, 3, 4]);
  expect(HOMES.of(0, 0b00011)).toBe(HOMES.of(2, 0));
  expect(HOMES.of(0, 0b00111)).toBeUndefined();
});

test('the ways to take 2 of 4 are six, the first of them the first two', () => {
  expect(subsets(4, 2)).toEqual([
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 2],
    [1, 3],
    [2, 3],
  ]);
});

test('a queue of 300 000 copies costs a few microseconds a receive and leaves nothing behind', () => {
  const shelf = new Shelf(0);
  const homes = [0, 1, 2];
  const count = 300_000;
  for (let p = 0; p < count; p++) shelf.put(stored(p, homes), 0, 0);
  // 100 000 receives and deletes in the middle of it; a scan would be 10^10 steps.
  let wrong = 0;
  for (let i = 0; i < 100_000; i++) {
    const slot = shelf.oldest(0);
    if (shelf.stored(slot).position !== i) wrong++;
    shelf.take(slot, 1, 0, 0, 30);
    shelf.remove(shelf.find(i));
  }
  expect(wrong).toBe(0);
  expect(shelf.size).toBe(count - 100_000);
  expect(shelf.inFlight).toBe(0);
  expect(shelf.nextVisible).toBe(-1);
});
