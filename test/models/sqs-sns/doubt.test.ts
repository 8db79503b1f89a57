import { expect, test } from 'vitest';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import { ANY, Scene } from './world.ts';

/** What the front end cannot know, because an answer inside the service was lost or came late. */
function lose(type: string, from: string, ...nth: number[]): Fault<string> {
  return { what: 'lose', match: { ...ANY, type, from: [from] }, when: { is: 'nth', nth }, for: -1 };
}

function oneMessage(startsAt: Micros, ...faults: Fault<string>[]): Scene {
  return new Scene({
    producers: { checkout: {} },
    consumers: { packing: { startsAt: [startsAt], config: { WaitTimeSeconds: 20 } } },
  })
    .faults(...faults)
    .run(seconds(60));
}

test('a send whose last answer is lost is acknowledged if a reader got the message meanwhile', () => {
  // The poll waits from the start; the message is deleted at 14 ms, the silence noticed at 253 ms.
  const scene = oneMessage(0, lose('PutCopiesResponse', 'sqs-store-1', 1));
  expect(scene.messages('ok')).toEqual([0]);
  expect(scene.all('retried')).toEqual([]);
  expect(scene.all('delivered')).toHaveLength(1);
});

test('one step short: if nobody read it the client is told of an error and sends it again', () => {
  // The first copy is kept all the same. It is deleted at about 1 s, and the server is told at
  // about 5.8 s what it may have missed of the send: that must not bring the message back.
  const scene = oneMessage(seconds(1), lose('PutCopiesResponse', 'sqs-store-1', 1));
  expect(scene.reasons('retried', 2)).toEqual(['InternalError']);
  expect(scene.messages('stored')).toEqual([0, 0]);
  expect(scene.all('delivered')).toHaveLength(2);
  expect(scene.remaining()).toEqual([]);
});

test('a send that fails before its first home was asked is undone', () => {
  const scene = oneMessage(seconds(1), lose('PutCopiesResponse', 'sqs-store-2', 1));
  // Server 3 got a copy and drops it again; the second try, on 3, 4 and 5 or so, is the only one.
  expect(scene.messages('stored')).toEqual([0]);
  expect(scene.all('delivered')).toHaveLength(1);
  expect(scene.messages('ok')).toEqual([0]);
  const copies = [1, 2, 3, 4, 5].map((i) => scene.copiesOn(`sqs-store-${i}`));
  expect(copies).toEqual([0, 0, 0, 0, 0]);
});

test('a send that its first home never heard of is completed when the server is back', () => {
  const scene = oneMessage(seconds(30), {
    ...lose('PutCopies', 'sqs', 3), // To 2, to 3, and then to the first home, 1.
  });
  // The try that failed is stored at about 5.8 s, beside the one that followed it.
  expect(scene.messages('ok')).toEqual([0]);
  expect(scene.messages('stored')).toEqual([0, 0]);
  expect(scene.times('stored')[1]).toBeGreaterThan(seconds(5));
  expect(scene.all('delivered')).toHaveLength(2);
});

test('a send in doubt is completed once, however often the front end dies', () => {
  const crash = (at: Micros): Fault<string> => ({
    what: 'crash',
    nodes: ['sqs'],
    when: { is: 'at', at },
    for: millis(100),
  });
  // At 4 ms the first home is being asked; the client tries again at 30 s and hears it then.
  const scene = oneMessage(seconds(1), crash(millis(4)), crash(seconds(40)));
  expect(scene.messages('ok')).toEqual([0]);
  expect(scene.all('delivered')).toHaveLength(2);
  scene.run(seconds(200));
  expect(scene.all('delivered')).toHaveLength(2);
});

test('a delete whose answers were lost is settled by the try that finds nothing left', () => {
  // One server: it deletes at once, but its answer is lost, and so the client hears of an error.
  const scene = new Scene({
    cluster: { servers: 1, replicas: 1, sampled: 1 },
    producers: { checkout: {} },
    consumers: { packing: { config: { WaitTimeSeconds: 20, maxAttempts: 20 } } },
  });
  scene.faults(lose('DeleteCopiesResponse', 'sqs-store-1', 1)).run(seconds(60));
  expect(scene.all('settled')).toHaveLength(1);
  expect(scene.all('delivered')).toHaveLength(1);
});

test('a request that the network repeats to a server is executed once', () => {
  // Executed twice, the second pick would hide the second message for 30 s.
  const scene = new Scene({
    cluster: { servers: 1, replicas: 1, sampled: 1 },
    producers: { checkout: { count: 2, every: 0 } },
    consumers: { packing: { startsAt: [seconds(1)], config: { WaitTimeSeconds: 1 } } },
  }).faults({
    what: 'duplicate',
    match: { ...ANY, type: 'PickCopies' },
    after: millis(1),
    when: { is: 'nth', nth: [1] },
    for: -1,
  });
  scene.run(seconds(2));
  expect(scene.messages('delivered')).toEqual([0, 1]);
});

test('a paused front end finds the news and the end of a wait in its inbox, and uses the first', () => {
  // The poll of 5 s ends at 5.001 s. Sent at 2.945 s, delayed by 2 s, announced at about 4.95 s.
  const scene = new Scene({
    queues: { orders: { DelaySeconds: 2 } },
    producers: { checkout: { start: millis(2945) } },
    consumers: { packing: { config: { WaitTimeSeconds: 5 } } },
  }).faults({
    what: 'pause',
    nodes: ['sqs'],
    when: { is: 'at', at: millis(4900) },
    for: seconds(1),
  });
  scene.run(seconds(10));
  expect(scene.messages('delivered')).toEqual([0]);
  expect(scene.times('delivered')[0]).toBeLessThan(millis(5920));
});

/** maxReceiveCount 1, 2 s of visibility, a second poll that waits for the message to come back. */
function race(takes: Micros): Scene {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'dead', maxReceiveCount: 1 });
  return new Scene({
    queues: { orders: { VisibilityTimeout: 2, RedrivePolicy }, dead: {} },
    producers: { checkout: {} },
    consumers: {
      packing: {
        instances: 2,
        config: { WaitTimeSeconds: 20 },
        process: { takes: Distribution.constant(takes) },
      },
    },
  }).run(seconds(10));
}

test('a delete that overtakes the move to the dead-letter queue wins', () => {
  // Offered for the move at 2 s + 2 ms after the pick, moved at + 4 ms, deleted at + 3 ms.
  const scene = race(millis(1999));
  expect(scene.messages('settled')).toEqual([0]);
  expect(scene.all('deadLettered')).toEqual([]);
});

test('one step short: a delete that comes after the move finds nothing', () => {
  const scene = race(millis(2001));
  expect(scene.all('settled')).toEqual([]);
  expect(scene.messages('deadLettered')).toEqual([0]);
});
