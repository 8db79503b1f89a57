import { describe, expect, test } from 'vitest';
import { type Parts, type Ran, run } from './world.ts';

/** What the coordinator or the producer did: "Empty > Ongoing". */
const moves = (ran: Ran, about: string) =>
  ran
    .words('became')
    .filter(([who]) => who === about)
    .map(([, from, to]) => `${from} > ${to}`);

const refused = (ran: Ran, request: string) =>
  ran
    .words('ignored')
    .filter(([what]) => what === request)
    .map(([, error]) => error);

const parts: Parts = {
  producer: { 'transactional.id': 'checkout' },
  consumer: {
    'enable.auto.commit': false,
    'auto.offset.reset': 'earliest',
    'isolation.level': 'read_committed',
  },
  send: { count: 10, every: '10ms', start: '4s', transaction: { messages: 5 } },
};

describe('a transaction', () => {
  test('goes through its states at the coordinator, and its messages are acknowledged at its end', () => {
    const ran = run(parts);
    const once = [
      'Ongoing > PrepareCommit',
      'PrepareCommit > CompleteCommit',
      'CompleteCommit > Ongoing',
    ];
    expect(moves(ran, 'transaction checkout')).toEqual([
      'Empty > Ongoing',
      ...once,
      ...once.slice(0, 2),
    ]);
    const [first] = ran.of('ok');
    const stored = ran.of('stored').filter((f) => f.time < first.time);
    expect(stored).toHaveLength(5);
    expect(ran.group).toMatchObject({ lost: 0, effects: 10 });
  });

  test('is read when its marker stands, not before', () => {
    const ran = run(parts);
    const committed = ran.of('committed')[0].time;
    expect(ran.of('delivered')[0].time).toBeGreaterThan(committed);
    const all = run({ ...parts, consumer: { ...parts.consumer, 'isolation.level': undefined } });
    expect(all.of('delivered')[0].time).toBeLessThan(committed);
  });

  test('that is aborted is given to nobody who reads committed data', () => {
    const send = { ...parts.send, transaction: { messages: 5, aborts: 2, then: 'drop' } };
    const ran = run({ ...parts, send });
    expect(ran.producer).toMatchObject({ ok: 5, failed: 5 });
    expect(ran.group).toMatchObject({ delivered: 5, phantom: 0 });
    const all = run({
      ...parts,
      send,
      consumer: { ...parts.consumer, 'isolation.level': 'read_uncommitted' },
    });
    expect(all.group.phantom).toBeGreaterThan(0);
  });

  test('v2 raises the epoch with each, v1 does not', () => {
    const epochs = (version: string) => {
      const words = run({ ...parts, version }).words('became');
      return words.filter(([who, , to]) => who === 'producer checkout' && to === 'READY').length;
    };
    expect(epochs('4.0')).toBe(epochs('3.9'));
    expect(run({ ...parts, version: '4.0' }).count('AddPartitionsToTxnRequest', 'checkout')).toBe(
      0,
    );
    expect(run({ ...parts, version: '3.9' }).count('AddPartitionsToTxnRequest', 'checkout')).toBe(
      2,
    );
  });
});

describe('a coordinator that dies', () => {
  const coordinator = (ran: Ran) =>
    ran.sent.find((s) => s.type === 'EndTxnRequest')?.link.split('>')[1] ?? '';

  test('after its decision: the next one sends the markers', () => {
    const quiet = run(parts);
    const faults = [
      { delay: 'WriteTxnMarkersRequest', nth: 1, by: '60s' },
      { crash: coordinator(quiet), at: '4100ms', restart: '120s' },
    ];
    const ran = run({ ...parts, faults });
    expect(ran.group).toMatchObject({ lost: 0, effects: 10, duplicates: { effects: 0 } });
    expect(ran.count('WriteTxnMarkersRequest')).toBeGreaterThan(
      quiet.count('WriteTxnMarkersRequest'),
    );
  });

  test('before it: the transaction goes on at the next one', () => {
    const quiet = run(parts);
    const ran = run({ ...parts, faults: [{ crash: coordinator(quiet), at: '4020ms' }] });
    expect(ran.group).toMatchObject({ lost: 0, effects: 10, duplicates: { effects: 0 } });
    expect(ran.producer.ok).toBe(10);
  });
});

