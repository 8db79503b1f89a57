import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compact } from '../../../models/kafka/cleaner.ts';
import { ReplicaLog } from '../../../models/kafka/log.ts';
import { type Batch, offsetAt } from '../../../models/kafka/protocol.ts';
import { rulesOf } from '../../../models/kafka/versions.ts';
import { Disk } from '../../../sim/kernel/disk.ts';
import { batch, topic } from './batches.ts';
import { run } from './world.ts';

const TERMS = {
  now: 1000,
  tombstoneRetention: 500,
  isNewestOf: () => false,
  isAborted: () => false,
  sparesMarkers: true,
};

/** Batches one behind the other, from the keys of their records. */
function batchesOf(keys: readonly (readonly number[])[]): Batch[] {
  let offset = 0;
  return keys.map((own) => {
    const made = batch(offset, 0, { count: own.length, keys: own });
    offset += own.length;
    return made;
  });
}

/** Offset, key and message of every record. */
function records(batches: readonly Batch[]): [number, number, number][] {
  return batches.flatMap((b) =>
    b.messages.map((m, i): [number, number, number] => [offsetAt(b, i), b.keys[i], m]),
  );
}

/** What compaction means: of each key the last record, where it stood. */
function naive(all: readonly [number, number, number][]): [number, number, number][] {
  return all.filter(([offset, key]) => !all.some(([o, k]) => k === key && o > offset));
}

const KEYS = fc.array(fc.array(fc.nat(6), { minLength: 1, maxLength: 4 }), { maxLength: 30 });

describe('compaction', () => {
  test('keeps the newest record of each key at its offset, and nothing else', () => {
    fc.assert(
      fc.property(KEYS, (keys) => {
        const before = batchesOf(keys);
        const after = compact(before, TERMS);
        expect(records(after)).toEqual(naive(records(before)));
        expect(after.length).toBeLessThanOrEqual(before.length);
      }),
    );
  });

  test('in two steps is the same as in one', () => {
    fc.assert(
      fc.property(KEYS, fc.nat(30), (keys, cut) => {
        const all = batchesOf(keys);
        const first = compact(all.slice(0, cut), TERMS);
        const twice = compact([...first, ...all.slice(cut)], TERMS);
        expect(records(twice)).toEqual(records(compact(all, TERMS)));
      }),
    );
  });

  test('drops records without a key', () => {
    expect(records(compact(batchesOf([[-1, 1], [-1]]), TERMS))).toEqual([[1, 1, 1]]);
  });

  test('keeps the header of a batch that is the newest of its producer', () => {
    const [old, newer] = batchesOf([[1], [1]]);
    const isNewestOf = (b: Batch) => b === old;
    const after = compact([old, newer], { ...TERMS, isNewestOf });
    expect(after.map((b) => [b.baseOffset, b.count, b.messages.length])).toEqual([
      [0, 1, 0],
      [1, 1, 1],
    ]);
  });

  test('a tombstone stays for delete.retention.ms after the first cleaning that met it', () => {
    const value = batch(0, 0, { keys: [7] });
    const tombstone = batch(1, 0, { keys: [7], tombstones: [true] });
    const first = compact([value, tombstone], TERMS);
    expect(records(first)).toEqual([[1, 7, 1]]);
    expect(first[0].horizon).toBe(1500);
    expect(compact(first, { ...TERMS, now: 1500 })).toHaveLength(1);
    expect(compact(first, { ...TERMS, now: 1501 })).toHaveLength(0);
  });
});

describe('a compacted log', () => {
  const config = topic({ compacts: true, deletes: false, segmentBytes: 200 });
  const open = (disk: Disk, version = '3.9') =>
    new ReplicaLog('orders-0', disk, config, rulesOf(version));

  function filled(disk: Disk, version?: string): ReplicaLog {
    const log = open(disk, version);
    // 100 B each: segments of two; the last one is active.
    for (const [i, key] of [1, 1, 2, 1, 2, 3].entries())
      log.append(batch(i, 0, { keys: [key] }), 0);
    return log;
  }

  test('leaves the active segment alone', () => {
    const log = filled(new Disk());
    log.clean(0, 6);
    // Key 1 stands at 0, 1 and 3, key 2 at 2 and 4; 4 is in the active segment.
    expect(records(log.from(0)).map(([offset]) => offset)).toEqual([2, 3, 4, 5]);
    expect([log.cleanedTo, log.end]).toEqual([4, 6]);
  });

  test('stops at the high watermark since 3.1; before, it did not', () => {
    const now = filled(new Disk());
    now.clean(0, 2);
    expect(now.cleanedTo).toBe(2);
    const old = filled(new Disk(), '3.0');
    old.clean(0, 2);
    expect(old.cleanedTo).toBe(4);
  });

  test('is dirty by the share that was not cleaned, and not before the ratio is reached', () => {
    const log = filled(new Disk());
    expect(log.dirtiness(0, 6)).toBe(1000);
    log.clean(0, 6);
    expect(log.dirtiness(0, 6)).toBe(0);
  });

  test('min.compaction.lag.ms spares what is young', () => {
    const lag = { ...config, compactionLagMin: 50 };
    const log = new ReplicaLog('orders-0', new Disk(), lag);
    for (let i = 0; i < 6; i++) log.append(batch(i, 0, { keys: [1], timestamp: i * 10 }), 0);
    expect(log.dirtiness(50, 6)).toBe(0);
    expect(log.dirtiness(60, 6)).toBe(1000); // Offsets 0 and 1 are 60 and 50 old.
  });

  test('is the same after a restart, its end and its epochs too', () => {
    const disk = new Disk();
    const log = filled(disk);
    log.clean(0, 6);
    const again = open(disk);
    expect(again.from(0)).toEqual(log.from(0));
    expect([again.start, again.end, again.cleanedTo]).toEqual([log.start, log.end, log.cleanedTo]);
    expect(again.epochs.pairs()).toEqual(log.epochs.pairs());
  });

  test('cut within its clean part ends at the cut, although nothing stands there', () => {
    const disk = new Disk();
    const log = open(disk, '3.0');
    for (let i = 0; i < 6; i++) log.append(batch(i, i, { keys: [1] }), 0);
    log.clean(0, 0);
    expect(records(log.from(0)).map(([offset]) => offset)).toEqual([3, 4, 5]);
    log.truncate(2);
    expect([log.end, open(disk, '3.0').end]).toEqual([2, 2]);
    expect(log.epochs.latest).toBe(1);
  });
});

