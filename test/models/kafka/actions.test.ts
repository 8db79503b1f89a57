import { describe, expect, test } from 'vitest';
import { execute } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';

type Tree = Readonly<Record<string, unknown>>;

/** A run of 20 s with three brokers, one topic of two partitions and these actions. */
function run(actions: readonly Tree[], by: Tree = {}) {
  const text = JSON.stringify({
    scenario: 'actions',
    system: 'kafka',
    version: '3.9',
    cluster: { brokers: 3, config: { 'auto.leader.rebalance.enable': false } },
    topics: { orders: { partitions: 2, 'replication.factor': 3 } },
    producers: {
      checkout: {
        to: 'orders',
        send: { count: 400, every: '50ms', keys: 20 },
        config: { 'metadata.max.age.ms': 1000 },
      },
    },
    consumers: {
      fulfilment: {
        from: 'orders',
        config: { 'auto.offset.reset': 'earliest', 'metadata.max.age.ms': 1000 },
        process: { takes: '1ms', acknowledge: 'after' },
      },
    },
    actions,
    ...by,
  });
  const { scenario, problems } = loadScenario(text, 'test.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  return execute(scenario, { seed: '1' });
}

describe('an action', () => {
  test('that is done is said to be, and the run counts', () => {
    const record = run([{ 'add-partitions': { topic: 'orders', to: 4 }, at: '5s' }]);
    expect(record.actions).toEqual([
      { action: 'add-partitions topic orders to 4, at 5s', done: true, line: 1 },
    ]);
    expect(record.verdict).toBe('pass');
    expect(record.subscriptions.fulfilment).toMatchObject({ delivered: 400, lost: 0 });
  });

  test('that the cluster refuses leaves the run inconclusive, with the reason', () => {
    const record = run([{ 'add-partitions': { topic: 'orders', to: 2 }, at: '5s' }]);
    expect(record.actions?.[0]).toMatchObject({ done: false, why: 'INVALID_PARTITIONS' });
    expect(record.verdict).toBe('inconclusive');
  });

  test('waits for a controller that is down', () => {
    const faults = [{ crash: 'controller', at: '4s', restart: '3s' }];
    const record = run([{ 'add-partitions': { topic: 'orders', to: 3 }, at: '5s' }], { faults });
    expect(record.actions?.[0]).toMatchObject({ done: true });
  });

  test('is waited for when everything else is over', () => {
    const record = run([{ 'add-partitions': { topic: 'orders', to: 3 }, at: '60s' }]);
    expect(record.actions?.[0].done).toBe(true);
    expect(record.virtualTimeUs).toBeGreaterThanOrEqual(60_000_000);
  });

  test('of no scenario adds no node and changes nothing', () => {
    expect(run([]).digest).toBe(run([], { actions: null }).digest);
    expect(run([]).actions).toBeUndefined();
  });
});

describe('elect-leaders', () => {
  const faults = [{ stop: 'broker-1', at: '3s', restart: '2s' }];
  const elect = (type: string) => [{ 'elect-leaders': { topic: 'orders', type }, at: '12s' }];

  test('gives leaderships back to preferred replicas', () => {
    const without = run([], { faults });
    const given = run(elect('preferred'), { faults });
    expect(given.actions?.[0].done).toBe(true);
    expect(given.counters.elections).toBe(without.counters.elections + 1);
    expect(given.subscriptions.fulfilment.lost).toBe(0);
  });

  test('is done when nothing is to be elected', () => {
    expect(run(elect('preferred')).actions?.[0].done).toBe(true);
    expect(run(elect('unclean')).actions?.[0].done).toBe(true);
  });
});

describe('alter-config', () => {
  const set = (key: string, value: unknown, at = '5s') => ({
    'alter-config': { topic: 'orders', key, value },
    at,
  });

  test('of min.insync.replicas refuses what fewer replicas would acknowledge', () => {
    const faults = [{ stop: 'broker-3', at: '2s' }];
    const limits = { until: '10min' };
    const strict = run([set('min.insync.replicas', 3)], { faults, limits });
    expect(strict.actions?.[0].done).toBe(true);
    expect(strict.producers.checkout.ok).toBeLessThan(150);
    expect(run([], { faults }).producers.checkout.ok).toBe(400);
  });

  test.each([
    ['no.such.key', '1'],
    ['min.insync.replicas', '0'],
    ['cleanup.policy', 'shred'],
  ])('of %s to %s is refused', (key, value) => {
    expect(run([set(key, value)]).actions?.[0]).toMatchObject({
      done: false,
      why: 'INVALID_CONFIG',
    });
  });
});

describe('reset-offsets', () => {
  const reset = (to: string) => [{ 'reset-offsets': { group: 'fulfilment', to }, at: '40s' }];
  const faults = [{ stop: 'fulfilment-1', at: '30s', restart: '20s' }];

  test('of a group without members to the beginning: everything comes again', () => {
    const { actions, subscriptions } = run(reset('earliest'), { faults });
    expect(actions?.[0].done).toBe(true);
    expect(subscriptions.fulfilment.duplicates.delivered).toBe(400);
  });

  test('of a group with members is refused for as long as it has any', () => {
    const { actions } = run(reset('earliest'));
    expect(actions?.[0]).toMatchObject({ done: false, why: 'UNKNOWN_MEMBER_ID' });
  });
});

test('a rolling restart takes one broker after another and loses nothing', () => {
  const faults = [{ stop: 'brokers', at: '3s', restart: '2s', apart: '5s' }];
  const { faults: fired, subscriptions } = run([], { faults });
  expect(fired.map((fault) => fault.fired)).toEqual([1, 1, 1]);
  expect(subscriptions.fulfilment).toMatchObject({ delivered: 400, lost: 0 });
});

test('a disk that is replaced is filled again from the others', () => {
  const faults = [{ erase: 'broker-2', at: '5s', restart: '3s' }];
  const { faults: fired, subscriptions, counters } = run([], { faults });
  expect(fired[0].fired).toBe(1);
  expect(subscriptions.fulfilment).toMatchObject({ delivered: 400, lost: 0 });
  expect(counters['records.diverged']).toBeUndefined();
});
