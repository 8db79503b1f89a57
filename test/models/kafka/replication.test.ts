import { describe, expect, test } from 'vitest';
import { run, type Parts } from './world.ts';

const ONE = { acks: '1', 'enable.idempotence': false };
const LATE = { starts: '60s', consumer: { 'auto.offset.reset': 'earliest' } };

describe('a leader that dies before its followers have fetched', () => {
  // The followers are 50 ms away: some five records are acknowledged and not replicated.
  const dies: Parts = {
    producer: ONE,
    send: { count: 40, every: '10ms' },
    faults: [
      {
        'slow-link': { from: 'broker-1', to: ['broker-2', 'broker-3'], by: '50ms' },
        at: '0s',
        for: '5s',
      },
      { crash: 'broker-1', when: { event: 'ok', nth: 20 }, restart: '20s' },
    ],
  };

  test('loses with acks=1 what it acknowledged', () => {
    const ran = run(dies);
    expect(ran.group.lost).toBeGreaterThan(0);
    expect(ran.group.lostBy).toEqual({ truncated: ran.group.lost });
    expect(ran.counter('elections')).toBeGreaterThan(0);
  });

  test('loses nothing with acks=all', () => {
    const ran = run({ ...dies, producer: {}, topic: { 'min.insync.replicas': 2 } });
    expect(ran.producer.ok).toBe(40);
    expect(ran.group).toMatchObject({ lost: 0, duplicates: { stored: 0 } });
  });

  test('truncates when it is back, and ends with the log of the others', () => {
    const ran = run({ ...dies, send: { count: 60, every: '1s' } });
    expect(ran.counter('records.truncated')).toBeGreaterThan(0);
    expect(ran.counter('isr.expands')).toBeGreaterThan(0);
  });
});

describe('acks=all with min.insync.replicas 1', () => {
  // The followers leave the ISR; then the machine of the only one left loses power.
  const shrunk: Parts = {
    cluster: { 'replica.lag.time.max.ms': 5000 },
    send: { count: 200, every: '100ms' },
    ...LATE,
    faults: [
      { partition: [['broker-1'], ['broker-2', 'broker-3']], at: '1s', for: '30s' },
      { 'power-loss': 'broker-1', at: '19s', restart: '5s' },
    ],
  };

  test('means the present ISR, of one: what it alone had in its page cache is lost', () => {
    const ran = run(shrunk);
    expect(ran.counter('isr.shrinks')).toBeGreaterThan(0);
    expect(ran.group.lost).toBeGreaterThan(50);
    expect(ran.group.lostBy).toEqual({ 'not flushed': ran.group.lost });
  });

  test('loses nothing when only the process dies: the partition waits for it', () => {
    const [cut] = shrunk.faults ?? [];
    const ran = run({ ...shrunk, faults: [cut, { crash: 'broker-1', at: '19s', restart: '5s' }] });
    expect(ran.group.lost).toBe(0);
    expect(ran.words('became')).toContainEqual(
      expect.arrayContaining(['leader of orders-0', 'broker-1', 'nobody']),
    );
  });

  test('refuses the writes with min.insync.replicas 2', () => {
    const producer = { 'request.timeout.ms': 1000, 'delivery.timeout.ms': 5000 };
    const ran = run({ ...shrunk, producer, topic: { 'min.insync.replicas': 2 } });
    expect(ran.producer.failed).toBeGreaterThan(50);
    // Only the ten from before the cut are lost, with the last replica standing (see below).
    expect(ran.group.lost).toBe(10);
  });

  test('loses with unclean elections even when only the process dies', () => {
    const [cut] = shrunk.faults ?? [];
    const ran = run({
      ...shrunk,
      topic: { 'unclean.leader.election.enable': true },
      faults: [cut, { crash: 'broker-1', at: '19s', restart: '25s' }],
    });
    expect(ran.counter('elections.unclean')).toBe(1);
    expect(ran.group.lost).toBeGreaterThan(50);
  });
});

describe('a power failure', () => {
  const dark: Parts = {
    topic: { 'min.insync.replicas': 2 },
    send: { count: 50, every: '20ms' },
    ...LATE,
    faults: [{ 'power-loss': ['broker-1', 'broker-2', 'broker-3'], at: '500ms', restart: '5s' }],
  };

  test('of all replicas at once loses what none had written back', () => {
    const ran = run(dark);
    expect(ran.group.lost).toBeGreaterThan(0);
    expect(ran.group.lostBy).toEqual({ 'not flushed': ran.group.lost });
  });

  test('loses nothing with flush.messages 1', () => {
    const ran = run({ ...dark, topic: { ...dark.topic, 'flush.messages': 1 } });
    expect(ran.group.lost).toBe(0);
    expect(ran.producer.ok).toBe(50);
  });

  test('of one replica loses nothing: the others have it', () => {
    const faults = [{ 'power-loss': 'broker-1', at: '500ms', restart: '5s' }];
    expect(run({ ...dark, faults }).group.lost).toBe(0);
  });

  test('of the last replica standing loses what three replicas had (no ELR)', () => {
    const ran = run({
      ...dark,
      send: { count: 100, every: '10ms' },
      faults: [
        { stop: 'broker-3', at: '2s', restart: '20s' },
        { stop: 'broker-2', at: '3s', restart: '20s' },
        { 'power-loss': 'broker-1', at: '5s', restart: '1s' },
      ],
    });
    expect(ran.producer.ok).toBe(100);
    expect(ran.group.lost).toBe(100);
  });
});

