import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventQueue, NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';

const push = (queue: EventQueue, time: number, code = 0): Handle =>
  queue.push(time, 1, 2, code, 3, 4, 5, `payload ${code}`);

/** Codes in the order in which they come out. */
const popAll = (queue: EventQueue): number[] => {
  const codes: number[] = [];
  while (queue.pop()) codes.push(queue.code);
  return codes;
};

type Step = { is: 'push'; after: number } | { is: 'pop' } | { is: 'cancel'; which: number };

// Few different short times, so that ties are common, and some up to years.
const spans = fc.oneof(
  fc.nat(4),
  fc.nat(4),
  fc.constantFrom(255, 256, 65_536, 2 ** 24 + 1, 2 ** 32, 2 ** 45),
);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ is: fc.constant('push' as const), after: spans }) },
    { weight: 3, arbitrary: fc.constant({ is: 'pop' as const }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('cancel' as const), which: fc.nat() }) },
  ),
  { maxLength: 400 },
);

describe('against a sorted array', () => {
  test('any mix of push, pop and cancel gives the same events in the same order', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 2, 64), (list, capacity) => {
        const queue = new EventQueue(capacity);
        const model: { time: number; code: number; handle: Handle }[] = [];
        const handles: Handle[] = [];
        let [code, now] = [0, 0];
        for (const step of list) {
          if (step.is === 'push') {
            const time = now + step.after;
            const handle = push(queue, time, code);
            handles.push(handle);
            // Behind everything of its time: ties come out in push order.
            const place = model.findIndex((other) => other.time > time);
            model.splice(place < 0 ? model.length : place, 0, { time, code, handle });
            code++;
          } else if (step.is === 'pop') {
            const expected = model.shift();
            expect(queue.pop() ? queue.code : undefined).toBe(expected?.code);
            if (expected !== undefined) expect(queue.now).toBe((now = expected.time));
          } else if (handles.length > 0) {
            const handle = handles[step.which % handles.length];
            const place = model.findIndex((other) => other.handle === handle);
            expect(queue.cancel(handle)).toBe(place >= 0);
            if (place >= 0) model.splice(place, 1);
          }
          expect([queue.size, queue.peek()]).toEqual([model.length, model[0]?.time ?? -1]);
        }
        expect(popAll(queue)).toEqual(model.map((event) => event.code));
      }),
      { numRuns: 300 },
    );
  });

  test('a hundred thousand events, far beyond the first capacity', () => {
    const queue = new EventQueue(1);
    const expected = Array.from({ length: 100_000 }, (_, i) => ({ time: (i * 7919) % 1009, i }));
    for (const { time, i } of expected) push(queue, time, i);
    expected.sort((a, b) => a.time - b.time || a.i - b.i);
    expect(popAll(queue)).toEqual(expected.map(({ i }) => i));
  });
});

test('events of one time come out in the order in which they were pushed', () => {
  const queue = new EventQueue();
  for (let code = 0; code < 12; code++) push(queue, 5, code);
  expect(popAll(queue)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('the event popped last is there with all its fields, whatever is pushed meanwhile', () => {
  const queue = new EventQueue(1);
  queue.push(9, 1, 2, 3, 4, 5, 6, 'seven');
  queue.pop();
  push(queue, 10, 8);
  const { now, kind, node, code, tag, era, cause, payload } = queue;
  expect([now, kind, node, code, tag, era, cause, payload]).toEqual([9, 1, 2, 3, 4, 5, 6, 'seven']);
});

test('an event may not be pushed into the past, and may at this very moment', () => {
  const queue = new EventQueue();
  push(queue, 9);
  queue.pop();
  push(queue, 9);
  expect(() => push(queue, 8)).toThrow('an event is never pushed into the past');
});

describe('handles', () => {
  test('a stale one cancels nothing, also when its slot is taken again', () => {
    const queue = new EventQueue(1);
    const first = push(queue, 1, 1);
    queue.pop();
    expect(queue.cancel(first)).toBe(false);
    const second = push(queue, 2, 2); // The only slot.
    expect([queue.cancel(first), queue.size]).toEqual([false, 1]);
    expect([queue.cancel(second), queue.cancel(second), queue.size]).toEqual([true, false, 0]);
  });

  test('no handle cancels nothing', () => {
    const queue = new EventQueue();
    push(queue, 1);
    expect([queue.cancel(NO_HANDLE), queue.size]).toEqual([false, 1]);
  });
});

test('an empty queue pops nothing and has no next time', () => {
  const queue = new EventQueue();
  expect([queue.pop(), queue.peek(), queue.size]).toEqual([false, -1, 0]);
});
