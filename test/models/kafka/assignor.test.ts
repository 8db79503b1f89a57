import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASSIGNORS, range, roundrobin } from '../../../models/kafka/consumer/assignor.ts';

const partitionsOf = (sizes: Readonly<Record<string, number>>) => {
  let next = 0;
  const all = new Map<string, number[]>();
  for (const [topic, size] of Object.entries(sizes)) {
    all.set(
      topic,
      Array.from({ length: size }, () => next++),
    );
  }
  return (topic: string) => all.get(topic) ?? [];
};
const members = (...ids: string[]) => ids.map((member) => ({ member, topic: 'orders' }));
const shares = (assignments: { member: string; partitions: readonly number[] }[]) =>
  Object.fromEntries(assignments.map((a) => [a.member, a.partitions]));

describe('range', () => {
  test('gives consecutive runs, the first members one more', () => {
    expect(shares(range(members('c', 'a', 'b'), partitionsOf({ orders: 7 })))).toEqual({
      a: [0, 1, 2],
      b: [3, 4],
      c: [5, 6],
    });
  });

  test('leaves members without partitions when there are more of them', () => {
    expect(shares(range(members('a', 'b', 'c'), partitionsOf({ orders: 2 })))).toEqual({
      a: [0],
      b: [1],
      c: [],
    });
  });
});

describe('roundrobin', () => {
  test('deals partitions in a circle', () => {
    expect(shares(roundrobin(members('a', 'b', 'c'), partitionsOf({ orders: 7 })))).toEqual({
      a: [0, 3, 6],
      b: [1, 4],
      c: [2, 5],
    });
  });

  test('passes members that do not read the topic', () => {
    const mixed = [...members('a', 'c'), { member: 'b', topic: 'clicks' }];
    expect(shares(roundrobin(mixed, partitionsOf({ clicks: 2, orders: 3 })))).toEqual({
      a: [3],
      b: [0, 1],
      c: [2, 4],
    });
  });
});

test.each(Object.entries(ASSIGNORS))(
  '%s gives every partition to one member, evenly, in any order of members',
  (_, assign) => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(ids, fc.nat(40), (names, count) => {
        const given = assign(members(...names), partitionsOf({ orders: count }));
        const all = given.flatMap((a) => a.partitions).sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: count }, (_unused, i) => i));
        const sizes = given.map((a) => a.partitions.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        const turned = assign(members(...names.toReversed()), partitionsOf({ orders: count }));
        expect(turned).toEqual(given);
      }),
    );
  },
);
