import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newEntry, type Entry } from '../../../models/rabbitmq/classic/entry.ts';
import { ReadyList } from '../../../models/rabbitmq/classic/ready.ts';
import type { Content } from '../../../models/rabbitmq/protocol.ts';

function entry(seqId: number, priority: number): Entry {
  const content: Content = {
    message: seqId,
    sequence: seqId,
    key: -1,
    poison: false,
    bytes: 10,
    attempt: 1,
    exchange: '',
    routingKey: 'orders',
    persistent: true,
    expiration: -1,
    priority,
    headers: new Map(),
    deaths: [],
  };
  return newEntry(seqId, content, -1, false);
}

/** Push a new one of some priority, take the head, or put one back that was taken. */
const step = fc.oneof(
  fc.record({ do: fc.constant('push' as const), priority: fc.integer({ min: -1, max: 4 }) }),
  fc.record({ do: fc.constant('shift' as const) }),
  fc.record({ do: fc.constant('requeue' as const), which: fc.nat() }),
);

test('its head is the oldest message of the highest priority, whatever came back when', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3 }),
      fc.array(step, { maxLength: 200 }),
      (max, steps) => {
        const list = new ReadyList(max);
        const waiting: Entry[] = [];
        const taken: Entry[] = [];
        const rank = ({ content }: Entry) => Math.max(0, Math.min(content.priority, max));
        const sorted = () => waiting.sort((a, b) => rank(b) - rank(a) || a.seqId - b.seqId);
        let next = 0;
        for (const action of steps) {
          if (action.do === 'push') {
            const fresh = entry(next++, action.priority);
            list.push(fresh);
            waiting.push(fresh);
          } else if (action.do === 'shift') {
            expect(list.peek()).toBe(sorted()[0]);
            if (waiting.length === 0) continue;
            const head = waiting.shift() as Entry;
            expect(list.shift()).toBe(head);
            taken.push(head);
          } else if (taken.length > 0) {
            const [back] = taken.splice(action.which % taken.length, 1);
            list.requeue(back);
            waiting.push(back);
          }
          expect(list.size).toBe(waiting.length);
          expect(list.bytes).toBe(waiting.length * 10);
        }
        const seen: Entry[] = [];
        list.visit((one) => seen.push(one));
        expect(seen.map((e) => e.seqId).sort((a, b) => a - b)).toEqual(
          waiting.map((e) => e.seqId).sort((a, b) => a - b),
        );
      },
    ),
    { numRuns: 300 },
  );
});
