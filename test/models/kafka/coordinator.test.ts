import { expect, test } from 'vitest';
import { run, type Parts } from './world.ts';

const QUICK: Parts = {
  brokers: 3,
  cluster: {
    'broker.session.timeout.ms': 1000,
    'broker.heartbeat.interval.ms': 300,
    'group.min.session.timeout.ms': 500,
    'group.initial.rebalance.delay.ms': 0,
    'offsets.commit.timeout.ms': 500,
  },
  consumer: { 'session.timeout.ms': 1500, 'heartbeat.interval.ms': 400 },
};

test('a member without an answer for a session looks for the coordinator, and speaks to it', () => {
  // The coordinator is gone for longer than the session; its successor is found after that.
  const ran = run({
    ...QUICK,
    send: { count: 60, every: '100ms' },
    faults: [{ 'power-loss': 'broker-1', at: '2s', restart: '4s' }],
  });
  expect(ran.record.ended).toBe('drained');
  expect(ran.group.pending).toBe(0);
  const beats = ran.sent.filter((s) => s.type === 'HeartbeatRequest' && s.time > 5_000_000);
  expect(beats.length).toBeGreaterThan(0);
});

test('a commit that nobody confirmed and that was replicated all the same counts', () => {
  // broker-2 gets the record, and its next fetch, which would say so, does not come through. The
  // coordinator dies, and so has the member: only broker-2 can say that the offset is committed.
  const ran = run({
    ...QUICK,
    brokers: 2,
    send: { count: 1 },
    faults: [
      {
        partition: { from: ['broker-2'], to: ['broker-1'] },
        when: { event: 'handled', nth: 1 },
        for: '3s',
      },
      { crash: 'fulfilment-1', at: '300ms', restart: '6s' },
      { crash: 'broker-1', at: '1s', restart: '20s' },
    ],
  });
  expect(ran.of('settledTo').map(({ node }) => node)).toEqual(['broker-2']);
  expect(ran.group).toMatchObject({ delivered: 1, duplicates: { delivered: 0 }, pending: 0 });
  expect(ran.record.ended).toBe('drained');
});

test('a consumer that is stopped while no broker can be reached ends in time', () => {
  // Its commit is tried for 5 s; between two tries time goes by, also when nobody is connected.
  const ran = run({
    ...QUICK,
    brokers: 1,
    send: { count: 1 },
    consumer: {
      ...QUICK.consumer,
      'default.api.timeout.ms': 5000,
      'socket.connection.setup.timeout.ms': 200,
    },
    process: { takes: '300ms' },
    faults: [
      { crash: 'broker-1', when: { event: 'delivered', nth: 1 }, restart: '20s' },
      { stop: 'fulfilment-1', at: '200ms', restart: '25s' },
    ],
  });
  const ended = ran.of('crashed').filter(({ node }) => node === 'fulfilment-1');
  expect(ended).toHaveLength(1);
  expect(ended[0].time).toBeGreaterThan(5_000_000);
  expect(ran.group).toMatchObject({ pending: 0, lost: 0 });
});

test('what a deposed leader lets its readers see is stored, once', () => {
  // broker-2 stands still before it hears that its follower has the last record. When it wakes,
  // broker-1 leads already; what broker-2 still hands out stands in the logs of both.
  const plan = (seed: string): Parts => ({
    ...QUICK,
    brokers: 2,
    partitions: 3,
    topic: { 'min.insync.replicas': 2 },
    send: { count: 24, every: '20ms', keys: 1 },
    producer: { 'request.timeout.ms': 600, 'linger.ms': 0 },
    consumer: { ...QUICK.consumer, 'fetch.max.wait.ms': 200 },
    instances: 2,
    process: { takes: '0ms' },
    latency: { p50: '1ms', p99: '8ms' },
    faults: [
      { pause: 'controller', at: '807ms', for: '662ms' },
      { pause: 'broker-2', at: '475ms', for: '1039ms' },
    ],
    seed,
  });
  for (let seed = 1; seed <= 20; seed++) {
    const ran = run(plan(String(seed)));
    const stored = new Map(ran.of('stored').map(({ time, args }) => [args[0], time]));
    expect(stored.size).toBe(24);
    for (const { time, args } of ran.of('delivered')) {
      expect(time).toBeGreaterThanOrEqual(stored.get(args[0]) ?? Infinity);
    }
    expect(ran.record.ended).toBe('drained');
  }
});

test('a commit that a rebalance refused is made after it, also when no record comes any more', () => {
  // Cooperative: records are handed out while the second member joins, and the commit of the last
  // ones meets a group that completes its rebalance.
  for (let seed = 1; seed <= 30; seed++) {
    const ran = run({
      ...QUICK,
      send: { count: 26, every: '1ms' },
      instances: 2,
      starts: ['0s', '30ms'],
      consumer: {
        ...QUICK.consumer,
        'partition.assignment.strategy': 'cooperative-sticky',
        'max.poll.records': 10,
      },
      process: { takes: { p50: '2ms', p99: '300ms' }, workers: 3 },
      latency: { p50: '1ms', p99: '8ms' },
      seed: String(seed),
    });
    expect(ran.group.pending).toBe(0);
    expect(ran.record.ended).toBe('drained');
  }
});

test('a position that the database holds is settled, although nobody heard of its transaction', () => {
  const ran = run({
    ...QUICK,
    send: { count: 3, every: '50ms' },
    process: { acknowledge: 'with-effect', effect: 'database' },
    faults: [{ crash: 'fulfilment-1', when: { event: 'effect', nth: 3 }, restart: '100ms' }],
  });
  expect(ran.group).toMatchObject({ pending: 0, duplicates: { effects: 0 } });
  expect(ran.record.ended).toBe('drained');
});
