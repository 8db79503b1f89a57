import { expect, test } from 'vitest';
import type { Choices } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import { Scene } from './world.ts';

/** Short polls sample the last of the subsets, offset by the poll's number; else quiet. */
const ELSEWHERE: Choices = {
  choose: (_site, n) => n - 1,
  sample: (_site, table) => table.at(2 ** 31),
};

/**
 * Three messages at 0; from 1 s on one consumer polls every 100 ms. 5 servers, each message handed
 * out by one of the first three, 2 of 5 asked.
 */
function poll(wait: number, choices?: Choices): Scene {
  return new Scene(
    {
      cluster: { servers: 5, replicas: 3, sampled: 2 },
      producers: { checkout: { count: 3 } },
      consumers: {
        packing: {
          startsAt: [seconds(1)],
          config: { WaitTimeSeconds: wait, MaxNumberOfMessages: 10, pollingWaitTimeMs: 100 },
        },
      },
    },
    choices === undefined ? undefined : () => choices,
  );
}

test('T-04: a short poll can come back empty although three messages are visible', () => {
  // Poll 0 asks the servers 4 and 5 of 5: the messages 0, 1, 2 are handed out by 1, 2, 3.
  const scene = poll(0, ELSEWHERE).run(seconds(1) + millis(20));
  expect(scene.remaining()).toEqual([0, 1, 2]);
  expect(scene.counted('empty receives')).toBe(1);
  expect(scene.all('delivered')).toEqual([]);
  // Repeated polls see every server: all three arrive in the end.
  scene.run(seconds(5));
  expect(scene.all('delivered')).toHaveLength(3);
});

test('T-04: a short poll can bring fewer than there are', () => {
  // The quiet sample of poll 0: servers 1 and 2.
  const scene = poll(0).run(seconds(1) + millis(15));
  expect(scene.messages('delivered')).toEqual([0, 1]);
});

test('T-04, one step short: a long poll asks all servers and brings all three', () => {
  const scene = poll(1, ELSEWHERE).run(seconds(1) + millis(20));
  expect(scene.counted('empty receives')).toBe(0);
  expect(scene.messages('delivered')).toEqual([0, 1, 2]);
});

/** A consumer waits from 0; the one message comes at 5 s. */
function lateMessage(wait: number, start: Micros = seconds(5)): Scene {
  return new Scene({
    producers: { checkout: { start } },
    consumers: { packing: { config: { WaitTimeSeconds: wait } } },
  });
}

test('a long poll answers as soon as a message is there', () => {
  const scene = lateMessage(20).run(seconds(6));
  // Hops of 1 ms: send, put twice and back (4), notice, pick and back, answer.
  expect(scene.times('delivered')[0] - seconds(5)).toBe(millis(1 + 2 + 1 + 1 + 2 + 1));
  expect(scene.counted('empty receives')).toBe(0);
});

test('a long poll that finds nothing comes back empty when the wait is over', () => {
  const scene = lateMessage(2).run(seconds(3));
  // Between 2 s and 2 s plus the last look.
  const empty = scene.all('counted').map((c) => c.time);
  expect(empty).toHaveLength(1);
  expect(empty[0]).toBeGreaterThanOrEqual(seconds(2));
  expect(empty[0]).toBeLessThan(seconds(2) + millis(50));
});

test('several waiting polls get one message each', () => {
  const scene = new Scene({
    producers: { checkout: { count: 3, every: 0, start: seconds(5) } },
    consumers: { packing: { instances: 3, config: { WaitTimeSeconds: 20 } } },
  }).run(seconds(6));
  expect(scene.messages('delivered').sort()).toEqual([0, 1, 2]);
  expect(new Set(scene.all('delivered').map((d) => d.node)).size).toBe(3);
});

test('a lost notice delays a long poll at most to the end of its wait', () => {
  const scene = lateMessage(20);
  scene.faults({
    what: 'lose',
    match: { type: 'CopyVisible', from: [], to: [], about: '' },
    when: { is: 'nth', nth: [1] },
    for: -1,
  });
  scene.run(seconds(30));
  expect(scene.times('delivered')[0]).toBeGreaterThanOrEqual(seconds(20));
  expect(scene.times('delivered')[0]).toBeLessThan(seconds(20) + millis(50));
  expect(scene.counted('empty receives')).toBe(0);
});

/** Ten messages, an in-flight limit of three, a consumer that never finishes in time. */
function limited(wait: number, limit: number): Scene {
  return new Scene({
    cluster: { inFlightLimit: limit },
    producers: { checkout: { count: 10, burst: 10 } },
    consumers: {
      packing: {
        instances: 4,
        startsAt: [0, 1, 2, 3].map((i) => seconds(1) + millis(100 * i)),
        config: { WaitTimeSeconds: wait, MaxNumberOfMessages: 1, pollingWaitTimeMs: 1000 },
        process: { takes: Distribution.constant(seconds(10)) },
      },
    },
  });
}

test('T-11: at the in-flight limit a short poll gets OverLimit', () => {
  const scene = limited(0, 3).run(seconds(5));
  expect(scene.all('delivered')).toHaveLength(3);
  expect(scene.counted('over limit')).toBeGreaterThan(0);
  expect(new Set(scene.reasons('ignored', 1))).toEqual(new Set(['OverLimit']));
});

test('T-11: at the in-flight limit a long poll gets nothing, and no error', () => {
  const scene = limited(2, 3).run(seconds(5));
  expect(scene.all('delivered')).toHaveLength(3);
  expect(scene.counted('over limit')).toBe(0);
  expect(scene.counted('empty receives')).toBeGreaterThan(0);
  expect(scene.all('ignored')).toEqual([]);
});

test('T-11: a delete makes room for a long poll that waits at the limit', () => {
  const scene = limited(20, 3).run(seconds(12));
  // The three are done 10 s after their start; the fourth instance is served at once.
  expect(scene.all('delivered').length).toBeGreaterThan(3);
  expect(scene.all('delivered')[3].time).toBeLessThan(seconds(11) + millis(50));
  expect(scene.all('delivered')[3].node).toBe('packing-4');
});

test('T-11, one step short: with room for four all four instances work', () => {
  const scene = limited(0, 4).run(seconds(5));
  expect(scene.all('delivered')).toHaveLength(4);
  expect(scene.counted('over limit')).toBe(0);
});
