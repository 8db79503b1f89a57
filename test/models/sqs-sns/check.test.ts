import { expect, test } from 'vitest';
import { sqs } from '../../../models/sqs-sns/index.ts';
import { parseRedrivePolicy } from '../../../models/sqs-sns/redrive-policy.ts';
import { deployment, type Parts } from './world.ts';

const complaints = (parts: Parts) => sqs.check(deployment(parts));
const queue = (config: Parts['queues']) => complaints({ queues: config });

test('a deployment of defaults is accepted', () => {
  expect(complaints({ producers: { checkout: {} }, consumers: { packing: {} } })).toEqual([]);
});

test('attributes outside their range are refused by name, at the edge they are not', () => {
  const edges = [
    ['VisibilityTimeout', 0, 43_200],
    ['ReceiveMessageWaitTimeSeconds', 0, 20],
    ['DelaySeconds', 0, 900],
    ['MessageRetentionPeriod', 60, 1_209_600],
    ['MaximumMessageSize', 1024, 1_048_576],
  ] as const;
  for (const [name, min, max] of edges) {
    for (const value of [min, max]) expect(queue({ orders: { [name]: value } })).toEqual([]);
    for (const value of [min - 1, max + 1]) {
      const [finding] = queue({ orders: { [name]: value } });
      expect(finding).toMatchObject({ severity: 'refused', component: 'orders', key: name });
      expect(finding.says).toContain('InvalidAttributeValue');
    }
  }
});

test('parameters of a receive outside their range are refused', () => {
  for (const [name, value] of [
    ['MaxNumberOfMessages', 11],
    ['MaxNumberOfMessages', 0],
    ['WaitTimeSeconds', 21],
    ['VisibilityTimeout', 43_201],
  ] as const) {
    const config = { [name]: value };
    const [finding] = complaints({ consumers: { packing: { config } } });
    expect(finding).toMatchObject({ place: 'consumer', component: 'packing' });
    expect(finding.says).toContain('InvalidParameterValue');
  }
});

test('a redrive policy needs a dead-letter queue that exists, another one, and 1 to 1000 receives', () => {
  const policy = (deadLetterTargetArn: string, maxReceiveCount: unknown) => {
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
    return queue({ orders: { RedrivePolicy }, dead: {} }).map((f) => f.says);
  };
  expect(policy('dead', 3)).toEqual([]);
  expect(policy('arn:aws:sqs:eu-west-1:123456789012:dead', '1000')).toEqual([]);
  expect(policy('missing', 3)[0]).toContain('QueueDoesNotExist');
  expect(policy('orders', 3)[0]).toContain('its own dead-letter queue');
  for (const n of [0, 1001, 2.5, 'many']) {
    expect(policy('dead', n)[0]).toContain('InvalidParameterValue');
  }
  expect(queue({ orders: { RedrivePolicy: '{' } })[0].says).toContain('not JSON');
});

test('a redrive policy is read from an ARN or a name', () => {
  expect(parseRedrivePolicy(null)).toBeUndefined();
  const read = parseRedrivePolicy('{"deadLetterTargetArn":"a:b:c:dead","maxReceiveCount":5}');
  expect(read).toEqual({ target: 'dead', maxReceiveCount: 5 });
});

test('acknowledgements that SQS does not have are refused', () => {
  const by = (acknowledge: 'auto' | 'with-effect' | 'after' | 'before') =>
    complaints({ consumers: { packing: { process: { acknowledge } } } }).map((f) => f.says);
  expect(by('auto')).toEqual(['SQS has no automatic acknowledgement']);
  expect(by('with-effect')).toHaveLength(1);
  expect(by('after')).toEqual([]);
  expect(by('before')).toEqual([]);
});

test('more replicas or samples than servers are refused', () => {
  expect(complaints({ cluster: { servers: 3, replicas: 3, sampled: 3 } })).toEqual([]);
  expect(complaints({ cluster: { servers: 2, replicas: 3, sampled: 2 } })).toHaveLength(1);
  expect(complaints({ cluster: { servers: 2, replicas: 2, sampled: 3 } })).toHaveLength(1);
});

test('every attribute that get-queue-attributes prints is a known key', () => {
  const printed = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesDelayed',
    'ApproximateNumberOfMessagesNotVisible',
    'CreatedTimestamp',
    'DelaySeconds',
    'LastModifiedTimestamp',
    'MaximumMessageSize',
    'MessageRetentionPeriod',
    'Policy',
    'QueueArn',
    'ReceiveMessageWaitTimeSeconds',
    'RedrivePolicy',
    'SqsManagedSseEnabled',
    'VisibilityTimeout',
  ];
  const known = sqs.keys.channel.map((key) => key.name);
  expect(printed.filter((name) => !known.includes(name))).toEqual([]);
});

test('a key is named once in its table and its default lies in its range', () => {
  for (const table of [...Object.values(sqs.keys), sqs.clusterShape]) {
    const names = table.map((key) => key.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { default: value, min = -Infinity, max = Infinity } of table) {
      if (typeof value !== 'number') continue;
      expect(value).toBeGreaterThanOrEqual(min);
      expect(value).toBeLessThanOrEqual(max);
    }
  }
});

test('the nodes that are named are the nodes that are made', () => {
  const parts = {
    cluster: { servers: 3 },
    producers: { checkout: {} },
    consumers: { packing: { instances: 2 } },
  };
  expect(sqs.nodes(deployment(parts))).toEqual([
    'sqs',
    'sqs-store-1',
    'sqs-store-2',
    'sqs-store-3',
    'checkout',
    'packing-1',
    'packing-2',
  ]);
});
