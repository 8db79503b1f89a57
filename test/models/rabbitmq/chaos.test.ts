import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run, type Parts } from './deployed.ts';

const NODES = ['broker-1', 'checkout', 'reader-1', 'reader-2'];
const METHODS = ['basic.publish', 'basic.deliver', 'basic.ack', 'basic.nack'];

const moment = fc.integer({ min: 0, max: 2000 }).map((n) => `${n}ms`);
const span = fc.integer({ min: 1, max: 9000 }).map((n) => `${n}ms`);
const node = fc.constantFrom(...NODES);
const method = fc.constantFrom(...METHODS);
const nth = fc.integer({ min: 1, max: 60 });

/** Anything that leaves the disk of the broker as it is. */
const fault: fc.Arbitrary<Parts> = fc.oneof(
  fc.record({ crash: node, at: moment, restart: span }),
  fc.record({ 'power-loss': node, at: moment, restart: span }),
  fc.record({ stop: node, at: moment, restart: span }),
  fc.record({ pause: node, at: moment, for: span }),
  fc.record({ reset: method, nth }),
  fc.record({ lose: method, nth }),
  fc.record({ delay: method, nth, by: span }),
  fc.record({
    crash: fc.constant('broker-1'),
    when: fc.record({ event: fc.constantFrom('stored', 'settled', 'ok'), nth }),
    restart: span,
  }),
);

const config = fc.record({
  prefetch: fc.constantFrom(0, 1, 5),
  onFailure: fc.constantFrom('nack', 'reject'),
});
const queue = fc.constantFrom<Parts[]>(
  {},
  { 'x-single-active-consumer': true },
  { 'x-max-priority': 3 },
  { 'x-max-length': 8, 'x-overflow': 'reject-publish' },
);
const outcome = fc.constantFrom({}, { mandatory: true }, { priority: 2 });

function plan(faults: readonly Parts[], consumer: Parts, args: Parts, producer: Parts): Parts {
  return {
    queues: { orders: { config: args } },
    producers: {
      checkout: {
        to: 'orders',
        send: { count: 60, every: '20ms', keys: 3 },
        config: { republishAttempts: 40, confirmTimeout: 2000, ...producer },
      },
    },
    consumers: {
      reader: {
        from: 'orders',
        instances: 2,
        config: { requestedHeartbeat: 6, ...consumer },
        process: { takes: '5ms', acknowledge: 'after', fails: '5%' },
      },
    },
    faults,
    limits: { until: '2h' },
  };
}

test('what was confirmed and persistent reaches a consumer that acknowledges after its work', () => {
  const faults = fc.array(fault, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(faults, config, queue, outcome, fc.nat(500), (list, consumer, args, more, seed) => {
      const record = run(plan(list, consumer, args, more), String(seed));
      const { lost, pending } = record.subscriptions.reader;
      expect({ lost, pending, ended: record.ended }).toMatchObject({ lost: 0, pending: 0 });
      expect(['drained', 'quiet']).toContain(record.ended);
      for (const { name, verdict, witnesses } of record.model ?? []) {
        expect(`${name} ${verdict} ${witnesses[0]?.says ?? ''}`).not.toContain(' violated ');
      }
    }),
    { numRuns: 400 },
  );
});

test('what is not promised is seen: a duplicate, a rewind', () => {
  const list = [{ reset: 'basic.ack', from: 'reader-1', nth: 3 }];
  const { reader } = run(plan(list, { prefetch: 5 }, {}, {})).subscriptions;
  expect(reader.duplicates.delivered).toBeGreaterThan(0);
});
