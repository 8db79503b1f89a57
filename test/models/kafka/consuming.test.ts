import { describe, expect, test } from 'vitest';
import { run, type Parts } from './world.ts';

const CRASH = (event: string, nth: number, restart = '1s') => ({
  crash: 'fulfilment-1',
  when: { event, nth },
  restart,
});

describe('a crash of the consumer', () => {
  const after: Parts = { process: { acknowledge: 'after' }, faults: [CRASH('effect', 5)] };

  test('between processing and commit repeats the record', () => {
    const { group } = run(after);
    expect(group.lost).toBe(0);
    expect(group.duplicates.effects).toBeGreaterThan(0);
  });

  test('between commit and processing loses it', () => {
    const faults = [CRASH('delivered', 5)];
    const consumer = { 'max.poll.records': 1 };
    const { group } = run({ consumer, process: { acknowledge: 'before' }, faults });
    expect(group.duplicates.effects).toBe(0);
    expect(group.lost).toBe(1);
  });

  test('does neither when the position is stored with the effect', () => {
    const process = { acknowledge: 'with-effect', effect: 'database' };
    // At the 5th delivery nothing is stored yet; at the 5th effect, which the database states, the
    // consumer has not heard of it.
    const heard = { event: 'effect', nth: 5 };
    for (const when of [{ event: 'delivered', nth: 5 }, heard]) {
      const { group } = run({ process, faults: [{ crash: 'fulfilment-1', when, restart: '1s' }] });
      expect(group).toMatchObject({ delivered: 10, lost: 0, duplicates: { effects: 0 } });
    }
  });

  test('repeats no more than one poll', () => {
    const one = { ...after, consumer: { 'max.poll.records': 1 } };
    expect(run(one).group.duplicates.effects).toBe(1);
  });

  test('is noticed after session.timeout.ms; a clean stop at once', () => {
    const two: Parts = {
      instances: 2,
      partitions: 2,
      send: { count: 200, every: '100ms', keys: 10 },
      consumer: { 'session.timeout.ms': 10_000 },
    };
    const wait = (fault: Record<string, unknown>) => {
      const ran = run({ ...two, faults: [fault] });
      const at = ran.words('became').findIndex(([, , to, why]) => to === 'gone' && why !== '');
      return ran.of('became')[at].time;
    };
    expect(wait({ crash: 'fulfilment-1', at: '9s' })).toBeGreaterThan(15_000_000);
    expect(wait({ stop: 'fulfilment-1', at: '9s' })).toBeLessThan(9_100_000);
  });
});

describe('automatic commits', () => {
  const auto: Parts = {
    consumer: { 'max.poll.records': 50 },
    process: { acknowledge: 'auto', takes: '100ms' },
    send: { count: 100, every: '10ms' },
    faults: [{ crash: 'fulfilment-1', at: '9s', restart: '1s' }],
  };

  test('repeat after a crash what was processed since the last one', () => {
    const { group } = run(auto);
    expect(group.lost).toBe(0);
    expect(group.duplicates.effects).toBeGreaterThan(5);
  });

  test('come on a clean stop too, and nothing is repeated', () => {
    const { group } = run({ ...auto, faults: [{ stop: 'fulfilment-1', at: '9s', restart: '1s' }] });
    expect(group).toMatchObject({ lost: 0, duplicates: { effects: 0 } });
  });

  test('lose with workers: the poll loop goes on and commits what they have not done', () => {
    const workers = { ...auto, process: { ...auto.process, takes: '1s', workers: 4 } };
    const { group } = run(workers);
    expect(group.lost).toBeGreaterThan(10);
    expect(Object.keys(group.lostBy)).toContain('skipped by a commit');
  });

  test('lose nothing with workers that are waited for', () => {
    const process = { acknowledge: 'after', takes: '1s', workers: 4 };
    expect(run({ ...auto, process }).group.lost).toBe(0);
  });
});