test('a reader of a compacted topic passes the gaps, and a replica whose disk was lost copies them', () => {
  const ran = run({
    cluster: { 'log.cleaner.backoff.ms': 500 },
    topic: { 'cleanup.policy': 'compact', 'segment.bytes': 1000 },
    send: { count: 200, every: '20ms', keys: 5 },
    starts: '10s',
    consumer: { 'auto.offset.reset': 'earliest' },
    faults: [{ 'power-loss': 'broker-3', at: '4500ms', restart: '2s' }],
  });
  const { group } = ran;
  expect(group.lost).toBe(group.lostBy.compacted);
  expect(group.delivered).toBe(200 - group.lost);
  expect(group.delivered).toBeGreaterThanOrEqual(5);
  expect(group.delivered).toBeLessThan(30);
  expect(ran.record.ended).toBe('drained');
  expect(ran.counter('records.diverged')).toBe(0);
});

test('a record without a key is refused where a topic is compacted', () => {
  const ran = run({ topic: { 'cleanup.policy': 'compact' }, send: { count: 3 } });
  expect(ran.producer).toMatchObject({ ok: 0, failed: 3 });
});

describe('compaction of transactions', () => {
  const data = (offset: number, keys: number[], producerId = 7) =>
    batch(offset, 0, {
      count: keys.length,
      keys,
      producerId,
      transactional: true,
      integerKeys: true,
    });
  const marker = (offset: number, commit: boolean, producerId = 7) =>
    batch(offset, 0, {
      ...{ keys: [], messages: [], producerId, transactional: true },
      marker: { commit, coordinatorEpoch: 0 },
    });
  const offsets = (batches: readonly Batch[]) => batches.map((b) => b.baseOffset);

  test('drops what was aborted, which supersedes nothing', () => {
    const all = [data(0, [1]), marker(1, true), data(2, [1]), marker(3, false)];
    const isAborted = (one: Batch) => one === all[2];
    expect(offsets(compact(all, { ...TERMS, isAborted }))).toEqual([0, 1, 3]);
    // The mirror: it was committed, and the older value goes.
    expect(offsets(compact(all, TERMS))).toEqual([1, 2, 3]);
  });

  test('keeps a marker while there is data of its transaction, and delete.retention.ms longer', () => {
    const all = [data(0, [1]), marker(1, true), data(2, [1]), marker(3, true)];
    const once = compact(all, TERMS);
    expect(offsets(once)).toEqual([1, 2, 3]);
    const again = compact(once, TERMS);
    expect(again.map((b) => b.horizon)).toEqual([1500, undefined, undefined]);
    expect(offsets(compact(again, { ...TERMS, now: 1501 }))).toEqual([2, 3]);
  });

  test('before 3.3 takes a record whose key has the bytes of a marker for a newer marker', () => {
    // The key of a commit is 00 00 00 01, which is what an IntegerSerializer makes of 1.
    const all = [data(0, [5]), marker(1, true), data(2, [1], 8), marker(3, true, 8)];
    const old = { ...TERMS, sparesMarkers: false };
    expect(offsets(compact(all, old))).toEqual([0, 2, 3]);
    const texts = all.map((b) => ({ ...b, integerKeys: undefined }));
    expect(offsets(compact(texts, old))).toEqual([0, 1, 2, 3]);
    expect(offsets(compact(all, TERMS))).toEqual([0, 1, 2, 3]);
  });

  test.each(['3.0', '3.2'])('does not go beyond a transaction that is open: %s', (version) => {
    const rules = rulesOf(version);
    const config = topic({ compacts: true, segmentBytes: 100 });
    const log = new ReplicaLog('orders-0', new Disk(), config, rules);
    const others = [0, 1, 3, 4].map((offset) => batch(offset, 0, { keys: [1] }));
    for (const one of [...others.slice(0, 2), data(2, [1]), ...others.slice(2)]) log.append(one, 0);
    log.clean(0, 5);
    expect(log.cleanedTo).toBe(2);
  });
});
