import { describe, expect, test } from 'vitest';
import { type Parts, type Ran, run } from './world.ts';

const base: Parts = {
  version: '4.0',
  instances: 2,
  partitions: 4,
  consumer: { 'group.protocol': 'consumer' },
  send: { count: 1200, every: '100ms', keys: 40 },
};
const gone = (ran: Ran) => {
  const at = ran.words('became').findIndex(([, , to]) => to === 'gone');
  const [, , , why] = ran.words('became')[at];
  return { at: ran.of('became')[at].time / 1_000_000, why };
};
const ended = (ran: Ran) => ran.words('became').filter(([, , to]) => to === 'ended');

describe('static members of the consumer protocol', () => {
  const consumer = { ...base.consumer, 'group.instance.id': 'worker' };

  test('leave for a while, and come back to what they had without a new epoch', () => {
    const faults = [{ stop: 'fulfilment-1', at: '20s', restart: '10s' }];
    const ran = run({ ...base, consumer, faults });
    const dynamic = run({ ...base, faults });
    // Both members join at the start; then nothing, or one that leaves and joins.
    expect(ran.counter('rebalances')).toBe(2);
    expect(dynamic.counter('rebalances')).toBe(4);
    expect(ran.group).toMatchObject({ lost: 0, duplicates: { effects: 0 } });
  });

  test('stay away: their partitions are given away when the session is over', () => {
    const { at, why } = gone(
      run({ ...base, consumer, faults: [{ stop: 'fulfilment-1', at: '20s' }] }),
    );
    expect(why).toBe('group.consumer.session.timeout.ms');
    expect(at).toBeGreaterThan(64);
    expect(at).toBeLessThan(66);
  });

  test('an instance id that is in use is refused, and the newcomer ends', () => {
    const twice = { ...base.consumer, 'group.instance.id': 'a,a' };
    const ran = run({ ...base, consumer: twice, starts: ['0s', '15s'] });
    expect(ended(ran)).toEqual([
      ['application fulfilment-2', 'running', 'ended', 'UNRELEASED_INSTANCE_ID'],
    ]);
    expect(ran.group).toMatchObject({ lost: 0, duplicates: { effects: 0 } });
  });
});

test('a member that does not poll leaves by itself, and joins again in its next poll', () => {
  const consumer = { ...base.consumer, 'max.poll.interval.ms': 6000, 'max.poll.records': 10 };
  const ran = run({
    ...base,
    consumer,
    process: { takes: '1s' },
    send: { count: 60, every: '10ms', keys: 40 },
  });
  expect(ran.counter('poll.interval.exceeded')).toBeGreaterThan(0);
  expect(ran.words('became').some(([, , to]) => to === 'STALE')).toBe(true);
});

test('a member that keeps for too long what it has to give up is fenced', () => {
  const parts: Parts = {
    ...base,
    consumer: { ...base.consumer, 'max.poll.interval.ms': 20_000, 'max.poll.records': 1 },
    starts: ['0s', '22s'],
    process: { takes: '10s' },
    send: { count: 20, every: '1s', keys: 40 },
  };
  // At 25 s it is told to give up two partitions; in the middle of a record it stands still, with
  // its heartbeats, but for less than its session of 45 s.
  const faults = [{ pause: 'fulfilment-1', at: '26s', for: '40s' }];
  const ran = run({ ...parts, faults });
  expect(gone(ran).why).toBe('rebalance timeout');
  expect(gone(ran).at).toBeGreaterThan(44);
  expect(ran.group.lost).toBe(0);
  expect(run(parts).words('became').flat()).not.toContain('rebalance timeout');
});

test('a lost answer is forgiven: the member says again what it owns', () => {
  const faults = [2, 3, 4].map((nth) => ({ lose: 'ConsumerGroupHeartbeatResponse', nth }));
  const ran = run({ ...base, consumer: { ...base.consumer, 'request.timeout.ms': 2000 }, faults });
  expect(ran.group).toMatchObject({ lost: 0 });
});

describe('auto.offset.reset', () => {
  const late: Parts = { send: { count: 100, every: '1s' }, starts: '50s' };

  test.each([
    ['earliest', 100],
    ['latest', 49],
    ['by_duration:PT20S', 70],
  ])('%s', (reset, least) => {
    const ran = run({ ...late, version: '4.0', consumer: { 'auto.offset.reset': reset } });
    // A few come or go with the time that joining takes.
    expect(ran.group.delivered).toBeLessThanOrEqual(least);
    expect(ran.group.delivered).toBeGreaterThan(least - 10);
  });

  test('applies to a group that runs from the start, when the scenario says so', () => {
    const parts: Parts = { send: { count: 100, every: '100ms' }, consumer: {} };
    expect(run(parts).group).toMatchObject({ delivered: 100 });
    expect(run({ ...parts, offsets: 'none' }).group.delivered).toBeLessThan(80);
  });

  test('none ends the application', () => {
    const ran = run({ ...late, consumer: { 'auto.offset.reset': 'none' } });
    expect(ended(ran)).toHaveLength(1);
    expect(ran.group.delivered).toBe(0);
  });
});
