import { describe, expect, test } from 'vitest';
import { execute, Execution } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { FACT_NAMES } from '../../../sim/kernel/entry.ts';

type Tree = Readonly<Record<string, unknown>>;

/** 20 s with three brokers, one topic of two partitions and these actions. */
function planned(actions: readonly Tree[], by: Tree = {}) {
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
  return scenario;
}

const run = (actions: readonly Tree[], by: Tree = {}) =>
  execute(planned(actions, by), { seed: '1' });

/** The same, and the changes of whatever is asked for. */
function watched(actions: readonly Tree[], by: Tree) {
  const changes: string[][] = [];
  const execution = new Execution(planned(actions, by), {
    seed: '1',
    trace: {
      sent: () => {},
      event: () => {},
      tell: () => {},
      fact: (_index, _time, _node, fact, args) => {
        if (FACT_NAMES[fact] !== 'became') return;
        changes.push(args.slice(0, 3).map((id) => execution.names.text(id)));
      },
    },
  });
  while (!execution.advance(Infinity));
  const words = (about: string) =>
    changes.filter(([of]) => of === about).map(([, from, to]) => `${from} > ${to}`);
  return { execution: { words }, record: execution.record() };
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

describe('partitions that are added', () => {
  test.each([
    ['3.9', {}],
    ['4.0', { 'group.protocol': 'consumer' }],
    ['4.2', { 'group.protocol': 'share', 'share.acknowledgement.mode': 'explicit' }],
  ])('are read by groups of %s with %j', (version, protocol) => {
    const reset = version === '4.2' ? {} : { 'auto.offset.reset': 'earliest' };
    const fulfilment = {
      from: 'orders',
      instances: 2,
      config: { ...reset, ...protocol },
      process: { takes: '1ms', acknowledge: 'after' },
    };
    const add = { 'add-partitions': { topic: 'orders', to: 6 }, at: '5s' };
    const { subscriptions } = run([add], { version, consumers: { fulfilment } });
    expect(subscriptions.fulfilment).toMatchObject({ delivered: 400, lost: 0, pending: 0 });
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

  test('leaves alone what is still to be added', () => {
    const add = { 'add-partitions': { topic: 'orders', to: 4 }, at: '15s' };
    for (const type of ['preferred', 'unclean']) {
      const { actions } = run([...elect(type), add], { version: '4.1' });
      expect(actions?.map((action) => action.done)).toEqual([true, true]);
    }
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

describe('reassign-partitions', () => {
  const topics = { orders: { partitions: 2, 'replication.factor': 2 } };
  const four = { brokers: 4, config: { 'auto.leader.rebalance.enable': false } };
  const by = { topics, cluster: four };
  const move = (replicas: readonly string[], at = '5s', partition = 0) => ({
    'reassign-partitions': { topic: 'orders', partition, replicas },
    at,
  });
  const [to3and4, cancel] = [move(['broker-3', 'broker-4']), move([], '8s')];
  /** What an operator sees of it: "broker-1,broker-2 > broker-3,broker-4". */
  const moves = (actions: readonly Tree[], more: Tree = {}) => {
    const { execution, record } = watched(actions, { ...by, ...more });
    return { record, moved: execution.words('replicas of orders-0') };
  };

  test('to other brokers moves records and leadership, and loses nothing meanwhile', () => {
    const { record, moved } = moves([to3and4]);
    expect(moved).toEqual(['broker-3,broker-4,broker-1,broker-2 > broker-3,broker-4']);
    expect(record.actions?.[0].done).toBe(true);
    expect(record.subscriptions.fulfilment).toMatchObject({ delivered: 400, lost: 0, pending: 0 });
    expect(record.subscriptions.fulfilment.duplicates.stored).toBe(0);
    expect(record.counters['elections.unclean']).toBeUndefined();
  });

  test('is not over before those that are to have it are in the ISR', () => {
    const cut = [{ partition: [['broker-4'], ['broker-1', 'broker-3']], at: '4s', for: '60s' }];
    const { moved, record } = moves([to3and4], { faults: cut, limits: { until: '50s' } });
    expect(moved).toEqual([]);
    expect(record.producers.checkout.ok).toBe(400);
  });

  test('can be cancelled until then', () => {
    const faults = [{ crash: 'broker-4', at: '4s', restart: '20s' }];
    const { moved, record } = moves([to3and4, cancel], { faults });
    expect(moved).toEqual(['broker-3,broker-4,broker-1,broker-2 > broker-1,broker-2']);
    expect(record.subscriptions.fulfilment).toMatchObject({ delivered: 400, lost: 0 });
    expect(moves([cancel]).record.actions?.[0]).toMatchObject({
      why: 'NO_REASSIGNMENT_IN_PROGRESS',
    });
  });

  test('that only changes the order, or takes a replica away, is done at once', () => {
    expect(moves([move(['broker-2', 'broker-1'])]).moved).toEqual([]);
    const { moved, record } = moves([move(['broker-2'])]);
    expect(moved).toEqual([]);
    expect(record.actions?.[0].done).toBe(true);
    expect(record.subscriptions.fulfilment).toMatchObject({ delivered: 400, lost: 0 });
  });

  test.each([[['broker-9']], [['broker-1', 'broker-1']], [['nobody']]])(
    'to %j is refused',
    (to) => {
      const { actions } = moves([move(to)]).record;
      expect(actions?.[0]).toMatchObject({ done: false, why: 'INVALID_REPLICA_ASSIGNMENT' });
    },
  );

  test('takes the only copy away from a broker before its disk is replaced', () => {
    const by = {
      cluster: four,
      topics: { orders: { partitions: 1, 'replication.factor': 1 } },
      consumers: {
        audit: {
          from: 'orders',
          starts: '30s',
          config: { 'auto.offset.reset': 'earliest' },
          process: { takes: '1ms', acknowledge: 'after' },
        },
      },
      faults: [{ erase: 'broker-1', at: '15s', restart: '3s' }],
    };
    expect(run([move(['broker-2'])], by).subscriptions.audit).toMatchObject({
      lost: 0,
      delivered: 400,
    });
    expect(run([], by).subscriptions.audit.lost).toBeGreaterThan(100);
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

test('consumers are added and removed while the others read on', () => {
  const consumers = {
    fulfilment: {
      from: 'orders',
      instances: 2,
      starts: ['0s', '5s'],
      config: { 'auto.offset.reset': 'earliest' },
      process: { takes: '1ms', acknowledge: 'after' },
    },
  };
  const faults = [{ stop: 'fulfilment-1', at: '12s' }];
  const { subscriptions, counters, faults: fired } = run([], { consumers, faults });
  expect(fired[0].fired).toBe(1);
  // It came, it comes a second time for the newcomer, and a third time without the first.
  expect(counters.rebalances).toBe(3);
  expect(subscriptions.fulfilment).toMatchObject({ delivered: 400, lost: 0, pending: 0 });
});
