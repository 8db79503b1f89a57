import { expect, test } from 'vitest';
import { COMMITTED, SHARE, TRANSFORMER } from './plan-configs.ts';
import { type Parts, planOf, shown } from './plans.ts';
import { claims, drained, noLoss, runPlan } from './promises.ts';

/** What random plans were shrunk to: each broke a promise before a rule was mended. */

type Found = readonly [what: string, parts: Partial<Parts>, faults: readonly object[]];

const small = { brokers: 1, factor: 1 };
const FOUND: readonly Found[] = [
  [
    'a broker that registers when its session is over, and before the controller has looked',
    {
      ...{ version: '3.9', brokers: 2, factor: 2, partitions: 2 },
      producer: { acks: '1', 'enable.idempotence': false },
    },
    [
      { crash: 'broker-2', at: '68ms', restart: '679ms' },
      { 'clock-drift': 'controller', ppm: 500_000, at: '216ms', for: '3s' },
    ],
  ],
  [
    'a static member that leaves for max.poll.interval.ms while its commit looks for a coordinator',
    {
      ...{ ...small, partitions: 3, seed: 2, send: { count: 27, every: '1ms', keys: 5 } },
      consumer: {
        'group.instance.id': 'member',
        'partition.assignment.strategy': 'cooperative-sticky',
      },
      process: { acknowledge: 'after', effect: 'database' },
    },
    [{ stop: 'broker-1', at: '29ms', restart: '2528ms' }],
  ],
  [
    'a consumer whose clock goes back to before its start',
    { instances: 2, partitions: 3 },
    [{ 'clock-jump': 'fulfilment-2', by: '-3s', at: '12ms' }],
  ],
  [
    'a leader that stops after the state of a share group is written and before it hears of it',
    {
      ...{
        version: '4.2',
        brokers: 3,
        factor: 1,
        partitions: 1,
        latency: { p50: '1ms', p99: '1ms' },
      },
      consumer: { ...SHARE, 'max.poll.records': 1 },
      send: { count: 20, every: '10ms' },
    },
    [{ stop: 'broker-1', at: '44ms', restart: '1s' }],
  ],
  [
    'offsets of a transaction that come while the marker of the last one is being written',
    {
      ...{ brokers: 2, factor: 2, send: { count: 40, every: '5ms' } },
      consumer: { ...COMMITTED, 'max.poll.records': 1 },
      process: { takes: '0ms', produce: { to: 'payments', config: TRANSFORMER } },
    },
    [],
  ],
  [
    'partitions that are to be added while no broker is up, and would never have a leader',
    {
      ...{ ...small, version: '4.1', partitions: 2 },
      actions: [{ 'add-partitions': { topic: 'orders', to: 4 }, at: '2s' }],
    },
    [{ crash: 'broker-1', at: '141ms', restart: '3625ms' }],
  ],
];

test.each(FOUND)('%s', (_, parts, faults) => {
  const plan = planOf(parts, faults as never);
  const outcome = runPlan(plan);
  for (const promise of [claims, noLoss, drained])
    expect(promise(outcome), shown(plan)).toBe(undefined);
});
