import { describe, expect, test } from 'vitest';
import { SharePartition } from '../../../models/kafka/share/share-partition.ts';
import { batch } from './batches.ts';

const LIMITS = { deliveries: 2, locks: 100 };
/** Five batches of ten records. */
const LOG = [0, 10, 20, 30, 40].map((offset) => batch(offset, 0, { count: 10 }));
const from = (offset: number) => LOG.filter((b) => b.baseOffset + b.count > offset);

function taken(share: SharePartition, member: string, lock: number, max = 10) {
  return share.acquire(from(share.next), member, lock, max).acquired;
}

describe('a share partition', () => {
  test('hands out whole batches, the lowest available offset first', () => {
    const share = new SharePartition(0, LIMITS);
    expect(taken(share, 'a', 1)).toEqual([{ first: 0, last: 9, deliveryCount: 1 }]);
    expect(taken(share, 'b', 2)).toEqual([{ first: 10, last: 19, deliveryCount: 1 }]);
    for (const record of share.acquiredBy((r) => r.member === 'a')) share.release(record);
    expect(taken(share, 'b', 3)).toEqual([{ first: 0, last: 9, deliveryCount: 2 }]);
    expect(taken(share, 'b', 4, 1)).toEqual([{ first: 20, last: 29, deliveryCount: 1 }]);
  });

  test('lets nobody but its member acknowledge a record, and nobody twice', () => {
    const share = new SharePartition(0, LIMITS);
    taken(share, 'a', 1);
    expect(share.owned(0, 9, 'b')).toBeUndefined();
    const records = share.owned(0, 9, 'a') ?? [];
    expect(records).toHaveLength(10);
    for (const record of records) share.change(record, 'ACCEPT');
    expect(share.owned(0, 9, 'a')).toBeUndefined();
  });

  test('moves its start over what is done with, and not before that is written', () => {
    const share = new SharePartition(0, LIMITS);
    taken(share, 'a', 1);
    const records = share.owned(0, 4, 'a') ?? [];
    for (const record of records) share.change(record, 'ACCEPT');
    expect(share.start).toBe(0);
    for (const record of records) share.confirm(record);
    expect(share.start).toBe(5);
  });

  test('gives a record back to its member when the write fails', () => {
    const share = new SharePartition(0, LIMITS);
    taken(share, 'a', 1);
    const [first] = share.owned(0, 0, 'a') ?? [];
    share.change(first, 'ACCEPT');
    share.revert(first);
    expect(share.owned(0, 0, 'a')).toHaveLength(1);
  });

  test('archives what was handed out as often as allowed', () => {
    const share = new SharePartition(0, LIMITS);
    for (let times = 1; times <= 2; times++) {
      expect(taken(share, 'a', times)[0].deliveryCount).toBe(times);
      for (const record of share.acquiredBy(() => true)) share.release(record);
    }
    share.advance();
    expect(share.start).toBe(10);
    expect(taken(share, 'a', 3)[0].first).toBe(10);
  });

  test('hands out no more than it has locks for', () => {
    const share = new SharePartition(0, { deliveries: 2, locks: 15 });
    taken(share, 'a', 1);
    expect(taken(share, 'b', 2)).toEqual([{ first: 10, last: 14, deliveryCount: 1 }]);
    expect(share.next).toBe(-1);
  });

  test('is read back without its locks, and with its counts', () => {
    const state = {
      group: 'g',
      partition: 0,
      leaderEpoch: 0,
      start: 0,
      records: [
        { offset: 0, state: 'ACKNOWLEDGED', deliveryCount: 1 },
        { offset: 2, state: 'ACKNOWLEDGED', deliveryCount: 1 },
        { offset: 3, state: 'AVAILABLE', deliveryCount: 1 },
      ],
    } as const;
    const share = SharePartition.from(state, LIMITS);
    expect(share.start).toBe(1);
    expect(taken(share, 'a', 1, 1)).toEqual([
      { first: 1, last: 1, deliveryCount: 1 },
      { first: 3, last: 3, deliveryCount: 2 },
      { first: 4, last: 9, deliveryCount: 1 },
    ]);
  });
});
