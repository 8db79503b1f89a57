import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign, type AssignorMember } from '../../../models/kafka/consumer/assignor.ts';
import { claimsOf, sticky } from '../../../models/kafka/consumer/sticky.ts';
import { rulesOf } from '../../../models/kafka/versions.ts';
import { SERVER_ASSIGNORS } from '../../../models/kafka/broker/server-assignors.ts';

const NOW = rulesOf('4.0');
const topic = (count: number) => () => Array.from({ length: count }, (_, i) => i);
const member = (id: string, owned: number[] = [], ownedIn = 1): AssignorMember => ({
  member: id,
  topic: 'orders',
  owned,
  ownedIn,
});
const shares = (given: ReturnType<typeof assign>) =>
  Object.fromEntries((given ?? []).map((a) => [a.member, a.partitions]));

describe('claims', () => {
  const both = [member('a', [0, 1], 1), member('b', [1, 2], 2)];

  test('the higher generation wins, and an older claim counts where nobody contradicts it', () => {
    expect([...claimsOf(both, 'newest-wins').owner]).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'b'],
    ]);
  });

  test('only the highest generation counts under the old rule', () => {
    expect([...claimsOf(both, 'newest-only').owner]).toEqual([
      [1, 'b'],
      [2, 'b'],
    ]);
  });

  test('of one generation both lose; without generations that is an error', () => {
    const same = [member('a', [0, 1]), member('b', [1, 2])];
    expect(claimsOf(same, 'newest-wins').owner.has(1)).toBe(false);
    expect(claimsOf(both, 'contradict').contradicted).toBe(true);
    expect(assign('cooperative-sticky', both, topic(3), rulesOf('2.8'))).toBeUndefined();
    expect(assign('cooperative-sticky', both, topic(3), rulesOf('3.0'))).toBeDefined();
  });
});

describe('cooperative-sticky', () => {
  test('leaves what has to move with nobody for one round', () => {
    const first = [member('a', [0, 1, 2, 3]), member('b')];
    expect(shares(assign('cooperative-sticky', first, topic(4), NOW))).toEqual({
      a: [0, 1],
      b: [],
    });
    expect(shares(assign('sticky', first, topic(4), NOW))).toEqual({ a: [0, 1], b: [2, 3] });
    const second = [member('a', [0, 1], 2), member('b', [], 2)];
    expect(shares(assign('cooperative-sticky', second, topic(4), NOW))).toEqual({
      a: [0, 1],
      b: [2, 3],
    });
  });

  test('an older claim that does not count lets a partition move within one round', () => {
    const late = [member('a', [0, 1], 1), member('b', [2], 2), member('c', [], 2)];
    const before = assign('cooperative-sticky', late, topic(4), rulesOf('3.4'));
    const after = assign('cooperative-sticky', late, topic(4), rulesOf('3.5'));
    const taken = (given: typeof before) =>
      (given ?? []).filter((g) => g.member !== 'a').some((g) => g.partitions.includes(1));
    expect([taken(before), taken(after)]).toEqual([true, false]);
  });
});

/** Members with claims that do not contradict each other. */
const groups = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.nat(30), fc.array(fc.nat(6), { maxLength: 30 }))
  .map(([members, count, owners]) => {
    const ids = Array.from({ length: members }, (_, i) => `m${i}`);
    const owner = new Map<number, string>();
    owners.slice(0, count).forEach((m, p) => {
      if (m < members) owner.set(p, ids[m]);
    });
    return { ids, count, owner };
  });

const all = (count: number) => Array.from({ length: count }, (_, i) => i);

test('sticky: every partition to one member, balanced, and nothing moves that need not', () => {
  fc.assert(
    fc.property(groups, ({ ids, count, owner }) => {
      const given = sticky(ids, all(count), owner);
      const flat = [...given.values()].flat().sort((a, b) => a - b);
      expect(flat).toEqual(all(count));
      const sizes = [...given.values()].map((s) => s.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      // Who owned no more than the floor keeps all of it.
      for (const [id, share] of given) {
        const owned = all(count).filter((p) => owner.get(p) === id);
        if (owned.length <= Math.floor(count / ids.length)) {
          expect(owned.every((p) => share.includes(p))).toBe(true);
        } else expect(share.every((p) => owned.includes(p))).toBe(true);
      }
      // A balanced assignment stays as it is.
      const again = new Map([...given].flatMap(([id, s]) => s.map((p) => [p, id] as const)));
      const sorted = (shares: typeof given) =>
        [...shares].map(([id, s]) => [id, s.toSorted((a, b) => a - b)]);
      expect(sorted(sticky(ids, all(count), again))).toEqual(sorted(given));
    }),
  );
});

test('cooperative-sticky: nobody is given what another one owns, and two rounds settle it', () => {
  fc.assert(
    fc.property(groups, ({ ids, count, owner }) => {
      const owns = (id: string) => all(count).filter((p) => owner.get(p) === id);
      const first = assign(
        'cooperative-sticky',
        ids.map((id) => member(id, owns(id))),
        topic(count),
        NOW,
      );
      for (const { member: id, partitions } of first ?? []) {
        expect(partitions.every((p) => (owner.get(p) ?? id) === id)).toBe(true);
      }
      const claims = (first ?? []).map((g) => member(g.member, [...g.partitions], 2));
      const second = assign('cooperative-sticky', claims, topic(count), NOW);
      const flat = (second ?? []).flatMap((g) => g.partitions).sort((a, b) => a - b);
      expect(flat).toEqual(all(count));
    }),
  );
});

test.each(Object.entries(SERVER_ASSIGNORS))(
  'the server assignor %s gives every partition to one member, evenly',
  (name, assignor) => {
    fc.assert(
      fc.property(groups, ({ ids, count, owner }) => {
        const members = ids.map((id) => ({
          id,
          instance: '',
          target: all(count).filter((p) => owner.get(p) === id),
        }));
        const given = assignor(members, all(count));
        const flat = [...given.values()].flat().sort((a, b) => a - b);
        expect(flat).toEqual(all(count));
        const sizes = [...given.values()].map((s) => s.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        if (name !== 'uniform') return;
        for (const { id, target } of members) {
          if (target.length > Math.floor(count / ids.length)) continue;
          expect(target.every((p) => given.get(id)?.includes(p))).toBe(true);
        }
      }),
    );
  },
);
