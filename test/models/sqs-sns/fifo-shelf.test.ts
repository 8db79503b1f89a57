import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deduplication } from '../../../models/sqs-sns/fifo/deduplication.ts';
import { Quota } from '../../../models/sqs-sns/fifo/quota.ts';
import { FifoShelf } from '../../../models/sqs-sns/fifo/shelf.ts';
import type { Stored } from '../../../models/sqs-sns/protocol.ts';
import { seconds } from '../../../sim/kernel/time.ts';

function stored(position: number, group: string): Stored {
  const zero = { message: position, key: -1, sequence: 0, poison: false, bytes: 1 };
  return { ...zero, sentAt: 0, attempt: 1, homes: [0], source: -1, position, group };
}

interface Plain {
  readonly position: number;
  readonly group: string;
  visibleAt: number;
  receives: number;
  out: boolean;
}

/** The rules read off the page: slow, and obviously right. */
class Reference {
  messages: Plain[] = [];

  wake(now: number): void {
    for (const group of new Set(this.messages.map((m) => m.group))) {
      const out = this.messages.filter((m) => m.group === group && m.out);
      if (out.every((m) => m.visibleAt <= now)) out.forEach((m) => (m.out = false));
    }
  }

  take(max: number, visibility: number, now: number, scan: number): number[] {
    this.wake(now);
    const seen = this.messages.slice(0, scan);
    const handed: Plain[] = [];
    const order = [...new Set(seen.map((m) => m.group))];
    for (const group of order) {
      const own = this.messages.filter((m) => m.group === group);
      if (own.some((m) => m.out)) continue;
      for (const m of own) {
        if (handed.length === max || m.visibleAt > now || !seen.includes(m)) break;
        handed.push(m);
      }
    }
    for (const m of handed) {
      m.out = true;
      m.receives++;
      m.visibleAt = now + visibility;
    }
    return handed.map((m) => m.position);
  }
}

const step = fc.oneof(
  fc.record({ is: fc.constant('put' as const), group: fc.nat(3), delay: fc.constant(0) }),
  fc.record({
    is: fc.constant('take' as const),
    max: fc.integer({ min: 1, max: 10 }),
    visibility: fc.nat(8),
  }),
  fc.record({ is: fc.constant('remove' as const), nth: fc.nat(20) }),
  fc.record({ is: fc.constant('hide' as const), nth: fc.nat(20), by: fc.nat(6) }),
  fc.record({ is: fc.constant('wait' as const), by: fc.integer({ min: 1, max: 4 }) }),
);

test('a shelf gives what the rules give: groups in order, locked as a whole, within the scan', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 120 }),
      fc.integer({ min: 1, max: 12 }),
      (steps, scan) => {
        const shelf = new FifoShelf(scan);
        const plain = new Reference();
        let [now, position] = [0, 0];
        for (const s of steps) {
          shelf.surface(now);
          plain.wake(now);
          if (s.is === 'put') {
            const group = `g${s.group}`;
            shelf.put(stored(position, group), now, now);
            plain.messages.push({ position, group, visibleAt: now, receives: 0, out: false });
            position++;
          } else if (s.is === 'take') {
            const { handed } = shelf.take(s.max, s.visibility, now, Infinity, () => false);
            const got = handed.map((item) => item.stored.position);
            expect(got).toEqual(plain.take(s.max, s.visibility, now, scan));
          } else if (s.is === 'wait') now += s.by;
          else {
            const m = plain.messages[s.nth];
            const item = m === undefined ? undefined : shelf.find(m.position);
            if (m === undefined || item === undefined) continue;
            if (s.is === 'remove') {
              shelf.remove(item, now);
              plain.messages.splice(s.nth, 1);
            } else if (m.out && m.visibleAt > now) {
              shelf.hide(item, now + s.by, now);
              m.visibleAt = now + s.by;
            }
          }
          expect(shelf.size).toBe(plain.messages.length);
        }
      },
    ),
    { numRuns: 1000, seed: 20161117 },
  );
});

test('of the messages received too often none is handed out, and the next ones are', () => {
  const shelf = new FifoShelf(100);
  for (const position of [0, 1, 2]) shelf.put(stored(position, 'a'), 0, 0);
  for (const now of [0, 1]) {
    shelf.surface(now);
    expect(shelf.take(1, 1, now, 2, () => false).handed.map((i) => i.stored.position)).toEqual([0]);
  }
  shelf.surface(2);
  const { handed, exhausted } = shelf.take(1, 1, 2, 2, () => false);
  expect(exhausted.map((i) => i.stored.position)).toEqual([0]);
  expect(handed.map((i) => i.stored.position)).toEqual([1]);
});

test('an id is remembered for five minutes from its acceptance, and not a moment longer', () => {
  const ids = new Deduplication();
  ids.accept('a', 7, 0);
  expect(ids.find('a', seconds(300) - 1)).toBe(7);
  expect(ids.find('a', seconds(300))).toBeUndefined();
  expect(ids.find('b', 0)).toBeUndefined();
});

test('a quota of 300 lets 300 calls through at once, and one more each 1/300 s', () => {
  const quota = new Quota(300);
  const at = (now: number) => Array.from({ length: 1000 }, () => quota.allows(now));
  expect(at(0).filter(Boolean)).toHaveLength(300);
  expect(at(3_000).filter(Boolean)).toHaveLength(0);
  expect(at(seconds(1)).filter(Boolean).length).toBeGreaterThanOrEqual(299);
});
