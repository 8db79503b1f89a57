import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../../sim/kernel/clock.ts';
import { Digest } from '../../../sim/kernel/digest.ts';
import { Disk, DiskLog } from '../../../sim/kernel/disk.ts';
import { doubled, formatTime, SECOND, seconds } from '../../../sim/kernel/time.ts';

const YEAR = 365 * 86_400 * SECOND;
const drifts = fc.integer({ min: -900_000, max: 900_000 });

describe('clock', () => {
  test('runs with virtual time until somebody touches it', () => {
    const clock = new Clock();
    expect([clock.read(0), clock.read(YEAR), clock.span(YEAR)]).toEqual([0, YEAR, YEAR]);
  });

  test('a jump moves it once, back too; spans stay as they are', () => {
    const clock = new Clock();
    clock.jump(100, -30);
    expect([clock.read(100), clock.read(150), clock.span(7)]).toEqual([70, 120, 7]);
    clock.jump(150, 1000);
    expect(clock.read(150)).toBe(1120);
  });

  test('drift is parts per million from the moment it began', () => {
    const clock = new Clock();
    clock.setDrift(seconds(10), 100);
    expect(clock.read(seconds(20))).toBe(seconds(20) + 1000);
    clock.setDrift(seconds(20), -100);
    expect(clock.read(seconds(40))).toBe(seconds(40) - 1000);
  });

  test('is exact over years, whatever the drift', () => {
    fc.assert(
      fc.property(drifts, fc.integer({ min: 0, max: 100 * YEAR }), (ppm, elapsed) => {
        const clock = new Clock();
        clock.setDrift(0, ppm);
        const exact = BigInt(elapsed) * BigInt(1_000_000 + ppm);
        const parts = exact / 1_000_000n - (exact % 1_000_000n < 0n ? 1n : 0n);
        expect(clock.read(elapsed)).toBe(Number(parts));
      }),
    );
  });

  test('a span is the virtual time in which the clock counts it, to within one count', () => {
    fc.assert(
      fc.property(drifts, fc.integer({ min: 0, max: YEAR }), fc.nat(YEAR), (ppm, span, now) => {
        const clock = new Clock();
        clock.setDrift(0, ppm);
        const counted = clock.read(now + clock.span(span)) - clock.read(now);
        // Half a microsecond of rounding, at most 1.9 counts, and one for each reading.
        expect(Math.abs(counted - span)).toBeLessThanOrEqual(2);
      }),
    );
  });

  test('one that stands still or runs backwards is refused', () => {
    expect(() => new Clock().setDrift(0, -1_000_000)).toThrow('a clock runs forward');
  });
});

describe('log', () => {
  const filled = (count: number, now = 0) => {
    const log = new DiskLog<number>();
    for (let i = 0; i < count; i++) log.append(i, now);
    return log;
  };

  test('what is written and not synced is gone with the power', () => {
    const log = filled(5);
    log.synced = 3;
    log.losePower(SECOND);
    expect([log.base, log.end, log.get(2)]).toEqual([0, 3, 2]);
    expect(() => log.get(3)).toThrow('an item is read only where one is written');
  });

  test('the operating system writes back what is 30 s old', () => {
    const left = (at: number) => {
      const copy = filled(2, 0);
      copy.append(2, seconds(5));
      copy.append(3, seconds(20));
      copy.losePower(at);
      return copy.end;
    };
    // The age of items is known by a mark set when the next one came, 0 and 1 by that of 5 s; the
    // last burst, which no other followed, by its own time.
    expect([34, 35, 49, 50].map((s) => left(seconds(s)))).toEqual([0, 2, 2, 4]);
  });

  test('truncation cuts the end for good, also what was synced', () => {
    const log = filled(5);
    log.synced = 5;
    log.truncate(2);
    log.append(7, 0);
    expect([log.end, log.synced, log.get(2)]).toEqual([3, 2, 7]);
    expect(() => log.truncate(4)).toThrow('a log is cut within its bounds');
  });

  test('an item appended after a truncation is not older than it is', () => {
    const log = filled(5, 0);
    log.append(5, seconds(1)); // Marks that 0 to 4 were there.
    log.truncate(1);
    log.append(6, seconds(31));
    log.losePower(seconds(32));
    expect(log.end).toBe(1);
  });

  test('trimming moves the beginning; indices stay', () => {
    const log = filled(5000);
    log.trim(3000);
    expect([log.base, log.end, log.get(3000), log.get(4999)]).toEqual([3000, 5000, 3000, 4999]);
    expect(log.append(9, 0)).toBe(5000);
    expect(() => log.get(2999)).toThrow('an item is read only where one is written');
    expect(() => log.trim(2999)).toThrow('a log is trimmed within its bounds');
    log.losePower(0);
    expect([log.base, log.end]).toEqual([3000, 3000]);
  });

  test('against an array, by any mix of operations', () => {
    const operation = fc.record({
      is: fc.constantFrom('append', 'append', 'append', 'truncate', 'trim', 'sync', 'lose'),
      by: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
        const log = new DiskLog<number>();
        let [items, base, synced] = [[] as number[], 0, 0];
        operations.forEach(({ is, by }, i) => {
          const end = base + items.length;
          if (is === 'append') {
            expect(log.append(i, 0)).toBe(end);
            items.push(i);
          } else if (is === 'truncate') {
            const to = Math.max(base, end - by);
            log.truncate(to);
            items = items.slice(0, to - base);
            synced = Math.min(synced, to);
          } else if (is === 'trim') {
            const to = Math.min(end, base + by);
            log.trim(to);
            items = items.slice(to - base);
            base = to;
            synced = Math.max(synced, to);
          } else if (is === 'sync') {
            synced = Math.max(synced, Math.min(end, base + by));
            log.synced = synced;
          } else {
            log.losePower(0);
            items = items.slice(0, synced - base);
          }
          expect([log.base, log.end, log.synced]).toEqual([base, base + items.length, synced]);
          expect(items.map((_, k) => log.get(base + k))).toEqual(items);
        });
      }),
    );
  });
});