describe('a producer that comes again', () => {
  const crash = [{ crash: 'checkout', at: '4030ms', restart: '1s' }];

  test('aborts what the process before it had begun', () => {
    const ran = run({ ...parts, faults: crash });
    expect(moves(ran, 'transaction checkout')).toContain('Ongoing > PrepareEpochFence');
    expect(refused(ran, 'InitProducerIdRequest')).toContain('CONCURRENT_TRANSACTIONS');
    expect(ran.group).toMatchObject({ lost: 0, effects: 10, duplicates: { effects: 0 } });
  });

  test('under another id leaves it to the timeout, and everybody waits so long', () => {
    const producer = { 'transactional.id': 'checkout-{process}', 'transaction.timeout.ms': 20_000 };
    const ran = run({ ...parts, producer, faults: crash });
    expect(ran.counter('transactions.timed.out')).toBe(1);
    const [first] = ran.of('delivered');
    // The sweep comes every 10 s: after 4.02 s + 20 s that is at 30 s.
    expect(first.time).toBeGreaterThan(30_000_000);
    expect(run({ ...parts, faults: crash }).of('delivered')[0].time).toBeLessThan(10_000_000);
  });
});

describe('a transaction that takes too long', () => {
  const producer = { 'transactional.id': 'checkout', 'transaction.timeout.ms': 10_000 };
  const faults = [{ pause: 'checkout', at: '4025ms', for: '30s' }];

  test('is aborted under a new epoch, and its producer is fenced and begins anew', () => {
    const ran = run({ ...parts, producer, faults });
    expect(ran.counter('transactions.timed.out')).toBe(1);
    expect(moves(ran, 'producer checkout').join()).toMatch(/ABORTABLE_ERROR|FATAL_ERROR/);
    expect(ran.group).toMatchObject({ lost: 0, effects: 10, phantom: 0 });
    expect(ran.group.duplicates.effects).toBe(0);
  });

  test('before 1.1 the epoch stayed: what comes after the marker opens it again, for ever', () => {
    const send = { ...parts.send, count: 5 };
    const ran = run({ ...parts, send, producer, faults, version: '1.0' });
    expect(ran.record.ended).toBe('quiet');
    expect(ran.group.pending).toBeGreaterThan(0);
  });
});

describe('a transaction that the coordinator has not heard of', () => {
  test('is asked for again before it is aborted, and its end is not refused', () => {
    // The marker of the first comes late, so that the second cannot begin when it is aborted.
    const send = { count: 4, every: '10ms', transaction: { messages: 1, aborts: 2, then: 'drop' } };
    const faults = [{ delay: 'WriteTxnMarkersRequest', nth: 1, by: '5s' }];
    const ran = run({ ...parts, send, faults });
    expect(refused(ran, 'AddPartitionsToTxnRequest')).toContain('CONCURRENT_TRANSACTIONS');
    expect(refused(ran, 'EndTxnRequest')).toEqual([]);
    expect(ran.producer).toMatchObject({ ok: 2, failed: 2 });
  });
});

