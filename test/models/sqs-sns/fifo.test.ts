import { expect, test } from 'vitest';
import { Seeded } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import type { Names } from '../../../sim/kernel/names.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { ANY, Scene, type ConsumerParts, type Parts, type ProducerParts } from './world.ts';

const QUEUE = { FifoQueue: true, VisibilityTimeout: 10 };
const BY_GROUP = { MessageGroupId: '{key}', MessageDeduplicationId: '{producer}-{sequence}' };
const ONE_GROUP = { ...BY_GROUP, MessageGroupId: 'a' };

interface More extends Omit<Parts, 'queues' | 'producers' | 'consumers'> {
  readonly queue?: Parts['queues'];
  readonly producer?: ProducerParts;
  readonly consumer?: ConsumerParts;
}

function scene({ queue, producer, consumer, ...rest }: More, seed?: string): Scene {
  const choices = seed === undefined ? undefined : (names: Names) => new Seeded(names, seed);
  const parts: Parts = {
    queues: queue ?? { 'orders.fifo': QUEUE },
    producers: { checkout: { to: 'orders.fifo', config: ONE_GROUP, ...producer } },
    consumers: {
      packing: {
        from: 'orders.fifo',
        ...consumer,
        config: { WaitTimeSeconds: 20, ...consumer?.config },
      },
    },
    ...rest,
  };
  return new Scene(parts, choices);
}

const verdicts = (s: Scene) =>
  Object.fromEntries((s.deployed.audit?.findings() ?? []).map((f) => [f.name, f.verdict]));

test('messages of a group come one after the other, each when the one before it is deleted', () => {
  const s = scene({ producer: { count: 5 }, consumer: { instances: 3 } }).run(seconds(30));
  expect(s.messages('delivered')).toEqual([0, 1, 2, 3, 4]);
  // Handled for 2 ms each, and never two at a time.
  for (const message of [1, 2, 3, 4]) {
    expect(s.times('delivered', message)[0]).toBeGreaterThan(s.times('settled', message - 1)[0]);
  }
  expect(verdicts(s)).toMatchObject({ 'sqs.group-lock': 'holds', 'sqs.group-order': 'holds' });
});

test('groups do not wait for each other', () => {
  const s = scene(
    {
      producer: { count: 40, keys: 8, config: BY_GROUP },
      consumer: { instances: 4, process: { takes: Distribution.constant(seconds(1)) } },
    },
    'luck',
  ).run(seconds(100));
  expect(s.messages('delivered')).toHaveLength(40);
  // Four at a time instead of one: less than 40 s, whatever the draw of keys.
  expect(Math.max(...s.all('delivered').map((e) => e.time))).toBeLessThan(seconds(30));
});

test('a lost answer to a send makes no second message, and four minutes later neither', () => {
  for (const [socketTimeout, copies] of [
    [1_000, 1],
    [299_000, 1],
    [301_000, 2],
  ] as const) {
    const s = scene({ producer: { config: { ...ONE_GROUP, socketTimeout } } });
    s.faults({
      what: 'lose',
      match: { ...ANY, type: 'SendMessageResponse' },
      when: { is: 'nth', nth: [1] },
      for: -1,
    });
    s.run(seconds(400));
    expect(s.all('stored')).toHaveLength(copies);
    expect(s.messages('ok')).toEqual([0]);
    expect(verdicts(s)['sqs.deduplicated']).toBe('holds');
  }
});

test('equal bodies are one message when the content is the id, whatever their attributes', () => {
  const s = (config: ProducerParts['config']) =>
    scene({
      queue: { 'orders.fifo': { ...QUEUE, ContentBasedDeduplication: true } },
      producer: { count: 2, config: { MessageGroupId: 'a', ...config } },
    }).run(seconds(30));
  const body = JSON.stringify({ event: 'ping' });
  const attributes = JSON.stringify({ source: ['one', 'two'] });
  const equal = s({ MessageBody: body, MessageAttributes: attributes });
  expect(equal.messages('ok')).toEqual([0, 1]);
  expect(equal.messages('stored')).toEqual([0]);
  expect(
    s({ MessageBody: JSON.stringify({ event: ['ping', 'pong'] }) }).messages('stored'),
  ).toEqual([0, 1]);
  // An explicit id overrides the content.
  const explicit = { MessageBody: body, MessageDeduplicationId: '{sequence}' };
  expect(s(explicit).messages('stored')).toEqual([0, 1]);
});

test('an id counts in its scope: the queue, or the group', () => {
  const s = (more: Parts['queues']) =>
    new Scene({
      queues: { 'orders.fifo': { ...QUEUE, ...more } },
      producers: {
        one: {
          to: 'orders.fifo',
          config: { MessageGroupId: 'a', MessageDeduplicationId: '{sequence}' },
        },
        two: {
          to: 'orders.fifo',
          config: { MessageGroupId: 'b', MessageDeduplicationId: '{sequence}' },
        },
      },
    } as Parts).run(seconds(5));
  expect(s({}).all('stored')).toHaveLength(1);
  expect(s({ DeduplicationScope: 'messageGroup' } as never).all('stored')).toHaveLength(2);
});

