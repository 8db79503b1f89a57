import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeModernCommit } from '../../../models/kafka/broker/modern-coordinator.ts';
import {
  isFenced,
  type ModernGroup,
  type ModernMember,
  reconcile,
} from '../../../models/kafka/broker/modern-group.ts';
import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';

const out = { became: () => {} } as never;

function member(id: string, has: number[], target: number[], epoch = 1): ModernMember {
  return {
    id,
    instance: '',
    client: id,
    topic: 'orders',
    assignor: '',
    rebalanceTimeout: 1,
    epoch,
    previousEpoch: 0,
    state: 'STABLE',
    assigned: has,
    revoking: [],
    target,
    heard: 0,
    session: NO_HANDLE,
    rebalance: NO_HANDLE,
  };
}

function group(epoch: number, ...members: ModernMember[]): ModernGroup {
  return {
    epoch,
    targetEpoch: epoch,
    partitions: 0,
    members: new Map(members.map((m) => [m.id, m])),
  };
}

describe('reconciliation', () => {
  test('gives up first, keeps its epoch until it has, and the other one waits', () => {
    const a = member('a', [0, 1], [0]);
    const b = member('b', [], [1]);
    const g = group(2, a, b);
    reconcile(g, b, [], out);
    expect(b).toMatchObject({ state: 'UNRELEASED_PARTITIONS', epoch: 2, assigned: [] });
    reconcile(g, a, [0, 1], out);
    expect(a).toMatchObject({ state: 'UNREVOKED_PARTITIONS', epoch: 1, revoking: [1] });
    // It has not done so yet, and a heartbeat that says nothing of what it owns proves nothing.
    reconcile(g, a, [0, 1], out);
    reconcile(g, a, undefined, out);
    reconcile(g, b, undefined, out);
    expect([a.epoch, b.assigned]).toEqual([1, []]);
    reconcile(g, a, [0], out);
    expect(a).toMatchObject({ state: 'STABLE', epoch: 2, assigned: [0] });
    reconcile(g, b, undefined, out);
    expect(b).toMatchObject({ state: 'STABLE', epoch: 2, assigned: [1] });
  });

  test('never gives a partition to two members, and ends in the target', () => {
    const step = fc.record({ who: fc.nat(2), acknowledges: fc.boolean() });
    const place = fc.array(fc.nat(2), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(place, fc.array(step, { maxLength: 40 }), place, (from, steps, to) => {
        const of = (places: number[], who: number) =>
          places.flatMap((w, p) => (w === who ? [p] : []));
        const members = [0, 1, 2].map((i) => member(`m${i}`, of(from, i), of(to, i)));
        const owned = members.map((m) => m.assigned);
        const g = group(2, ...members);
        const beat = (who: number, acknowledges: boolean) => {
          const m = members[who];
          if (acknowledges) owned[who] = m.assigned;
          reconcile(g, m, owned[who], out);
          const held = members.flatMap((x) => [...x.assigned, ...x.revoking]);
          expect(new Set(held).size).toBe(held.length);
        };
        for (const { who, acknowledges } of steps) beat(who, acknowledges);
        for (let round = 0; round < 6; round++) for (const who of [0, 1, 2]) beat(who, true);
        expect(members.map((m) => m.assigned.toSorted((a, b) => a - b))).toEqual(
          [0, 1, 2].map((i) => of(to, i)),
        );
        expect(members.every((m) => m.state === 'STABLE' && m.epoch === 2)).toBe(true);
      }),
    );
  });
});

test('an epoch from the future is fenced, the one before is forgiven when nothing too much is owned', () => {
  const m = { ...member('a', [0, 1], [0, 1], 5), previousEpoch: 4 };
  expect(isFenced(m, 5, undefined)).toBe(false);
  expect(isFenced(m, 6, [0])).toBe(true);
  expect(isFenced(m, 4, [0])).toBe(false);
  expect(isFenced(m, 4, [0, 2])).toBe(true);
  expect(isFenced(m, 4, undefined)).toBe(true);
  expect(isFenced(m, 3, [])).toBe(true);
});

test('a commit needs the epoch that the coordinator has', () => {
  const g = group(5, member('a', [], [], 5));
  const from = (id: string, generation: number) => ({
    type: 'OffsetCommitRequest' as const,
    correlation: 1,
    group: 'g',
    generation,
    member: id,
    instance: '',
    offsets: [],
  });
  expect(judgeModernCommit(g, from('a', 5))).toBe('NONE');
  expect(judgeModernCommit(g, from('a', 4))).toBe('STALE_MEMBER_EPOCH');
  expect(judgeModernCommit(g, from('b', 5))).toBe('UNKNOWN_MEMBER_ID');
  expect(judgeModernCommit(g, from('', -1))).toBe('UNKNOWN_MEMBER_ID');
  expect(judgeModernCommit(group(0), from('', -1))).toBe('NONE');
});
