import { describe, expect, test } from 'vitest';
import { type Parts, type Ran, run } from './world.ts';

/** What happened to whom, in order: "fulfilment-2: joining > syncing". */
const moves = (ran: Ran, about: string) =>
  ran
    .words('became')
    .filter(([who]) => who === about)
    .map(([, from, to]) => `${from} > ${to}`);

/** Nobody is handed a partition while another member still has it in hand. */
function overlaps(ran: Ran): number {
  return ran.group.duplicates.delivered;
}

describe('static members', () => {
  const parts: Parts = {
    instances: 2,
    partitions: 4,
    consumer: { 'group.instance.id': 'worker', 'session.timeout.ms': 20_000 },
    send: { count: 600, every: '100ms', keys: 40 },
  };

  test('a restart within the session costs no rebalance, and the old partitions come back', () => {
    const faults = [{ crash: 'fulfilment-1', at: '20s', restart: '5s' }];
    const ran = run({ ...parts, faults });
    expect(ran.counter('rebalances')).toBe(1);
    expect(ran.group.lost).toBe(0);
    const dynamic = run({ ...parts, consumer: { 'session.timeout.ms': 20_000 }, faults });
    expect(dynamic.counter('rebalances')).toBeGreaterThan(1);
  });

  test('a clean stop is not told to the group: the session has to run out', () => {
    const faults = [{ stop: 'fulfilment-1', at: '20s' }];
    const ran = run({ ...parts, faults });
    const at = ran.words('became').findIndex(([, , to]) => to === 'gone');
    expect(ran.of('became')[at].time).toBeGreaterThan(35_000_000);
    expect(ran.group.lost).toBe(0);
  });

  test('of two processes with one id the older one is fenced, for good', () => {
    const consumer = { 'group.instance.id': 'a,a', 'session.timeout.ms': 20_000 };
    const ran = run({ ...parts, consumer, starts: ['0s', '15s'] });
    expect(ran.counter('members.fenced')).toBe(1);
    expect(moves(ran, 'application fulfilment-1')).toEqual(['running > ended']);
    expect(ran.counter('rebalances')).toBe(1);
  });
});

describe.each(['cooperative-sticky', 'sticky', 'range'])('%s', (assignor) => {
  const parts: Parts = {
    instances: 3,
    starts: ['0s', '0s', '12s'],
    partitions: 6,
    consumer: { 'partition.assignment.strategy': assignor, 'session.timeout.ms': 10_000 },
    process: { commit: { 'on-revoke': true } },
    send: { count: 1500, every: '20ms', keys: 60 },
  };

  test('a member that joins gets its share, and nothing is repeated', () => {
    const ran = run(parts);
    expect(ran.group).toMatchObject({ lost: 0, duplicates: { effects: 0 } });
    const own = (n: number) => ran.of('delivered').filter((f) => f.node === `fulfilment-${n}`);
    expect(own(3).length).toBeGreaterThan(100);
    expect(overlaps(ran)).toBe(0);
  });

  test('a member that leaves is replaced', () => {
    const faults = [{ stop: 'fulfilment-2', at: '20s' }];
    const ran = run({ ...parts, faults });
    expect(ran.group).toMatchObject({ lost: 0, duplicates: { effects: 0 } });
  });
});

test('cooperative members give up what moves, then join again: two rebalances', () => {
  const parts: Parts = {
    instances: 2,
    starts: ['0s', '12s'],
    partitions: 4,
    process: { commit: { 'on-revoke': true } },
    send: { count: 1000, every: '20ms', keys: 40 },
  };
  const key = 'partition.assignment.strategy';
  const rounds = (assignor: string) => run({ ...parts, consumer: { [key]: assignor } });
  expect(rounds('cooperative-sticky').counter('rebalances')).toBe(3);
  expect(rounds('range').counter('rebalances')).toBe(2);
});

describe('the consumer protocol', () => {
  const parts: Parts = {
    version: '4.0',
    instances: 3,
    starts: ['0s', '0s', '12s'],
    partitions: 6,
    consumer: { 'group.protocol': 'consumer', 'max.poll.interval.ms': 30_000 },
    send: { count: 1500, every: '20ms', keys: 60 },
  };

  test('everybody reads, and nothing is repeated when a member joins', () => {
    const ran = run(parts);
    expect(ran.group).toMatchObject({ delivered: 1500, lost: 0, duplicates: { effects: 0 } });
    const own = (n: number) => ran.of('delivered').filter((f) => f.node === `fulfilment-${n}`);
    expect(own(3).length).toBeGreaterThan(100);
    expect(moves(ran, 'fulfilment-3')).toContain('STABLE > RECONCILING');
  });

  test.each(['uniform', 'range'])('works with the assignor %s', (assignor) => {
    const consumer = { ...parts.consumer, 'group.remote.assignor': assignor };
    expect(run({ ...parts, consumer }).group.lost).toBe(0);
  });

  test('a silent member is fenced after the session of the brokers', () => {
    const ran = run({ ...parts, faults: [{ crash: 'fulfilment-1', at: '20s' }] });
    const at = ran.words('became').findIndex(([, , to]) => to === 'gone');
    expect(ran.of('became')[at].time).toBeGreaterThan(60_000_000);
    expect(ran.group.lost).toBe(0);
  });

  test('a coordinator that takes over knows members and epochs', () => {
    const ran = run({ ...parts, faults: [{ crash: 'broker-2', at: '18s', restart: '20s' }] });
    expect(ran.group).toMatchObject({ lost: 0 });
    expect(ran.counter('members.fenced')).toBe(0);
  });
});
