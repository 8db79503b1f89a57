import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Seeded } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { ANY, Scene } from './world.ts';

const STORES = ['sqs-store-1', 'sqs-store-2', 'sqs-store-3'];

/** Any fault within the first 40 s that is over 20 s later. */
const fault: fc.Arbitrary<Fault<string>> = fc.oneof(
  fc.record({
    what: fc.constantFrom('crash' as const, 'power-loss' as const, 'pause' as const),
    nodes: fc.constantFrom(...STORES, 'sqs', 'checkout', 'packing-1').map((node) => [node]),
    when: fc.nat(40_000).map((ms) => ({ is: 'at' as const, at: millis(ms) })),
    for: fc.nat(10_000).map(millis),
  }),
  fc.record({
    what: fc.constant('partition' as const),
    from: fc.constant(['sqs']),
    to: fc.constantFrom(...STORES).map((store) => [store]),
    oneWay: fc.boolean(),
    when: fc.nat(40_000).map((ms) => ({ is: 'at' as const, at: millis(ms) })),
    for: fc.nat(10_000).map(millis),
  }),
);

/** Each at most once in a plan. */
const noise: fc.Arbitrary<Fault<string>[]> = fc.subarray<Fault<string>>([
  {
    what: 'lose',
    match: ANY,
    when: { is: 'chance', ppm: 20_000, every: 0 },
    for: seconds(45),
  },
  {
    what: 'duplicate',
    match: { ...ANY, to: ['sqs'] },
    after: millis(20),
    when: { is: 'chance', ppm: 20_000, every: 0 },
    for: seconds(45),
  },
]);

const plan = fc.record({
  seed: fc.nat(1000),
  faults: fc.array(fault, { maxLength: 4 }),
  noise,
  replicas: fc.constantFrom(1, 2, 3),
  servers: fc.constantFrom(3, 5),
  visibility: fc.constantFrom(2, 5, 30),
  wait: fc.constantFrom(0, 1, 20),
  max: fc.integer({ min: 1, max: 10 }),
  slow: fc.boolean(),
});

test('under any mix of faults nothing acknowledged is lost, and what is left can be given', () => {
  fc.assert(
    fc.property(plan, (p) => {
      const takes = Distribution.uniform(0, p.slow ? seconds(3) : millis(10));
      const config = {
        MaxNumberOfMessages: p.max,
        WaitTimeSeconds: p.wait,
        pollingWaitTimeMs: 50,
        socketTimeout: 25_000,
      };
      const scene = new Scene(
        {
          cluster: { servers: p.servers, replicas: p.replicas },
          queues: { orders: { VisibilityTimeout: p.visibility } },
          producers: {
            checkout: {
              count: 60,
              every: millis(500),
              burst: 2,
              config: { maxBatchSize: 10, socketTimeout: 1000 },
            },
          },
          consumers: { packing: { instances: 2, config, process: { takes, workers: 2 } } },
        },
        (names) => new Seeded(names, String(p.seed)),
        millis(1),
      ).faults(...p.faults, ...p.noise);
      // A message that takes longer than its timeout goes round for a while; 400 s are plenty.
      scene.run(seconds(400));
      const delivered = new Set(scene.messages('delivered'));
      expect(scene.messages('ok').filter((message) => !delivered.has(message))).toEqual([]);
      expect(scene.all('invoked')).toHaveLength(60);
      const outcomes = scene.all('ok').length + scene.all('unknown').length;
      expect(outcomes + scene.all('failed').length).toBe(60);
      expect(scene.remaining()).toEqual([]);
      const copies = p.noise.some((f) => f.what === 'duplicate');
      if (!copies) expect(scene.selfCheck.repeated).toEqual([]);
    }),
    { numRuns: 60, seed: 20121105 },
  );
}, 60_000);

test('two runs of one seed under faults are the same to the last event', () => {
  const digest = (seed: string): string =>
    new Scene(
      {
        producers: { checkout: { count: 100 } },
        consumers: { packing: { instances: 2, config: { MaxNumberOfMessages: 5 } } },
      },
      (names) => new Seeded(names, seed),
    )
      .faults({
        what: 'lose',
        match: ANY,
        when: { is: 'chance', ppm: 10_000, every: 0 },
        for: seconds(10),
      })
      .run(seconds(60))
      .world.digest.text();
  expect(digest('one')).toBe(digest('one'));
  expect(digest('one')).not.toBe(digest('two'));
});
