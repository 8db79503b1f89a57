import { describe, expect, test } from 'vitest';
import { newGroup } from '../../../models/kafka/broker/group-record.ts';
import type { Group } from '../../../models/kafka/broker/group.ts';
import { expired } from '../../../models/kafka/broker/offset-expiry.ts';
import { rulesOf } from '../../../models/kafka/versions.ts';
import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';

/** Two committed offsets, of time 10 and 90; the group is empty since 50. */
function group(is: Group['phase']['is']): Group {
  const record = {
    ...newGroup('g', 3),
    offsets: [5, 6, -1],
    committedAt: [10, 90, 0],
    emptySince: 50,
  };
  const phase = (is === 'PreparingRebalance' ? { is, initial: false, until: 0 } : { is }) as never;
  return {
    name: 'g',
    subscription: 0,
    phase,
    generation: 1,
    protocol: '',
    leader: '',
    members: new Map(),
    pending: new Map(),
    newcomer: false,
    memberIds: 0,
    committed: [],
    record,
    barrier: NO_HANDLE,
  };
}
const at = (is: Group['phase']['is'], now: number, version: string) =>
  expired(group(is), now, 100, rulesOf(version));

describe('offsets expire', () => {
  test('all together, counted from when the group became empty', () => {
    expect(at('Empty', 149, '4.0')).toEqual([]);
    expect(at('Empty', 150, '4.0')).toEqual([0, 1]);
  });

  test('never while the group has members', () => {
    expect(at('Stable', 10_000, '4.0')).toEqual([]);
    expect(at('PreparingRebalance', 10_000, '3.2')).toEqual([]);
  });

  test('each by its age before KIP-211, whoever is there', () => {
    expect(at('Stable', 110, '2.0')).toEqual([0]);
    expect(at('Empty', 110, '2.0')).toEqual([0]);
    expect(at('Stable', 190, '2.0')).toEqual([0, 1]);
  });

  test('by their age during a rebalance before 3.2 (KAFKA-13636)', () => {
    expect(at('PreparingRebalance', 110, '3.1')).toEqual([0]);
    expect(at('CompletingRebalance', 110, '3.1')).toEqual([0]);
    expect(at('Stable', 110, '3.1')).toEqual([]);
  });
});
