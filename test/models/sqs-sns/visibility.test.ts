import { expect, test } from 'vitest';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import { ANY, Scene, type ConsumerParts } from './world.ts';

/** One message, two instances that poll in turn; VisibilityTimeout 30 s. */
function twoConsumers(takes: Micros, consumer: ConsumerParts = {}): Scene {
  return new Scene({
    queues: { orders: { VisibilityTimeout: 30 } },
    producers: { checkout: {} },
    consumers: {
      packing: {
        instances: 2,
        ...consumer,
        config: { WaitTimeSeconds: 20, ...consumer.config },
        process: { takes: Distribution.constant(takes), ...consumer.process },
      },
    },
  });
}

test('T-01: processing of 45 s under a visibility timeout of 30 s is done twice, overlapping', () => {
  const scene = twoConsumers(seconds(45)).run(seconds(44));
  const [first, second] = scene.times('delivered');
  // Picked at about 10 ms, visible again 30 s later, at the other instance within a few ms.
  expect(second - first).toBeGreaterThanOrEqual(seconds(30));
  expect(second - first).toBeLessThan(seconds(30) + millis(20));
  expect(scene.all('handled')).toEqual([]);
  expect(scene.reasons('returned', 2)).toEqual(['visibility timeout']);
  expect(new Set(scene.all('delivered').map((d) => d.node)).size).toBe(2);
});

test('T-01, one step short: processing of 29 s ends before the visibility timeout, once', () => {
  const scene = twoConsumers(seconds(29)).run(seconds(200));
  expect(scene.all('delivered')).toHaveLength(1);
  expect(scene.all('settled')).toHaveLength(1);
  expect(scene.all('returned')).toEqual([]);
});

test('T-02: a delete with a stale handle succeeds and deletes nothing', () => {
  // The first instance deletes at 45 s; the second has received the message at 30 s.
  const scene = twoConsumers(seconds(45)).run(seconds(46));
  expect(scene.all('handled')).toHaveLength(1);
  expect(scene.counted('stale deletes')).toBe(1);
  expect(scene.all('settled')).toEqual([]);
  expect(scene.remaining()).toEqual([0]);
  expect(scene.all('ignored')).toEqual([]); // No error came back.
});

test('T-02, one step short: without a second receive the first handle still deletes at 45 s', () => {
  // Visible since 30 s, received by nobody: the most recent handle deletes it all the same.
  const scene = twoConsumers(seconds(45), { instances: 1 }).run(seconds(46));
  expect(scene.counted('stale deletes')).toBe(0);
  expect(scene.all('settled')).toHaveLength(1);
  expect(scene.remaining()).toEqual([]);
});

test('a consumer that dies before its delete gets the message again after the timeout', () => {
  const scene = twoConsumers(seconds(5), { instances: 1 });
  scene.faults({
    what: 'crash',
    nodes: ['packing-1'],
    when: { is: 'at', at: seconds(3) },
    for: seconds(1),
  });
  scene.run(seconds(60));
  const [first, second] = scene.times('delivered');
  expect(second - first).toBeGreaterThanOrEqual(seconds(30));
  expect(scene.all('effect')).toHaveLength(1);
  expect(scene.all('settled')).toHaveLength(1);
  expect(scene.selfCheck.repeated).toEqual([]);
});

test('delete before processing: the same crash loses the message', () => {
  const scene = twoConsumers(seconds(5), { instances: 1, process: { acknowledge: 'before' } });
  scene.faults({
    what: 'crash',
    nodes: ['packing-1'],
    when: { is: 'at', at: seconds(3) },
    for: seconds(1),
  });
  scene.run(seconds(60));
  expect(scene.all('delivered')).toHaveLength(1);
  expect(scene.all('effect')).toEqual([]);
  expect(scene.remaining()).toEqual([]);
});

test('a lost ReceiveMessageResponse hides its messages until the visibility timeout', () => {
  const scene = twoConsumers(millis(1), { instances: 1, config: { socketTimeout: 25_000 } });
  scene.faults({
    what: 'lose',
    match: { ...ANY, type: 'ReceiveMessageResponse' },
    when: { is: 'nth', nth: [1] },
    for: -1,
  });
  scene.run(seconds(60));
  // Given up at 25 s; the next poll waits from then on and gets it 30 s after the first pick.
  expect(scene.times('delivered')[0]).toBeGreaterThanOrEqual(seconds(30));
  expect(scene.all('delivered')).toHaveLength(1);
  expect(scene.reasons('returned', 2)).toEqual(['visibility timeout']);
});

test('heartbeats keep a message hidden for as long as it is handled', () => {
  // 45 s under 30 s of visibility again, extended every 10 s: the last time at 40 s, to 70 s.
  const scene = twoConsumers(seconds(45), { config: { heartbeatInterval: 10 } }).run(seconds(200));
  expect(scene.all('delivered')).toHaveLength(1);
  expect(scene.all('settled')).toHaveLength(1);
  expect(scene.selfCheck.repeated).toEqual([]);
});

test('heartbeats that come later than the timeout do not help', () => {
  // At 31 s the message is visible and, with nobody else polling, refused: MessageNotInflight.
  const lone = twoConsumers(seconds(45), { instances: 1, config: { heartbeatInterval: 31 } });
  lone.run(seconds(44));
  expect(lone.reasons('ignored', 1)).toEqual(['MessageNotInflight']);
  const two = twoConsumers(seconds(45), { config: { heartbeatInterval: 31 } }).run(seconds(44));
  expect(two.all('delivered')).toHaveLength(2);
});

test('a failed message waits for its timeout, or is released at once by terminateVisibilityTimeout', () => {
  const failing = { process: { fails: 1_000_000 }, instances: 1 };
  const choose = { choose: () => 1, sample: () => millis(1) };
  const gap = (config: ConsumerParts['config']): Micros => {
    const scene = new Scene(
      {
        queues: { orders: { VisibilityTimeout: 30 } },
        producers: { checkout: {} },
        consumers: { packing: { ...failing, config: { WaitTimeSeconds: 20, ...config } } },
      },
      () => choose,
    ).run(seconds(31));
    const [first, second] = scene.times('delivered');
    expect(scene.selfCheck.repeated).toEqual([]);
    const why = config?.terminateVisibilityTimeout ? 'released' : 'visibility timeout';
    expect(scene.reasons('returned', 2)[0]).toBe(why);
    return second - first;
  };
  expect(gap({})).toBeGreaterThanOrEqual(seconds(30));
  // Released after 2 ms of processing: request, change, answer, poll, pick are 1 ms a hop.
  expect(gap({ terminateVisibilityTimeout: true })).toBeLessThan(millis(30));
});

test('more than 12 h after the receive a longer visibility is refused', () => {
  // Heartbeats of 12 h asked for every 3 h: the first ends beyond 12 h after the receive.
  const scene = twoConsumers(seconds(20_000), {
    instances: 1,
    config: { VisibilityTimeout: 43_200, heartbeatInterval: 10_800 },
  }).run(seconds(10_900));
  expect(scene.reasons('ignored', 1)).toEqual(['InvalidParameterValue']);
});