describe('a transaction whose records cannot be stored in time', () => {
  // One replica of two that are wanted is away for 30 s; records are given up after 3 s.
  const sending: Parts = {
    ...parts,
    replicas: 2,
    topic: { 'min.insync.replicas': 2 },
    send: { count: 12, every: '1ms', keys: 12, start: '14s', transaction: { messages: 12 } },
    faults: [{ stop: 'broker-2', at: '2s', restart: '30s' }],
  };

  const hasty = {
    ...parts.producer,
    'batch.size': 1,
    'request.timeout.ms': 1000,
    'delivery.timeout.ms': 3000,
  };

  test.each(['2.5', '3.9', '4.0'])('is aborted as a whole and sent anew: %s', (version) => {
    const ran = run({ ...sending, version, producer: hasty });
    expect(moves(ran, 'producer checkout')).toContain('COMMITTING > ABORTABLE_ERROR');
    expect(ran.group).toMatchObject({ lost: 0, effects: 12, duplicates: { effects: 0 } });
    const patient = run({ ...sending, version });
    expect(moves(patient, 'producer checkout').join()).not.toContain('ERROR');
  });

  test('before 2.5 is the last of its producer, which cannot close the gap (KIP-360)', () => {
    const ran = run({ ...sending, version: '2.4', producer: hasty });
    expect(moves(ran, 'producer checkout').at(-1)).toBe('ABORTING > FATAL_ERROR');
    expect(ran.producer).toMatchObject({ ok: 0, unknown: 12 });
    expect(ran.group).toMatchObject({ delivered: 0, phantom: 0 });
  });
});

describe('offsets in a transaction', () => {
  const made: Parts = {
    consumer: parts.consumer,
    send: { count: 20, every: '10ms', start: '4s' },
    process: { produce: { to: 'orders-made', config: { 'transactional.id': 'maker' } } },
  };

  test('wait for the marker, and a new member waits for them', () => {
    const faults = [{ delay: 'WriteTxnMarkersRequest', nth: 1, by: '12s' }];
    const ran = run({ ...made, faults, made: true });
    expect(ran.group).toMatchObject({ lost: 0, duplicates: { effects: 0 } });
    const first = ran.of('settledTo').find((f) => f.args[2] > 0);
    expect(first?.time).toBeGreaterThan(ran.of('committed')[0].time - 1);
  });

  test('name the member that had the records, also when it has left while a producer was made', () => {
    // No producer id is to be had for 8 s, and whoever does not poll for 6 s leaves the group.
    const waits = { 'max.poll.interval.ms': 6000, 'session.timeout.ms': 6000 };
    const ran = run({
      ...made,
      version: '2.8',
      made: true,
      instances: 2,
      partitions: 2,
      cluster: { 'group.initial.rebalance.delay.ms': 0 },
      consumer: { ...made.consumer, ...waits, 'heartbeat.interval.ms': 2000 },
      send: { count: 20, every: '10ms', keys: 5 },
      process: { produce: { to: 'orders-made', config: { 'transactional.id': 'm-{instance}' } } },
      faults: [{ crash: 'controller', at: '1ms', restart: '8s' }],
    });
    expect(ran.counter('poll.interval.exceeded')).toBeGreaterThan(0);
    expect(refused(ran, 'TxnOffsetCommitRequest')).toContain('UNKNOWN_MEMBER_ID');
    expect(ran.group).toMatchObject({ lost: 0, effects: 20, duplicates: { effects: 0 } });
  });

  test('are dropped with it: what was aborted is read again, and made once', () => {
    const faults = [{ crash: 'fulfilment-1', at: '4060ms', restart: '1s' }];
    const consumer = {
      ...parts.consumer,
      'session.timeout.ms': 6000,
      'heartbeat.interval.ms': 2000,
    };
    const ran = run({
      ...made,
      consumer,
      process: { ...made.process, takes: '20ms' },
      faults,
      made: true,
    });
    expect(ran.group.duplicates.delivered).toBeGreaterThan(0);
    expect(ran.group).toMatchObject({ lost: 0, effects: 20, duplicates: { effects: 0 } });
    const plain = { to: 'orders-made', config: {} };
    const twice = run({
      ...made,
      consumer,
      process: { takes: '20ms', produce: plain },
      faults,
      made: true,
    });
    expect(twice.group).toMatchObject({ lost: 0, effects: 20 });
  });
});
