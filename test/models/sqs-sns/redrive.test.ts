import { expect, test } from 'vitest';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { Scene, type Parts } from './world.ts';

const ARN = 'arn:aws:sqs:eu-central-1:000000000000:orders-dlq';

function withDeadLetters(maxReceiveCount: number, more: Partial<Parts> = {}): Scene {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: ARN, maxReceiveCount });
  return new Scene({
    queues: { orders: { VisibilityTimeout: 10, RedrivePolicy }, 'orders-dlq': {} },
    producers: { checkout: { count: 3, poisonEvery: 2 } },
    consumers: { packing: { config: { WaitTimeSeconds: 20 } } },
    ...more,
  });
}

test('a poison message goes to the dead-letter queue after maxReceiveCount receives', () => {
  const scene = withDeadLetters(3).run(seconds(29));
  // Message 1 fails at 0, 10 and 20 s. At 30 s, serving the next receive, it is moved.
  expect(scene.times('delivered', 1)).toHaveLength(3);
  expect(scene.all('deadLettered')).toEqual([]);
  scene.run(seconds(60));
  expect(scene.times('delivered', 1)).toHaveLength(3);
  expect(scene.messages('deadLettered')).toEqual([1]);
  expect(scene.times('deadLettered', 1)[0]).toBeGreaterThanOrEqual(seconds(30));
  expect(scene.reasons('deadLettered', 2)).toEqual(['maxReceiveCount']);
  // It is stored again, in the stream of the other queue, and remains for whoever reads that.
  expect(scene.all('stored').at(-1)?.args.slice(0, 2)).toEqual([1, 1]);
  expect(scene.remaining()).toEqual([]);
  expect(scene.messages('settled').sort()).toEqual([0, 2]);
});

test('one step short: without a redrive policy it comes again and again', () => {
  const scene = withDeadLetters(3, { queues: { orders: { VisibilityTimeout: 10 } } });
  scene.run(seconds(65));
  expect(scene.times('delivered', 1)).toHaveLength(7); // At 0, 10, ... 60 s.
  expect(scene.all('deadLettered')).toEqual([]);
  expect(scene.remaining()).toEqual([1]);
});

test('a received message counts, also when its consumer never got it', () => {
  // maxReceiveCount 1 and one lost response: moved at 10 s without a single delivery.
  const scene = withDeadLetters(1, { producers: { checkout: { start: seconds(1) } } });
  scene.faults({
    what: 'lose',
    match: { type: 'ReceiveMessageResponse', from: [], to: [], about: '' },
    when: { is: 'nth', nth: [1] },
    for: -1,
  });
  scene.run(seconds(80));
  expect(scene.all('delivered')).toEqual([]);
  expect(scene.messages('deadLettered')).toEqual([0]);
});

test('the dead-letter queue is an ordinary queue with a consumer of its own', () => {
  const scene = withDeadLetters(1, {
    consumers: {
      packing: { config: { WaitTimeSeconds: 20 } },
      inspection: {
        from: 'orders-dlq',
        config: { WaitTimeSeconds: 20 },
        process: { exhausted: 'skip' },
      },
    },
  }).run(seconds(60));
  const inspected = scene.all('delivered').filter((d) => d.node === 'inspection-1');
  expect(inspected.map((d) => d.args)).toEqual([[1, 1, 1, 0]]);
  expect(scene.all('settled').filter((s) => s.args[1] === 1)).toHaveLength(1);
  expect(scene.remaining(1)).toEqual([]);
  // Announced to the waiting poll at once: within a few hops of 1 ms.
  expect(inspected[0].time - scene.times('deadLettered', 1)[0]).toBeLessThan(millis(10));
});

test('a server that missed the move is told, and hands nothing out twice for it', () => {
  const scene = withDeadLetters(1).faults({
    what: 'partition',
    from: ['sqs'],
    to: ['sqs-store-3'],
    oneWay: false,
    when: { is: 'at', at: seconds(5) },
    for: seconds(20),
  });
  // Message 1 lives on 2, 3 and 4. Server 2 offers it for the move at 10 s; 3 learns of it at 30 s.
  scene.run(seconds(60));
  expect(scene.messages('deadLettered')).toEqual([1]);
  expect(scene.remaining()).toEqual([]);
  expect(scene.times('delivered', 1)).toHaveLength(1);
});

test('the retention counts on from the first sending after the move', () => {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'dead', maxReceiveCount: 1 });
  const queues = {
    orders: { VisibilityTimeout: 50, RedrivePolicy },
    dead: { MessageRetentionPeriod: 60 },
  };
  const scene = withDeadLetters(1, {
    queues,
    producers: { checkout: { poisonEvery: 1 } },
  });
  // Sent at 0, moved at 50 s, gone at 60 s rather than at 110 s.
  scene.run(seconds(59));
  expect(scene.messages('deadLettered')).toEqual([0]);
  expect(scene.all('dropped')).toEqual([]);
  scene.run(seconds(62));
  expect(scene.all('dropped').map((d) => d.args.slice(0, 2))).toEqual([[0, 1]]);
  expect(scene.reasons('dropped', 2)).toEqual(['expired']);
});

test('a message is gone once it is older than the retention, also while it is in flight', () => {
  const scene = new Scene({
    queues: { orders: { MessageRetentionPeriod: 60, VisibilityTimeout: 100 } },
    producers: { checkout: { count: 2, every: seconds(10) } },
    consumers: {
      packing: {
        config: { MaxNumberOfMessages: 1, WaitTimeSeconds: 20 },
        process: { takes: Distribution.constant(seconds(65)) },
      },
    },
  });
  // Message 0 is handled until 65 s, 1 waits. Both are dropped: at 60 and at 70 s, sweeps 1 s
  // apart.
  scene.run(seconds(59));
  expect(scene.all('dropped')).toEqual([]);
  scene.run(seconds(64));
  expect(scene.messages('dropped')).toEqual([0]);
  scene.run(seconds(66));
  expect(scene.messages('delivered')).toEqual([0, 1]); // 1 is 55 s old.
  scene.run(seconds(72));
  expect(scene.messages('dropped')).toEqual([0, 1]);
  expect(scene.all('settled')).toEqual([]); // Nothing was left to delete.
  expect(scene.remaining()).toEqual([]);
});

test('one step short: a message younger than the retention stays', () => {
  const scene = new Scene({
    queues: { orders: { MessageRetentionPeriod: 60 } },
    producers: { checkout: {} },
    consumers: { packing: { startsAt: [seconds(59)], config: { WaitTimeSeconds: 1 } } },
  }).run(seconds(60));
  expect(scene.messages('delivered')).toEqual([0]);
});

test("a delayed message is not visible before its delay, the queue's or its own", () => {
  const first = (queue: number, own: number | null) =>
    new Scene({
      queues: { orders: { DelaySeconds: queue } },
      producers: { checkout: { config: { DelaySeconds: own } } },
      consumers: { packing: { config: { WaitTimeSeconds: 20 } } },
    })
      .run(seconds(19))
      .times('delivered')[0];
  const near = (after: number) => [seconds(after), seconds(after) + millis(15)] as const;
  for (const [queue, own, after] of [
    [5, null, 5],
    [5, 0, 0],
    [0, 7, 7],
    [0, null, 0],
  ] as const) {
    const [from, to] = near(after);
    expect(first(queue, own)).toBeGreaterThanOrEqual(from);
    expect(first(queue, own)).toBeLessThan(to);
  }
});