describe('rebalances', () => {
  const joins: Parts = {
    instances: 2,
    starts: ['0s', '6s'],
    partitions: 4,
    send: { count: 400, every: '20ms', keys: 40 },
  };

  test('give a new member its share, and repeat nothing when every poll commits', () => {
    const ran = run(joins);
    expect(ran.counter('rebalances')).toBe(2);
    expect(ran.group).toMatchObject({ lost: 0, duplicates: { effects: 0 } });
    const second = ran.of('delivered').filter((f) => f.node === 'fulfilment-2');
    expect(second.length).toBeGreaterThan(30);
  });

  test('stop the whole group until the slowest member polls again', () => {
    // The first member works 5 s at a record when the second one joins.
    const slow = run({
      ...joins,
      consumer: { 'max.poll.records': 1 },
      process: { takes: '5s' },
      send: { count: 4, every: '10ms', keys: 4 },
    });
    const joined = slow.of('became').filter((_, i) => {
      const [about, , to] = slow.words('became')[i];
      return about === 'fulfilment-2' && to === 'stable';
    });
    expect(joined[0].time).toBeGreaterThan(8_000_000);
  });

  test.each(['range', 'roundrobin'])('work with %s', (assignor) => {
    const ran = run({ ...joins, consumer: { 'partition.assignment.strategy': assignor } });
    expect(ran.group.lost).toBe(0);
  });

  test('a member that stood still comes back as a zombie: its commit is refused', () => {
    const ran = run({
      ...joins,
      consumer: { 'session.timeout.ms': 6000, 'max.poll.interval.ms': 10_000 },
      process: { takes: '50ms' },
      faults: [{ pause: 'fulfilment-1', at: '9s', for: '20s' }],
    });
    expect(ran.group.lost).toBe(0);
    expect(ran.group.duplicates.effects).toBeGreaterThan(0);
    expect(ran.counter('commits.failed')).toBeGreaterThan(0);
  });
});

describe('max.poll.interval.ms', () => {
  const slow: Parts = {
    send: { count: 30, every: '10ms' },
    consumer: { 'max.poll.interval.ms': 5000, 'session.timeout.ms': 6000, 'max.poll.records': 20 },
    process: { takes: '1s' },
    until: '5min',
  };

  test('exceeded by one poll: the member leaves, its commit fails, the batch comes again', () => {
    const ran = run(slow);
    expect(ran.counter('poll.interval.exceeded')).toBeGreaterThan(1);
    expect(ran.counter('commits.failed')).toBeGreaterThan(1);
    expect(ran.group.duplicates.effects).toBeGreaterThan(20);
  });

  test('kept with fewer records a poll: nothing is repeated, however slow each is', () => {
    const ran = run({ ...slow, consumer: { ...slow.consumer, 'max.poll.records': 3 } });
    expect(ran.counter('poll.interval.exceeded')).toBe(0);
    expect(ran.group).toMatchObject({ effects: 30, lost: 0, duplicates: { effects: 0 } });
  });

  test('heartbeats go on while the application works', () => {
    const long = { ...slow, consumer: { 'session.timeout.ms': 6000, 'max.poll.records': 20 } };
    const ran = run(long);
    expect(ran.counter('rebalances')).toBe(1);
    expect(ran.group.duplicates.effects).toBe(0);
  });
});

describe('where a group begins', () => {
  const new_: Parts = { starts: '2s', send: { count: 10, every: '10ms' } };

  test('a new group with latest skips what was sent before it came', () => {
    const ran = run({ ...new_, until: '30s' });
    expect(ran.group.delivered).toBe(0);
  });

  test('with earliest it reads everything', () => {
    const ran = run({ ...new_, consumer: { 'auto.offset.reset': 'earliest' } });
    expect(ran.group).toMatchObject({ delivered: 10, lost: 0 });
  });

  test('a group that is there from the start has read all before', () => {
    const ran = run({ send: { count: 10, every: '10ms' } });
    expect(ran.group).toMatchObject({ delivered: 10, lost: 0 });
  });
});

