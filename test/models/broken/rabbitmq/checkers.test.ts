import { describe, expect, test } from 'vitest';
import { CLAIMS } from '../../../../models/rabbitmq/audit/claims.ts';
import { auditOf, type Flaw, forgetsAnAck, ignoresPrefetch, requeuesAtTheTail } from './broken.ts';

/** One node, one queue, a handler that fails now and then. */
function deployed(config: Record<string, unknown>): string {
  return JSON.stringify({
    scenario: 'a model with a flaw',
    system: 'rabbitmq',
    queues: { orders: {} },
    producers: { checkout: { to: 'orders', send: { count: 100, every: '2ms' } } },
    consumers: {
      fulfilment: {
        from: 'orders',
        instances: 2,
        config,
        process: { takes: '5ms', acknowledge: 'after', fails: '20%' },
      },
    },
    limits: { until: '1min' },
  });
}

const CASES: readonly (readonly [claim: string, what: string, flaw: Flaw, text: string])[] = [
  ['queue-fifo', 'what is requeued goes to the tail', requeuesAtTheTail, deployed({ prefetch: 3 })],
  ['prefetch', 'the queue ignores it', ignoresPrefetch, deployed({ prefetch: 3 })],
  ['prefetch', 'the queue ignores that of the channel', ignoresPrefetch, shared()],
  ['settled-once', 'the queue forgets an ack', forgetsAnAck, deployed({ prefetch: 1 })],
];

/** One prefetch for two consumers on a channel. */
function shared(): string {
  return deployed({ prefetch: 3, global: true, consumersPerChannel: 2 });
}

describe.each(CASES)('rabbitmq.%s', (claim, what, flaw, text) => {
  const name = `rabbitmq.${claim}`;

  test(`is violated when ${what}, with a witness`, () => {
    const finding = auditOf(text, flaw).get(name);
    expect(finding?.verdict).toBe('violated');
    expect(finding?.witnesses.length).toBeGreaterThan(0);
  });

  test('holds in the same run of the model as it is, and was put to the test', () => {
    const finding = auditOf(text).get(name);
    expect(finding).toMatchObject({ verdict: 'holds', violations: 0 });
    expect(finding?.checked).toBeGreaterThan(0);
  });
});

test('each claim about classic queues and channels has a flaw that it is caught by', () => {
  const covered = new Set(CASES.map(([claim]) => claim));
  const own = [CLAIMS.fifo, CLAIMS.prefetch, CLAIMS.settled].map(({ name }) => name);
  expect([...covered].sort()).toEqual(own.sort());
});
