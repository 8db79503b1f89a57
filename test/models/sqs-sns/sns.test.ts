import { describe, expect, test } from 'vitest';
import { Execution } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { RunRecord } from '../../../sim/history/record.ts';
import { SelfCheck } from '../../../sim/kernel/choices.ts';

type Part = Readonly<Record<string, unknown>>;

const BASE = {
  scenario: 'sns',
  system: 'sqs',
  topics: { orders: {} },
  queues: { one: {}, two: {}, dead: {} },
  subscriptions: {
    'to-one': { topic: 'orders', queue: 'one' },
    'to-two': { topic: 'orders', queue: 'two' },
  },
  producers: { checkout: { to: 'orders', send: { count: 10, every: '100ms' } } },
  consumers: {
    first: { from: 'one', config: { WaitTimeSeconds: 20 } },
    second: { from: 'two', config: { WaitTimeSeconds: 20 } },
  },
  limits: { until: '1h' },
};

function problemsOf(part: Part): string[] {
  const { problems } = loadScenario(JSON.stringify({ ...BASE, ...part }), 'sns.yaml');
  return problems.map((p) => `${p.line}: ${p.says}`);
}

function run(part: Part = {}, seed = '1'): RunRecord {
  const { scenario, problems } = loadScenario(JSON.stringify({ ...BASE, ...part }), 'sns.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  let check: SelfCheck | undefined;
  const execution = new Execution(scenario, {
    seed,
    instrument: (choices, names) => (check = new SelfCheck(names, choices)),
  });
  while (!execution.advance(Infinity));
  expect(check?.repeated).toEqual([]);
  return execution.record();
}

test('every subscription gets every message once', () => {
  const { subscriptions, ended } = run();
  expect(ended).toBe('drained');
  for (const name of ['first', 'second']) {
    expect(subscriptions[name]).toMatchObject({
      owed: 10,
      effects: 10,
      lost: 0,
      guarantee: 'exactly-once',
    });
  }
});

test('what a filter keeps back is owed to nobody', () => {
  const send = { MessageAttributes: { kind: ['order', 'refund'] } };
  const record = run({
    producers: { checkout: { ...BASE.producers.checkout, config: send } },
    subscriptions: {
      ...BASE.subscriptions,
      'to-one': { topic: 'orders', queue: 'one', config: { FilterPolicy: { kind: ['refund'] } } },
    },
  });
  expect(record.subscriptions.first).toMatchObject({ owed: 5, effects: 5, lost: 0 });
  expect(record.subscriptions.second).toMatchObject({ owed: 10, effects: 10 });
  expect(record.counters['filtered out']).toBe(5);
  expect(record.ended).toBe('drained');
});

test('a filter on the body sees the body, and one on attributes does not', () => {
  const owed = (scope: string) =>
    run({
      producers: {
        checkout: {
          ...BASE.producers.checkout,
          config: { MessageBody: { order: { total: [5, 50] } } },
        },
      },
      subscriptions: {
        'to-one': {
          topic: 'orders',
          queue: 'one',
          config: {
            FilterPolicyScope: scope,
            FilterPolicy: { order: { total: [{ numeric: ['>', 9] }] } },
          },
        },
      },
    }).subscriptions.first.owed;
  expect(owed('MessageBody')).toBe(5);
  expect(owed('MessageAttributes')).toBe(0);
});

describe('an HTTP endpoint', () => {
  const http = (config: object, faults: readonly object[], process: object = {}) =>
    run({
      subscriptions: { partner: { topic: 'orders', config } },
      consumers: { partner: { from: 'partner', process: { takes: '1ms', ...process } } },
      faults,
    });

  test('gets what is published, and again when its answer is lost', () => {
    expect(http({}, []).subscriptions.partner).toMatchObject({
      owed: 10,
      effects: 10,
      duplicates: { effects: 0 },
    });
    const lost = http({}, [{ lose: 'NotificationResponse', nth: 2 }]);
    expect(lost.subscriptions.partner).toMatchObject({
      lost: 0,
      duplicates: { delivered: 1, effects: 1 },
    });
  });

  test('loses what its retries do not outlast, unless there is a dead-letter queue', () => {
    const down = [{ crash: 'partner-1', at: '0s', restart: '300s' }];
    expect(http({}, down).subscriptions.partner.lostBy).toMatchObject({
      'SNS gave up: no answer': 10,
    });
    const RedrivePolicy = { deadLetterTargetArn: 'dead' };
    expect(http({ RedrivePolicy }, down).subscriptions.partner).toMatchObject({
      lost: 0,
      deadLettered: 10,
    });
    const healthyRetryPolicy = { numRetries: 20, minDelayTarget: 20, maxDelayTarget: 20 };
    expect(http({ DeliveryPolicy: { healthyRetryPolicy } }, down).subscriptions.partner.lost).toBe(
      0,
    );
  });

  test('that answers before it has processed loses what is in its memory', () => {
    const crash = [{ crash: 'partner-1', at: '300ms', restart: '1s' }];
    const early = http({}, crash, { acknowledge: 'before', takes: '1s' });
    expect(early.subscriptions.partner.lost).toBeGreaterThan(0);
    expect(http({}, crash, { takes: '1s', workers: 10 }).subscriptions.partner.lost).toBe(0);
  });

  test('is sent no more a second than its throttle policy allows', () => {
    const slow = http({ DeliveryPolicy: { throttlePolicy: { maxReceivesPerSecond: 1 } } }, []);
    expect(slow.virtualTimeUs).toBeGreaterThanOrEqual(9_000_000);
    expect(http({}, []).virtualTimeUs).toBeLessThan(2_000_000);
  });
});

describe('FIFO topics', () => {
  const fifo = (more: Part = {}) => ({
    topics: { 'orders.fifo': { config: { FifoTopic: true } } },
    queues: { 'one.fifo': { config: { FifoQueue: true } }, two: {} },
    subscriptions: {
      'to-one': { topic: 'orders.fifo', queue: 'one.fifo' },
      'to-two': { topic: 'orders.fifo', queue: 'two' },
    },
    producers: {
      checkout: {
        to: 'orders.fifo',
        send: { count: 40, every: '50ms', keys: 2 },
        config: {
          MessageGroupId: '{key}',
          MessageDeduplicationId: '{sequence}',
          socketTimeout: 1000,
        },
      },
    },
    consumers: {
      first: { from: 'one.fifo', config: { WaitTimeSeconds: 20 } },
      second: { from: 'two', config: { WaitTimeSeconds: 20 } },
    },
    ...more,
  });

  test('keep the order of a group through lost answers, and take no message twice', () => {
    for (const seed of ['1', '2', '3']) {
      const faults = [
        { lose: 'SendMessageResponse', nth: [3, 4, 9] },
        { lose: 'PublishResponse', nth: [5, 20] },
      ];
      const { subscriptions, model } = run(fifo({ faults }), seed);
      expect(subscriptions.first.ordering.by.key).toEqual({ inversions: 0, rewinds: 0 });
      expect(subscriptions.first.duplicates.stored).toBe(0);
      expect(subscriptions.first).toMatchObject({ lost: 0, guarantee: 'exactly-once' });
      // Into a standard queue the retried delivery is another message.
      expect(subscriptions.second.lost).toBe(0);
      expect(model?.find((m) => m.name === 'sqs.group-order')?.verdict).toBe('holds');
    }
  });

  test('a crash of SNS loses nothing that it took in', () => {
    const faults = [{ crash: 'sns', at: '700ms', restart: '2s' }];
    const { subscriptions, producers } = run(fifo({ faults }));
    expect(producers.checkout.ok).toBeGreaterThan(20);
    expect(subscriptions.first).toMatchObject({ lost: 0, pending: 0 });
    expect(subscriptions.second).toMatchObject({ lost: 0, pending: 0 });
  });
});

const REFUSED: readonly (readonly [says: string, part: Part])[] = [
  ['NotFound: Topic does not exist', { subscriptions: { x: { topic: 'none', queue: 'one' } } }],
  [
    'Invalid parameter: SQS endpoint ARN',
    { subscriptions: { x: { topic: 'orders', queue: 'none' } } },
  ],
  [
    'subscribes the same queue',
    { subscriptions: { ...BASE.subscriptions, x: { topic: 'orders', queue: 'one' } } },
  ],
  [
    'can not be subscribed to standard',
    {
      queues: { ...BASE.queues, 'q.fifo': { config: { FifoQueue: true } } },
      subscriptions: { x: { topic: 'orders', queue: 'q.fifo' } },
    },
  ],
  ['Fifo Topic names must end with .fifo', { topics: { orders: { config: { FifoTopic: true } } } }],
  ['Invalid parameter: Endpoint', { subscriptions: { x: { topic: 'orders' } } }],
  [
    'only HTTP/S endpoints have one',
    {
      subscriptions: { x: { topic: 'orders', queue: 'one', config: { DeliveryPolicy: {} } } },
    },
  ],
  [
    'FilterPolicy: "kind" must be',
    {
      subscriptions: {
        x: { topic: 'orders', queue: 'one', config: { FilterPolicy: { kind: 1 } } },
      },
    },
  ],
  [
    'deadLetterTargetArn is no queue',
    {
      subscriptions: {
        x: {
          topic: 'orders',
          queue: 'one',
          config: { RedrivePolicy: { deadLetterTargetArn: 'y' } },
        },
      },
    },
  ],
  [
    'delivers to the queue "one"',
    {
      consumers: { ...BASE.consumers, x: { from: 'to-one' } },
    },
  ],
];

test.each(REFUSED)('refused: %s', (says, part) => {
  expect(problemsOf(part).join('\n')).toContain(says);
  expect(problemsOf({})).toEqual([]);
});
