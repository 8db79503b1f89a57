import { describe, expect, test } from 'vitest';
import { Confirms } from '../../../models/rabbitmq/broker/confirms.ts';
import { isCycle } from '../../../models/rabbitmq/broker/dead-letter.ts';
import { negotiated } from '../../../models/rabbitmq/broker/heartbeats.ts';
import { type Policy, withPolicies } from '../../../models/rabbitmq/policies.ts';
import type { Death } from '../../../models/rabbitmq/protocol.ts';

describe('confirms', () => {
  const told = (confirms: Confirms): string[] => {
    const lines: string[] = [];
    confirms.tell((acked, tag, multiple) => {
      lines.push(`${acked ? 'ack' : 'nack'} ${tag}${multiple ? ' multiple' : ''}`);
    });
    return lines;
  };

  test('all up to the oldest open one are told by one, later ones by themselves', () => {
    const confirms = new Confirms();
    for (let i = 0; i < 5; i++) confirms.publish(1);
    for (const seq of [2, 1, 5]) confirms.answered(0, seq, false);
    expect(told(confirms)).toEqual(['ack 2 multiple', 'ack 5']);
    expect(told(confirms)).toEqual([]);
    for (const seq of [3, 4]) confirms.answered(0, seq, false);
    expect(told(confirms)).toEqual(['ack 4 multiple']);
  });

  test('a publish to several queues is answered by the last, and one refusal is a nack', () => {
    const confirms = new Confirms();
    const seq = confirms.publish(2);
    confirms.answered(0, seq, true);
    expect(told(confirms)).toEqual([]);
    confirms.answered(1, seq, false);
    expect(told(confirms)).toEqual(['nack 1']);
  });

  test('a publish to no queue is confirmed at once', () => {
    const confirms = new Confirms();
    confirms.publish(0);
    expect(told(confirms)).toEqual(['ack 1']);
  });
});

describe('dead-letter cycles', () => {
  const death = (queue: string, reason: Death['reason']): Death => {
    const rest = { exchange: '', routingKeys: [], time: 0, originalExpiration: -1 };
    return { queue, reason, count: 1, ...rest };
  };

  test('a message may not come back to where it died if nobody rejected it since', () => {
    expect(isCycle('a', [death('b', 'expired'), death('a', 'expired')])).toBe(true);
    expect(isCycle('a', [death('a', 'maxlen')])).toBe(true);
  });

  test('a rejection on the way lets it go round, one before it does not', () => {
    expect(isCycle('a', [death('b', 'expired'), death('a', 'rejected')])).toBe(false);
    expect(isCycle('a', [death('b', 'rejected'), death('a', 'expired')])).toBe(false);
    expect(isCycle('b', [death('b', 'expired'), death('a', 'rejected')])).toBe(true);
  });

  test('a queue that it has not died in is new to it', () => {
    expect(isCycle('c', [death('b', 'expired'), death('a', 'expired')])).toBe(false);
  });
});

describe('policies', () => {
  const policy = (pattern: string, definition: Policy['definition'], priority = 0): Policy => {
    return { name: pattern, pattern, definition, priority };
  };
  const limits = (policies: readonly Policy[], args: Record<string, number | string> = {}) => {
    return withPolicies('orders', new Map(Object.entries(args)), policies);
  };

  test.each([
    ['orders', true],
    ['^orders$', true],
    ['^ord', true],
    ['ers$', true],
    ['^o.*s$', true],
    ['.*', true],
    ['^rders', false],
    ['order$', false],
    ['^orders.dlx$', false],
  ])('%s applies: %s', (pattern, applies) => {
    const { maxLength } = limits([policy(pattern, { 'max-length': 5 })]);
    expect(maxLength).toBe(applies ? 5 : -1);
  });

  test('of two numbers the smaller one holds, of other settings the argument', () => {
    const policies = [policy('orders', { 'max-length': 5, overflow: 'reject-publish' })];
    const merged = limits(policies, { 'x-max-length': 9, 'x-overflow': 'drop-head' });
    expect(merged).toMatchObject({ maxLength: 5, overflow: 'drop-head' });
    expect(limits(policies, { 'x-max-length': 3 })).toMatchObject({ maxLength: 3 });
  });

  test('of several the one of the highest priority holds, alone', () => {
    const policies = [
      policy('orders', { 'max-length': 5 }, 1),
      policy('.*', { 'message-ttl': 100 }, 2),
    ];
    expect(limits(policies)).toMatchObject({ maxLength: -1, messageTtl: 100_000 });
  });
});

test('of two heartbeats the smaller one holds, or the one that there is', () => {
  expect(negotiated(60, 10)).toBe(10);
  expect(negotiated(0, 10)).toBe(10);
  expect(negotiated(60, 0)).toBe(60);
  expect(negotiated(0, 0)).toBe(0);
});
