import { expect, test } from 'vitest';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import { Scene, type Parts } from './world.ts';

/** The first message of a queue lies on the servers 1, 2 and 3 of 5, and 1 hands it out. */
function cut(at: Micros, until: Micros, store = 'sqs-store-1'): Fault<string> {
  return {
    what: 'partition',
    from: ['sqs'],
    to: [store],
    oneWay: false,
    when: { is: 'at', at },
    for: until - at,
  };
}

/** One message; processing takes 2 s, so that a receive at 2 s is deleted at 4 s. */
function oneMessage(visibility: number, more: Partial<Parts> = {}): Scene {
  return new Scene({
    queues: { orders: { VisibilityTimeout: visibility } },
    producers: { checkout: {} },
    consumers: {
      packing: {
        startsAt: [seconds(2)],
        config: { WaitTimeSeconds: 20 },
        process: { takes: Distribution.constant(seconds(2)) },
      },
    },
    ...more,
  });
}

test('T-03: a deleted message comes back from a server that missed the delete', () => {
  // Received at 2 s from server 1, out of sight there until 7 s. Deleted on 2 and 3 at 4 s while 1
  // is cut off (3 to 10 s). From 10.5 s (probe) it serves again, and knows of the delete at 15.5 s.
  const scene = oneMessage(5).faults(cut(seconds(3), seconds(10)));
  scene.run(seconds(60));
  const [first, second] = scene.times('delivered');
  expect(first).toBeLessThan(seconds(2) + millis(10));
  expect(scene.times('settled')[0]).toBeLessThan(seconds(5));
  expect(second).toBeGreaterThanOrEqual(seconds(10));
  expect(second).toBeLessThan(seconds(11));
  expect(scene.reasons('returned', 2)).toEqual(['stale copy came back']);
  expect(scene.all('delivered')).toHaveLength(2);
  expect(scene.remaining()).toEqual([]);
  expect(scene.selfCheck.repeated).toEqual([]);
});

test('T-03, one step short: a copy that is still hidden when it learns of the delete stays away', () => {
  // As before, hidden until 2 + 30 s; told at about 15.5 s.
  const scene = oneMessage(30).faults(cut(seconds(3), seconds(10)));
  scene.run(seconds(60));
  expect(scene.all('delivered')).toHaveLength(1);
  expect(scene.remaining()).toEqual([]);
});

test('T-03, one step short: without the cut nothing comes back', () => {
  const scene = oneMessage(5).run(seconds(60));
  expect(scene.all('delivered')).toHaveLength(1);
});

test('T-03 by a crash: a server that was down during receive and delete hands its copy out again', () => {
  // Server 2 stands in for 1 from 1 s on; 1 is back at 10 s with a copy that was never received.
  const scene = oneMessage(30).faults({
    what: 'crash',
    nodes: ['sqs-store-1'],
    when: { is: 'at', at: seconds(1) },
    for: seconds(9),
  });
  scene.run(seconds(60));
  expect(scene.all('delivered')).toHaveLength(2);
  expect(scene.reasons('returned', 2)).toEqual(['stale copy came back']);
  expect(scene.remaining()).toEqual([]);
});

test('what a server missed and nobody asked for in time, it is told after the anti-entropy delay', () => {
  // The consumer is gone when server 1 returns; at 10.5 + 5 s its copy is deleted.
  const scene = oneMessage(30).faults(
    {
      what: 'crash',
      nodes: ['sqs-store-1'],
      when: { is: 'at', at: seconds(1) },
      for: seconds(9),
    },
    { what: 'crash', nodes: ['packing-1'], when: { is: 'at', at: seconds(5) }, for: -1 },
  );
  scene.run(seconds(9));
  expect(scene.all('settled')).toHaveLength(1);
  // The dead consumer's long poll is still open and takes the copy at 10.5 s, for nobody.
  scene.run(seconds(15));
  expect(scene.remaining()).toEqual([0]);
  scene.run(seconds(17));
  expect(scene.remaining()).toEqual([]);
  expect(scene.all('delivered')).toHaveLength(1);
});

test('a front end that restarts still knows what it has to tell', () => {
  const scene = oneMessage(30).faults(cut(seconds(3), seconds(10)), {
    what: 'power-loss',
    nodes: ['sqs'],
    when: { is: 'at', at: seconds(8) },
    for: seconds(1),
  });
  scene.run(seconds(9));
  expect(scene.remaining()).toEqual([0]);
  scene.run(seconds(30));
  expect(scene.remaining()).toEqual([]);
  expect(scene.all('delivered')).toHaveLength(1);
  expect(scene.selfCheck.repeated).toEqual([]);
});

test('an acknowledged message survives the power loss of all servers, one being written does not', () => {
  // fsync takes 5 ms: at 4 ms the copies are being written, and nothing was acknowledged.
  const parts = {
    producers: { checkout: { count: 2, every: seconds(1) } },
    consumers: { packing: { startsAt: [-1] } },
  };
  const scene = new Scene(parts, undefined, 5000);
  const all = [1, 2, 3, 4, 5].map((i) => `sqs-store-${i}`);
  scene.faults({
    what: 'power-loss',
    nodes: all,
    when: { is: 'at', at: seconds(1) + millis(4) },
    for: millis(100),
  });
  scene.run(seconds(1) + millis(300));
  expect(scene.messages('ok')).toEqual([0]);
  expect(scene.messages('stored')).toEqual([0]);
  expect(scene.remaining()).toEqual([0]);
  // The second message is sent again once the servers are back.
  scene.run(seconds(5));
  expect(scene.messages('ok')).toEqual([0, 1]);
  expect(scene.messages('stored')).toEqual([0, 1]);
});

test('SendMessage waits until every home has the message', () => {
  // fsync 5 ms. Send 1, put and back 2 + 5, put at the first home and back 2 + 5, answer 1.
  const scene = new Scene({ producers: { checkout: {} } }, undefined, 5000).run(seconds(1));
  expect(scene.times('appended')).toEqual([millis(8)]);
  expect(scene.times('stored')).toEqual([millis(14)]);
  expect(scene.times('ok')).toEqual([millis(16)]);
});

test('with fewer servers in reach than replicas a send ends unknown, after its tries', () => {
  const scene = new Scene({
    cluster: { servers: 3, replicas: 3 },
    producers: { checkout: { start: seconds(1) } },
  }).faults(cut(millis(500), seconds(100), 'sqs-store-3'));
  scene.run(seconds(60));
  expect(scene.all('retried')).toHaveLength(2);
  expect(scene.reasons('unknown', 1)).toEqual(['ServiceUnavailable']);
  expect(scene.all('stored')).toEqual([]);
});

test('one step short: a fourth server takes the place of the one out of reach', () => {
  const scene = new Scene({
    cluster: { servers: 4, replicas: 3 },
    producers: { checkout: { start: seconds(1) } },
    consumers: { packing: { config: { WaitTimeSeconds: 20 } } },
  }).faults(cut(millis(500), seconds(100), 'sqs-store-3'));
  scene.run(seconds(60));
  // The first poll found out that server 3 is away, so the homes are 1, 2 and 4.
  expect(scene.messages('ok')).toEqual([0]);
  expect(scene.messages('delivered')).toEqual([0]);
});
