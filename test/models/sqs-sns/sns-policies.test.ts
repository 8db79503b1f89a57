import { expect, test } from 'vitest';
import { parsePolicy } from '../../../models/sqs-sns/policy.ts';
import {
  parseDeliveryPolicy,
  pauseBefore,
  retriesOf,
  TO_SQS,
  type DeliveryPolicy,
} from '../../../models/sqs-sns/sns/delivery-policy.ts';
import { matches, parseFilterPolicy } from '../../../models/sqs-sns/sns/filter-policy.ts';
import type { JsonObject } from '../../../models/sqs-sns/contents.ts';
import { seconds } from '../../../sim/kernel/time.ts';

/** The policy matches the first and not the second. */
const FILTERS: readonly (readonly [policy: JsonObject, yes: JsonObject, no: JsonObject])[] = [
  [{ kind: ['order'] }, { kind: 'order', region: 'eu' }, { kind: 'refund' }],
  [{ kind: ['order', 'refund'] }, { kind: 'refund' }, { region: 'eu' }],
  [
    { kind: ['order'], region: ['eu'] },
    { kind: 'order', region: 'eu' },
    { kind: 'order', region: 'us' },
  ],
  [{ price: [{ numeric: ['>=', 100, '<', 200] }] }, { price: 100 }, { price: 200 }],
  [{ price: [{ numeric: ['=', 5] }] }, { price: 5 }, { price: '5' }],
  [{ kind: [{ prefix: 'ord' }] }, { kind: 'order' }, { kind: 'record' }],
  [{ kind: [{ suffix: 'er' }] }, { kind: 'order' }, { kind: 'orders' }],
  [{ kind: [{ 'equals-ignore-case': 'ORDER' }] }, { kind: 'Order' }, { kind: 'orders' }],
  [{ kind: [{ 'anything-but': ['test'] }] }, { kind: 'order' }, { kind: 'test' }],
  // A name that is missing matches nothing, not even "anything but".
  [{ kind: [{ 'anything-but': 'test' }] }, { kind: 'order' }, {}],
  [{ kind: [{ 'anything-but': { prefix: 'te' } }] }, { kind: 'order' }, { kind: 'test' }],
  [{ kind: [{ exists: true }] }, { kind: 'x' }, {}],
  [{ kind: [{ exists: false }] }, {}, { kind: 'x' }],
  [{ tags: ['a'] }, { tags: ['b', 'a'] }, { tags: ['b'] }],
  [{ gift: [true] }, { gift: true }, { gift: 'true' }],
  [{ order: { total: [{ numeric: ['>', 9] }] } }, { order: { total: 10 } }, { total: 10 }],
  [{ $or: [{ kind: ['a'] }, { size: ['b'] }] }, { size: 'b' }, { size: 'a' }],
  [{ constructor: ['x'] }, { constructor: 'x' }, {}],
];

test.each(FILTERS)('%j lets %j pass and not %j', (policy, yes, no) => {
  expect(parseFilterPolicy(JSON.stringify(policy))).toEqual(policy);
  expect([matches(policy, yes), matches(policy, no)]).toEqual([true, false]);
});

test('a filter policy that SNS would refuse is refused, with its words', () => {
  const says = (policy: unknown) => parseFilterPolicy(JSON.stringify(policy));
  expect(says({ kind: 'order' })).toBe('"kind" must be an object or an array');
  expect(says({ kind: [{ like: 'x' }] })).toBe('Unrecognized match type like');
  expect(says({ kind: [{ prefix: 'a', suffix: 'b' }] })).toBe(
    'Only one key allowed in match expression',
  );
  expect(says({ kind: [[1]] })).toContain('Match value must be');
  expect(says({ price: [{ numeric: ['about', 5] }] })).toContain('numeric');
  expect(says([])).toBe('it is not a JSON object');
  expect(says({ kind: [] })).toContain('must not be empty');
  expect(parseFilterPolicy(null)).toBeUndefined();
});

const pauses = (policy: DeliveryPolicy, n: number) =>
  Array.from({ length: n }, (_, i) => pauseBefore(policy, i + 1) / seconds(1));

test('SQS is tried 100 015 times: three at once, two after 1 s, ten growing to 20 s, then every 20 s', () => {
  expect(retriesOf(TO_SQS)).toBe(100_015);
  expect(pauses(TO_SQS, 17)).toEqual([0, 0, 0, 1, 1, 1, 2, 4, 8, 16, 20, 20, 20, 20, 20, 20, 20]);
});

test('an HTTP endpoint is tried three times more, 20 s apart, unless its policy says otherwise', () => {
  const usual = parseDeliveryPolicy(null) as DeliveryPolicy;
  expect(retriesOf(usual)).toBe(3);
  expect(pauses(usual, 3)).toEqual([20, 20, 20]);
  const own = (healthyRetryPolicy: object) =>
    parseDeliveryPolicy(JSON.stringify({ healthyRetryPolicy })) as DeliveryPolicy;
  const phases = {
    numRetries: 9,
    numNoDelayRetries: 2,
    numMinDelayRetries: 2,
    numMaxDelayRetries: 1,
  };
  const linear = own({ ...phases, minDelayTarget: 10, maxDelayTarget: 40 });
  expect(pauses(linear, 9)).toEqual([0, 0, 10, 10, 10, 20, 30, 40, 40]);
  const exponential = own({
    numRetries: 5,
    minDelayTarget: 1,
    maxDelayTarget: 10,
    backoffFunction: 'exponential',
  });
  expect(pauses(exponential, 5)).toEqual([1, 2, 4, 8, 10]);
});

test('a delivery policy that SNS would refuse is refused', () => {
  const says = (policy: unknown) => parseDeliveryPolicy(JSON.stringify(policy));
  expect(says({ healthyRetryPolicy: { numRetries: 101 } })).toContain('between 0 and 100');
  expect(says({ healthyRetryPolicy: { numRetries: 1, numNoDelayRetries: 2 } })).toContain('sum');
  expect(says({ healthyRetryPolicy: { minDelayTarget: 0 } })).toContain('minDelayTarget');
  expect(says({ healthyRetryPolicy: { numRetries: 100, maxDelayTarget: 3600 } })).toContain(
    '3600 seconds',
  );
  expect(says({ healthyRetryPolicy: { backoffFunction: 'random' } })).toContain('backoffFunction');
  expect(says({ throttlePolicy: { maxReceivesPerSecond: -1 } })).toContain('maxReceivesPerSecond');
  expect(says({ throttlePolicy: { maxReceivesPerSecond: 5 } })).toMatchObject({ perSecond: 5 });
});

test('a queue lets SNS in by an Allow that concerns it, and never against a Deny', () => {
  const admits = (...Statement: object[]) => parsePolicy(JSON.stringify({ Statement }));
  const allow = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'SQS:SendMessage',
  };
  expect(parsePolicy(null)).toBe(true);
  expect(admits(allow)).toBe(true);
  expect(admits({ ...allow, Principal: '*', Action: ['sqs:*'] })).toBe(true);
  expect(admits(allow, { ...allow, Effect: 'Deny' })).toBe(false);
  expect(admits({ ...allow, Action: 'sqs:ReceiveMessage' })).toBe(false);
  expect(admits({ ...allow, Principal: { Service: 's3.amazonaws.com' } })).toBe(false);
  expect(parsePolicy('[1]')).toBe('it is not a JSON object');
});