describe('disk', () => {
  test('a file is what was written last; after a power loss, what was synced last', () => {
    const disk = new Disk();
    expect(disk.read('file')).toBe(undefined);
    disk.write('file', 1);
    disk.harden('file', Infinity);
    disk.write('file', 2);
    expect(disk.read('file')).toBe(2);
    disk.losePower(0);
    expect(disk.read('file')).toBe(1);
  });

  test('a file that was never synced is gone; one that holds nothing is there', () => {
    const disk = new Disk();
    disk.write('lost', 1);
    disk.write('kept', undefined);
    disk.harden('kept', Infinity);
    disk.write('kept', 1);
    disk.losePower(0);
    expect([disk.read('lost'), disk.read('kept')]).toEqual([undefined, undefined]);
    disk.write('kept', 2);
    disk.losePower(0);
    expect(disk.read('kept')).toBe(undefined);
  });

  test('a lying fsync keeps nothing safe, of logs and of files', () => {
    const kept = (lies: boolean) => {
      const disk = new Disk();
      disk.lies = lies;
      disk.log('log').append('x', 0);
      disk.write('file', 'y');
      disk.hardenAll();
      disk.losePower(0);
      return [disk.log('log').end, disk.read('file')];
    };
    expect(kept(true)).toEqual([0, undefined]);
    expect(kept(false)).toEqual([1, 'y']);
  });

  test('of two fsyncs that overlap, the older that returns later takes nothing back', () => {
    const disk = new Disk();
    disk.write('file', 'old');
    const older = disk.version('file');
    disk.write('file', 'new');
    disk.hardenVersion('file', disk.version('file'));
    disk.hardenVersion('file', older);
    disk.losePower(0);
    expect(disk.read('file')).toBe('new');
  });

  test('an erased disk is empty', () => {
    const disk = new Disk();
    disk.log('log').append('x', 0);
    disk.write('file', 'y');
    disk.hardenAll();
    disk.erase();
    expect([disk.log('log').end, disk.read('file')]).toEqual([0, undefined]);
  });
});

describe('digest', () => {
  const of = (...rows: [number, number, number, number, number][]) => {
    const digest = new Digest();
    for (const row of rows) digest.add(...row);
    return digest.text();
  };

  test('golden: a change here is a change of every recorded digest', () => {
    expect(of()).toMatchInlineSnapshot(`"0d53d1d79693f411"`);
    expect(of([1, 2, 3, 4, 5])).toMatchInlineSnapshot(`"dd75550abd42a9bb"`);
    expect(of([2 ** 40, -1, 3, 4, 5], [2 ** 40 + 1, 2, 3, 4, 5])).toMatchInlineSnapshot(
      `"83c31aca2a08d52f"`,
    );
  });

  test('every number counts, and their order, also a time beyond 32 bits', () => {
    const all = [
      of([1, 2, 3, 4, 5]),
      of([2, 2, 3, 4, 5]),
      of([1, 3, 3, 4, 5]),
      of([1, 2, 4, 4, 5]),
      of([1, 2, 3, 5, 5]),
      of([1, 2, 3, 4, 6]),
      of([1, 2, 3, 5, 4]),
      of([1 + 2 ** 32, 2, 3, 4, 5]),
      of([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

test('doubling stops at the cap, however often it is asked for', () => {
  expect([0, 1, 5].map((times) => doubled(100, times, 1000))).toEqual([100, 200, 1000]);
  expect(doubled(100, 1e9, 2 ** 50)).toBe(2 ** 50);
  expect([doubled(0, 1e9, 5), doubled(9, 0, 5)]).toEqual([0, 5]);
});

test('times are said in the largest unit that leaves at least one of it', () => {
  const said = [
    0,
    7,
    999,
    1000,
    30_000,
    1_250_000,
    90 * SECOND,
    5400 * SECOND,
    2 * 86_400 * SECOND,
  ];
  const words = ['0 us', '7 us', '999 us', '1 ms', '30 ms', '1.25 s', '1.5 min', '1.5 h', '2 d'];
  expect(said.map(formatTime)).toEqual(words);
  expect(formatTime(-1500)).toBe('-1.5 ms');
});
