import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run, type Parts } from './world.ts';

const NODES = ['broker-1', 'broker-2', 'broker-3', 'controller', 'fulfilment-1', 'fulfilment-2'];
const moment = fc.integer({ min: 0, max: 20_000 }).map((ms) => `${ms}ms`);
const while_ = fc.integer({ min: 200, max: 15_000 }).map((ms) => `${ms}ms`);
const node = fc.constantFrom(...NODES);

/** Anything but a loss of power: processes die, stop and stand still, networks part, answers go. */
const fault = fc.oneof(
  fc.record({ crash: node, at: moment, restart: while_ }),
  fc.record({ stop: node, at: moment, restart: while_ }),
  fc.record({ pause: node, at: moment, for: while_ }),
  fc.tuple(node, moment, while_).map(([one, at, span]) => ({
    partition: [[one], NODES.filter((other) => other !== one)],
    at,
    for: span,
  })),
  fc.record({
    reset: fc.constantFrom('ProduceRequest', 'FetchResponse', 'OffsetCommitRequest'),
    nth: fc.integer({ min: 1, max: 100 }),
  }),
);

const cluster = (faults: readonly Record<string, unknown>[]): Parts => ({
  partitions: 2,
  instances: 2,
  topic: { 'min.insync.replicas': 2 },
  send: { count: 100, every: '200ms', keys: 10 },
  producer: { 'request.timeout.ms': 2000, 'delivery.timeout.ms': 90_000 },
  consumer: { 'session.timeout.ms': 10_000, 'max.poll.interval.ms': 30_000 },
  latency: { p50: '1ms', p99: '10ms' },
  faults,
});

test('no plan without power loss loses, doubles or reorders what acks=all acknowledged', () => {
  fc.assert(
    fc.property(fc.array(fault, { minLength: 1, maxLength: 5 }), (faults) => {
      const ran = run(cluster(faults));
      const { ok, failed, unknown } = ran.producer;
      expect(ok + failed + unknown).toBe(100);
      expect(ran.group.lost).toBe(0);
      expect(ran.group.duplicates.stored).toBe(0);
      expect(ran.group.ordering.by.key.inversions).toBe(0);
      expect(ran.group.pending).toBe(0);
      expect(ran.group.phantom).toBe(0);
    }),
    { numRuns: 25 },
  );
});

test('the same plans do lose with acks=1', () => {
  const plans = fc.sample(fc.array(fault, { minLength: 3, maxLength: 5 }), {
    numRuns: 25,
    seed: 7,
  });
  const weak = { ...cluster([]).producer, acks: '1', 'enable.idempotence': false };
  const losses = plans.map((plan) => run({ ...cluster(plan), producer: weak }).group.lost);
  expect(losses.some((lost) => lost > 0)).toBe(true);
});
