import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EpochCache } from '../../../models/kafka/epoch-cache.ts';
import { ReplicaLog } from '../../../models/kafka/log.ts';
import { Disk } from '../../../sim/kernel/disk.ts';
import { batch, topic } from './batches.ts';

function logOf(disk: Disk, sizes: readonly (readonly [epoch: number, count: number])[]) {
  const log = new ReplicaLog('orders-0', disk, topic());
  for (const [epoch, count] of sizes) log.append(batch(log.end, epoch, { count }), 0);
  return log;
}

describe('the epoch cache', () => {
  const cache = new EpochCache();
  for (const [epoch, start] of [
    [1, 0],
    [3, 10],
    [4, 15],
  ]) {
    cache.assign(epoch, start);
  }

  test.each([
    ['the latest epoch ends at the end of the log', 4, { epoch: 4, end: 20 }],
    ['an older one ends where the next begins', 1, { epoch: 1, end: 10 }],
    ['one that is not there ends with the largest smaller one', 2, { epoch: 1, end: 10 }],
    ['one from the future is undefined', 5, { epoch: -1, end: -1 }],
    ['one before the first ends where that begins', 0, { epoch: 0, end: 0 }],
  ])('%s', (_, epoch, end) => {
    expect(cache.endOf(epoch, 20)).toEqual(end);
  });

  test('knows who wrote an offset', () => {
    expect([0, 9, 10, 14, 15, 99].map((offset) => cache.at(offset))).toEqual([1, 1, 3, 3, 4, 4]);
  });

  test('an epoch that wrote nothing leaves no trace', () => {
    const empty = new EpochCache();
    empty.assign(1, 0);
    empty.assign(2, 0);
    expect(empty.pairs()).toEqual([[2, 0]]);
  });
});

describe('a replica log', () => {
  test('is read by whole batches below the bound', () => {
    const log = logOf(new Disk(), [
      [0, 2],
      [0, 3],
      [0, 1],
    ]);
    const offsets = (from: number, bound: number, bytes = 1e6) =>
      log.read(from, bound, bytes).map((b) => b.baseOffset);
    expect(offsets(0, 6)).toEqual([0, 2, 5]);
    expect(offsets(3, 6)).toEqual([2, 5]); // From the middle of a batch: the whole of it.
    expect(offsets(0, 4)).toEqual([0]); // 2..4 is not wholly below 4.
    expect(offsets(0, 6, 1)).toEqual([0]); // At least one, even when it is too large.
    expect(offsets(6, 6)).toEqual([]);
  });

  test('loses with a power cut what was not synced, and with a crash nothing', () => {
    const disk = new Disk();
    const log = logOf(disk, [
      [0, 2],
      [0, 2],
    ]);
    disk.harden('orders-0', 1);
    expect(log.durable).toBe(2);
    expect(new ReplicaLog('orders-0', disk, topic()).end).toBe(4);
    disk.losePower(0);
    expect(new ReplicaLog('orders-0', disk, topic()).end).toBe(2);
  });

  test('forgets with a truncation the epochs and the producers of what it cut', () => {
    const log = logOf(new Disk(), [[0, 2]]);
    const of = (producerId: number, baseSequence: number) => ({
      producerId,
      producerEpoch: 0,
      baseSequence,
    });
    log.append(batch(2, 1, of(7, 0)), 0);
    log.append(batch(3, 2, of(7, 1)), 0);
    expect(log.truncate(3).map((b) => b.baseOffset)).toEqual([3]);
    expect(log.epochs.pairs()).toEqual([
      [0, 0],
      [1, 2],
    ]);
    // Sequence 1 is the next one again: had it been kept, this would be a duplicate.
    expect(log.producers.admit(batch(-1, -1, of(7, 1)))).toEqual({ is: 'append' });
    expect(log.producers.admit(batch(-1, -1, of(7, 0)))).toEqual({ is: 'duplicate', offset: 2 });
  });

  test('forgets with a truncation at its end an epoch in which it led and wrote nothing', () => {
    const log = logOf(new Disk(), [[0, 2]]);
    log.epochs.assign(1, log.end);
    log.truncate(2);
    expect(log.epochs.latest).toBe(0);
  });

  test('deletes by age whole segments, and never past the high watermark', () => {
    const config = topic({ segmentBytes: 200, retentionAge: 50 });
    const log = new ReplicaLog('orders-0', new Disk(), config);
    for (let i = 0; i < 6; i++) log.append(batch(i, 0, { timestamp: i * 10 }), i * 10);
    // Segments 0-1, 2-3, 4-5 with largest timestamps 10, 30, 50.
    expect(log.expire(70, 6)).toBe(true);
    expect(log.start).toBe(2);
    expect(log.expire(90, 3)).toBe(false); // Segment 2-3 is old enough, but ends above 3.
    expect(log.expire(90, 6)).toBe(true);
    expect([log.start, log.end]).toEqual([4, 6]);
    expect(log.expire(200, 6)).toBe(true); // Even the active one.
    expect([log.start, log.end]).toEqual([6, 6]);
  });

  test('deletes by size while what is left is still large enough', () => {
    const config = topic({ segmentBytes: 200, retentionBytes: 250 });
    const log = new ReplicaLog('orders-0', new Disk(), config);
    for (let i = 0; i < 6; i++) log.append(batch(i, 0), 0);
    // 600 bytes in three segments: 600 - 200 >= 250, then 400 - 200 < 250.
    log.expire(0, 6);
    expect(log.start).toBe(2);
  });

  test('keeps the sequences of a producer whose records retention has deleted', () => {
    const disk = new Disk();
    const config = topic({ segmentBytes: 100, retentionBytes: 50 });
    const log = new ReplicaLog('orders-0', disk, config);
    const of = (baseSequence: number) => ({ producerId: 7, producerEpoch: 0, baseSequence });
    for (let i = 0; i < 3; i++) log.append(batch(i, 0, of(i)), 0);
    log.expire(0, 3);
    expect(log.start).toBeGreaterThan(0);
    const restarted = new ReplicaLog('orders-0', disk, config);
    expect(restarted.start).toBe(log.start);
    expect(restarted.producers.admit(batch(-1, -1, of(3)))).toEqual({ is: 'append' });
    expect(restarted.producers.admit(batch(-1, -1, of(0)))).toEqual({ is: 'duplicate', offset: 0 });
  });

  test('is after any truncation what it would be had the rest never been written', () => {
    const sizes = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 4 })), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.nat(40), (steps, cut) => {
        let epoch = 0;
        const written = steps.map(([more, count]) => [(epoch += more), count] as const);
        const log = logOf(new Disk(), written);
        const at = Math.min(cut, log.end);
        log.truncate(at);
        const kept = written.filter((_, i) => {
          const end = written.slice(0, i + 1).reduce((sum, [, count]) => sum + count, 0);
          return end <= at;
        });
        const fresh = logOf(new Disk(), kept);
        expect(log.end).toBe(fresh.end);
        expect(log.epochs.pairs()).toEqual(fresh.epochs.pairs());
        expect(log.bytes).toBe(fresh.bytes);
      }),
    );
  });
});