describe('the coordinator', () => {
  test('fails over with its log: nobody has to join again', () => {
    // The coordinator of "fulfilment" is the leader of __consumer_offsets-36, on broker-1.
    const ran = run({
      send: { count: 100, every: '200ms' },
      faults: [{ stop: 'broker-1', at: '8s', restart: '30s' }],
    });
    expect(ran.group).toMatchObject({ lost: 0, duplicates: { effects: 0 } });
    expect(ran.counter('rebalances')).toBe(1);
    expect(ran.counter('elections')).toBeGreaterThan(0);
  });

  test('commits are lost with the log that keeps them', () => {
    const lost = run({
      cluster: { 'offsets.topic.replication.factor': 1 },
      send: { count: 20, every: '10ms' },
      topic: { 'flush.messages': 1 },
      faults: [{ 'power-loss': 'broker-1', at: '8s', restart: '5s' }],
    });
    expect(lost.group.lost).toBe(0);
    expect(lost.group.duplicates.delivered).toBe(20);
  });
});

describe('a record whose handling fails', () => {
  test('is sought back to and comes again, before everything behind it', () => {
    const ran = run({ send: { count: 20, every: '1ms' }, process: { fails: '30%' } });
    expect(ran.group).toMatchObject({ effects: 20, lost: 0, duplicates: { effects: 0 } });
    expect(ran.of('returned').length).toBeGreaterThan(0);
    expect(ran.group.ordering.inversions).toBe(0);
  });

  test('holds up the partition when it can never be handled; skipped, it does not', () => {
    const poison: Parts = { send: { count: 10, poison: 4 }, until: '60s' };
    const held = run({ ...poison, process: { takes: '10ms' } });
    expect(held.group.effects).toBe(3);
    const skipped = run({ ...poison, process: { exhausted: 'skip' } });
    expect(skipped.group.effects).toBe(8);
  });
});

test('no message of any kind shares its label with another one', () => {
  const ran = run({
    instances: 3,
    partitions: 3,
    latency: { p50: '1ms', p99: '10ms' },
    send: { count: 300, every: '20ms', keys: 30 },
    producer: { 'request.timeout.ms': 1000, 'delivery.timeout.ms': 60_000 },
    process: { effect: 'database', takes: '5ms' },
    faults: [
      { crash: 'broker-2', at: '2s', restart: '12s' },
      { crash: 'fulfilment-2', at: '7s', restart: '1s' },
      { crash: 'checkout', at: '3s', restart: '1s' },
      { lose: 'ProduceResponse', chance: '5%' },
      { lose: 'FetchResponse', chance: '1%' },
    ],
  });
  const labels = ran.sent.map((s) => `${s.link} ${s.type} ${s.about}/${s.nr} #${s.attempt}`);
  const twice = labels.filter((label, i) => labels.indexOf(label) !== i);
  expect(twice).toEqual([]);
  expect(ran.repeated).toEqual([]);
  expect(ran.group.lost).toBe(0);
});

test('an answer of the old leader is dropped while the position is validated with the new one', () => {
  const moves: Parts = {
    cluster: { 'leader.imbalance.check.interval.seconds': 10 },
    send: { count: 600, every: '20ms' },
    consumer: { 'max.poll.records': 1, 'metadata.max.age.ms': 50 },
    faults: [
      { stop: 'broker-1', at: '1s', restart: '1s' },
      // broker-1 leads again from 10 s on.
      { 'slow-link': { from: 'broker-2', to: 'fulfilment-1', by: '1s' }, at: '9.9s', for: '1s' },
      { delay: 'OffsetForLeaderEpochResponse', by: '3s', nth: 1 },
    ],
  };
  const { group } = run(moves);
  expect(group).toMatchObject({ delivered: 600, lost: 0, duplicates: { delivered: 0 } });
});