test('a lost answer to a receive locks its groups until the timeout, unless it is asked again by id', () => {
  const lost = (ReceiveRequestAttemptId: string | null) =>
    scene({
      producer: { count: 3 },
      consumer: {
        config: { ReceiveRequestAttemptId, socketTimeout: 25_000, MaxNumberOfMessages: 10 },
        startsAt: [seconds(1)],
      },
      queue: { 'orders.fifo': { ...QUEUE, VisibilityTimeout: 120 } },
    })
      .faults({
        what: 'lose',
        match: { ...ANY, type: 'ReceiveMessageResponse' },
        when: { is: 'nth', nth: [1] },
        for: -1,
      })
      .run(seconds(300));
  const [without, with_] = [lost(null), lost('{consumer}-{nr}')];
  // The SDK asks again 25 s later. Without the id the group is locked until 121 s.
  expect(without.times('delivered')[0]).toBeGreaterThanOrEqual(seconds(121));
  expect(with_.times('delivered')[0]).toBeLessThan(seconds(27));
  expect(with_.messages('delivered')).toEqual([0, 1, 2]);
});

test('a handle whose timeout has ended deletes nothing, and the call fails', () => {
  const s = scene({
    consumer: { instances: 2, process: { takes: Distribution.constant(seconds(15)) } },
  }).run(seconds(200));
  expect(s.counted('expired handles')).toBeGreaterThan(0);
  expect(s.reasons('ignored', 1)).toContain('InvalidParameterValue');
  expect(s.all('settled')).toEqual([]);
});

test('one step short: a timeout that is long enough', () => {
  const s = scene({ consumer: { process: { takes: Distribution.constant(seconds(9)) } } });
  s.run(seconds(200));
  expect(s.counted('expired handles')).toBe(0);
  expect(s.messages('settled')).toEqual([0]);
});

test('a dead letter leaves the order of its group, gets a new time of sending and a new place', () => {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'dead.fifo', maxReceiveCount: 2 });
  const s = scene({
    queue: {
      'orders.fifo': { ...QUEUE, RedrivePolicy },
      'dead.fifo': { FifoQueue: true, MessageRetentionPeriod: 60 },
    },
    producer: { count: 3, poisonEvery: 2 },
  });
  s.run(seconds(40));
  // Message 1 fails at 0 and 10 s and is moved at 20 s; only then comes 2.
  expect(s.messages('delivered')).toEqual([0, 1, 1, 2]);
  expect(s.messages('deadLettered')).toEqual([1]);
  expect(s.times('deadLettered', 1)[0]).toBeGreaterThanOrEqual(seconds(20));
  // 60 s count from the move, not from the sending.
  s.run(seconds(79));
  expect(s.all('dropped')).toEqual([]);
  s.run(seconds(85));
  expect(s.messages('dropped')).toEqual([1]);
});

test('messages behind the scan are not found while those in front of it are locked', () => {
  const s = (fifoScan: number) =>
    new Scene({
      cluster: { fifoScan },
      queues: { 'orders.fifo': { ...QUEUE, VisibilityTimeout: 60 } },
      producers: {
        big: {
          to: 'orders.fifo',
          count: 10,
          every: 0,
          config: { ...BY_GROUP, MessageGroupId: 'a' },
        },
        small: {
          to: 'orders.fifo',
          start: seconds(1),
          config: { ...BY_GROUP, MessageGroupId: 'b' },
        },
      },
      consumers: {
        packing: {
          from: 'orders.fifo',
          startsAt: [seconds(2), seconds(2)],
          instances: 2,
          config: { WaitTimeSeconds: 1 },
          process: { takes: Distribution.constant(seconds(30)) },
        },
      },
    }).run(seconds(20));
  const groupB = (scene_: Scene) => scene_.messages('delivered').filter((m) => m % 2 === 1);
  expect(groupB(s(10))).toEqual([]);
  expect(groupB(s(11))).toEqual([1]);
});

test('calls above the quota are refused, and a high-throughput queue has it for each partition', () => {
  const s = (more: object) =>
    scene(
      {
        cluster: { fifoCallsPerSecond: 50, fifoPartitions: 4 },
        queue: { 'orders.fifo': { ...QUEUE, ...more } },
        producer: {
          count: 200,
          every: 0,
          keys: 64,
          config: { ...BY_GROUP, maxAttempts: 1, maxSockets: 500 },
        },
      },
      'luck',
    ).run(seconds(5));
  const high = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
  expect(s({}).messages('ok')).toHaveLength(50);
  expect(s({}).reasons('unknown', 1)).toContain('ThrottlingException');
  expect(s(high).messages('ok').length).toBeGreaterThan(150);
});

test('at the limit of messages in flight a FIFO queue gives nothing and says nothing', () => {
  const s = scene({
    cluster: { inFlightLimit: 3 },
    queue: { 'orders.fifo': { ...QUEUE, VisibilityTimeout: 600 } },
    producer: { count: 10, keys: 10, config: BY_GROUP },
    consumer: {
      startsAt: [seconds(1)],
      config: { WaitTimeSeconds: 0, MaxNumberOfMessages: 10 },
      process: { workers: 10, takes: Distribution.constant(seconds(60)) },
    },
  }).run(seconds(50));
  expect(s.messages('delivered')).toHaveLength(3);
  expect(s.reasons('ignored', 1)).not.toContain('OverLimit');
  expect(s.counted('over limit')).toBeGreaterThan(0);
});

test('what is stored survives a crash of its server; meanwhile calls fail and are tried again', () => {
  const s = scene({
    producer: { count: 20, every: millis(100), config: { ...ONE_GROUP, maxAttempts: 20 } },
  }).faults({
    what: 'crash',
    nodes: ['sqs-fifo-1'],
    when: { is: 'at', at: millis(550) },
    for: seconds(1),
  });
  s.run(seconds(120));
  expect([...s.messages('ok')].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, i) => i),
  );
  expect(new Set(s.messages('settled')).size).toBe(20);
  expect(s.remaining()).toEqual([]);
});