describe('elections', () => {
  test('come when the controller has not heard of a broker for its session timeout', () => {
    // The last heartbeat before the crash is at 4 s, the session ends 9 s later.
    const ran = run({
      send: { count: 100, every: '200ms' },
      faults: [{ crash: 'broker-1', at: '5s', restart: '30s' }],
    });
    const [elected] = ran.of('became').filter((_, i) => {
      const [about, from, to] = ran.words('became')[i];
      return about === 'leader of orders-0' && from === 'broker-1' && to === 'broker-2';
    });
    expect(elected.time).toBeGreaterThan(13_000_000);
    expect(elected.time).toBeLessThan(13_100_000);
    expect(ran.producer.ok).toBe(100);
    expect(ran.group.lost).toBe(0);
  });

  test('of a broker that is stopped come first: nobody waits for a timeout', () => {
    const ran = run({
      send: { count: 100, every: '20ms' },
      faults: [{ stop: 'broker-1', at: '1s', restart: '30s' }],
    });
    const acks = ran.of('ok').map((f) => f.time);
    const pauses = acks.slice(1).map((time, i) => time - acks[i]);
    expect(Math.max(...pauses)).toBeLessThan(500_000);
    expect(ran.producer.ok).toBe(100);
  });

  test('give a leadership back to the preferred replica', () => {
    const ran = run({
      cluster: { 'leader.imbalance.check.interval.seconds': 60 },
      send: { count: 130, every: '1s' },
      faults: [{ crash: 'broker-1', at: '5s', restart: '10s' }],
    });
    expect(ran.words('became')).toContainEqual([
      'leader of orders-0',
      'broker-2',
      'broker-1',
      'preferred leader',
    ]);
    expect(ran.group).toMatchObject({ lost: 0, duplicates: { stored: 0 } });
  });

  test('wait while the controller is down, and traffic goes on', () => {
    const ran = run({
      send: { count: 50, every: '100ms' },
      faults: [{ crash: 'controller', at: '1s', restart: '30s' }],
    });
    const last = ran.of('ok').at(-1)?.time ?? Infinity;
    expect(last).toBeLessThan(6_000_000);
    expect(ran.counter('elections')).toBe(0);
  });
});

describe('a leader that is cut off from everything but its clients', () => {
  const cut: Parts = {
    topic: { 'min.insync.replicas': 2 },
    send: { count: 300, every: '100ms' },
    faults: [
      { partition: [['broker-1'], ['broker-2', 'broker-3', 'controller']], at: '5s', for: '25s' },
    ],
  };

  test('acknowledges with acks=1 what it truncates later', () => {
    const ran = run({ ...cut, producer: ONE });
    expect(ran.group.lost).toBeGreaterThan(100);
    expect(new Set(ran.reasons('dropped'))).toEqual(new Set(['truncated']));
  });

  test('acknowledges nothing with acks=all', () => {
    expect(run(cut).group.lost).toBe(0);
  });
});

test('retention deletes what a slow reader has not read yet', () => {
  const keeps = (ms: number) =>
    run({
      cluster: { 'log.retention.check.interval.ms': 10_000 },
      topic: { 'retention.ms': ms, 'segment.bytes': 2000 },
      send: { count: 100, every: '100ms' },
      starts: '90s',
      consumer: { 'auto.offset.reset': 'earliest' },
    }).group;
  expect(keeps(60_000).lostBy).toEqual({ 'expired by retention': 100 });
  expect(keeps(600_000).lost).toBe(0);
});

test('a follower that was away for long catches up and joins the ISR again', () => {
  const ran = run({
    cluster: { 'replica.lag.time.max.ms': 2000 },
    topic: { 'min.insync.replicas': 2 },
    send: { count: 300, every: '50ms' },
    faults: [{ partition: [['broker-3'], ['broker-1', 'broker-2']], at: '2s', for: '6s' }],
  });
  expect(ran.counter('isr.shrinks')).toBeGreaterThan(0);
  expect(ran.counter('isr.expands')).toBe(ran.counter('isr.shrinks'));
  expect(ran.producer.ok).toBe(300);
  expect(ran.repeated).toEqual([]);
});
