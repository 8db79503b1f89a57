import { expect, test } from 'vitest';
import { refusalOf } from '../../../models/sqs-sns/batches.ts';
import type { SendMessage } from '../../../models/sqs-sns/protocol.ts';
import { execute } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';

function run(part: object) {
  const base = {
    scenario: 'operating',
    system: 'sqs',
    queues: { orders: {} },
    producers: { checkout: { to: 'orders', send: { count: 10, every: '10ms' } } },
    limits: { until: '1h' },
  };
  const { scenario, problems } = loadScenario(JSON.stringify({ ...base, ...part }), 'op.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  return execute(scenario, { seed: '1' });
}

test('a second purge within 60 s is refused, one after that is not', () => {
  const purge = (at: string) => ({ 'purge-queue': { queue: 'orders' }, at });
  const { actions } = run({ actions: [purge('10s'), purge('69s'), purge('71s')] });
  expect(actions?.map((a) => a.why)).toEqual([undefined, 'PurgeQueueInProgress', undefined]);
});

test('only a dead-letter queue can be moved back to where its messages came from', () => {
  const { actions } = run({
    actions: [{ 'start-message-move-task': { queue: 'orders' }, at: '1s' }],
  });
  expect(actions?.[0].why).toBe('InvalidParameterValue');
});

test.each([
  ['standard', ''],
  ['FIFO', '.fifo'],
])('a %s dead-letter queue goes back with a fresh receive count', (_, suffix) => {
  const fifo = suffix === '' ? {} : { FifoQueue: true };
  const policy = { deadLetterTargetArn: `dead${suffix}`, maxReceiveCount: 2 };
  const { subscriptions, counters } = run({
    queues: {
      [`orders${suffix}`]: { config: { ...fifo, VisibilityTimeout: 2, RedrivePolicy: policy } },
      [`dead${suffix}`]: { config: fifo },
    },
    producers: {
      checkout: {
        to: `orders${suffix}`,
        send: { count: 6, every: '10ms', poison: 3 },
        config: suffix === '' ? {} : { MessageGroupId: 'a', MessageDeduplicationId: '{sequence}' },
      },
    },
    consumers: { work: { from: `orders${suffix}`, config: { WaitTimeSeconds: 20 } } },
    actions: [{ 'start-message-move-task': { queue: `dead${suffix}` }, at: '60s' }],
  });
  expect(counters.redriven).toBe(2);
  // Two poison messages, twice each before the move and twice each after it.
  expect(subscriptions.work).toMatchObject({ lost: 0, deadLettered: 2, delivered: 6 });
  expect(subscriptions.work.duplicates).toMatchObject({ stored: 0, delivered: 6 });
});

test('a batch is refused as a whole when it is empty, too long, too large or names an entry twice', () => {
  const entry = (message: number, bytes = 1) => ({ message, bytes });
  const batch = (entries: object[]) =>
    ({ type: 'SendMessageBatch', entries }) as unknown as SendMessage;
  const ten = Array.from({ length: 10 }, (_, i) => entry(i));
  expect(refusalOf(batch(ten))).toBeUndefined();
  expect(refusalOf(batch([]))).toBe('EmptyBatchRequest');
  expect(refusalOf(batch([...ten, entry(10)]))).toBe('TooManyEntriesInBatchRequest');
  expect(refusalOf(batch([entry(1), entry(1)]))).toBe('BatchEntryIdsNotDistinct');
  expect(refusalOf(batch([entry(1, 600_000), entry(2, 600_000)]))).toBe('BatchRequestTooLong');
});

test.each([
  ['FifoQueue: true', 'must end with .fifo', { orders: { config: { FifoQueue: true } } }],
  ['a .fifo name', 'Can only include alphanumeric', { 'orders.fifo': {}, orders: {} }],
  [
    'a FIFO attribute',
    'Unknown Attribute',
    { orders: { config: { ContentBasedDeduplication: true } } },
  ],
  [
    'a dead-letter queue of the other type',
    'must be same type of queue as the source',
    {
      orders: { config: { RedrivePolicy: { deadLetterTargetArn: 'd.fifo', maxReceiveCount: 2 } } },
      'd.fifo': { config: { FifoQueue: true } },
    },
  ],
  [
    '12 h and a second',
    'InvalidAttributeValue',
    { orders: { config: { VisibilityTimeout: 43_201 } } },
  ],
])('%s is refused in the words of SQS', (_, says, queues) => {
  expect(() => run({ queues })).toThrow(says);
});

test('a FIFO queue takes no message without a group, without an id, or with a delay of its own', () => {
  const send = (config: object) =>
    run({
      queues: { 'orders.fifo': { config: { FifoQueue: true } } },
      producers: { checkout: { to: 'orders.fifo', config } },
    });
  const good = { MessageGroupId: 'a', MessageDeduplicationId: '{sequence}' };
  expect(send(good).producers.checkout.ok).toBe(100);
  expect(() => send({ MessageDeduplicationId: 'x' })).toThrow('MissingParameter');
  expect(() => send({ MessageGroupId: 'a' })).toThrow('ContentBasedDeduplication');
  expect(() => send({ ...good, DelaySeconds: 5 })).toThrow('not valid for this queue type');
  expect(() => send({ ...good, MessageGroupId: '{key}' })).toThrow('messages have none');
  expect(() => send({ ...good, maxBatchSize: 11 })).toThrow('TooManyEntriesInBatchRequest');
});
