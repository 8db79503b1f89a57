import { describe, expect, test } from 'vitest';
import { run, type Parts } from './world.ts';

/** Records of each partition. */
function shares(parts: Parts): number[] {
  const counts = [0, 0, 0];
  for (const { args } of run(parts).of('stored')) counts[args[1]]++;
  return counts;
}

describe('records without a key', () => {
  // broker-1 is 100 ms away, the others 1 ms. 5 requests fit on its connection, so 25 a second go
  // there without waiting; a record comes every millisecond.
  const slow: Parts = {
    partitions: 3,
    replicas: 1,
    send: { count: 4000, every: '1ms', size: '1KB', start: '4s' },
    producer: { acks: '1', 'enable.idempotence': false },
    faults: [{ 'slow-link': { from: 'checkout', to: 'broker-1', by: '100ms' }, at: '1s' }],
    until: '20min',
  };
  const switched = (adaptive: boolean): Parts => ({
    ...slow,
    version: '3.3',
    producer: { ...slow.producer, 'partitioner.adaptive.partitioning.enable': adaptive },
  });

  test('go to the slow broker most of all while a new batch is what makes them leave (KIP-480)', () => {
    expect(shares({ ...slow, version: '3.1' })[0]).toBeGreaterThan(4000 * 0.6);
  });

  test('go to each alike when bytes make them leave, and less to the slow one when adaptive', () => {
    const [alike] = shares(switched(false));
    const [less] = shares(switched(true));
    expect(Math.abs(alike / 4000 - 1 / 3)).toBeLessThan(0.1);
    expect(less).toBeLessThan(alike * 0.9);
  });

  test('avoid a broker that has taken nothing for partitioner.availability.timeout.ms', () => {
    const cut: Parts = {
      ...switched(false),
      faults: [{ partition: [['checkout'], ['broker-1']], at: '5s', for: '20s' }],
    };
    const config = { ...cut.producer, 'request.timeout.ms': 1000, 'delivery.timeout.ms': 5000 };
    const without = run({ ...cut, producer: config });
    const avoiding = run({
      ...cut,
      producer: { ...config, 'partitioner.availability.timeout.ms': 50 },
    });
    const lost = (ran: typeof without) => ran.producer.failed + ran.producer.unknown;
    expect(lost(without)).toBeGreaterThan(500);
    expect(lost(avoiding)).toBeLessThan(lost(without) / 4);
  });

  test('go round in a circle before 2.4', () => {
    const counts = shares({ ...slow, faults: [], version: '2.3' });
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });
});

describe('partitioner.ignore.keys', () => {
  const keyed: Parts = {
    partitions: 3,
    replicas: 1,
    send: { count: 300, every: '1ms', keys: 1, size: '1KB' },
  };
  test('spreads records of one key, which otherwise stay together', () => {
    const used = (parts: Parts) => shares(parts).filter((count) => count > 0).length;
    expect(used(keyed)).toBe(1);
    expect(used({ ...keyed, producer: { 'partitioner.ignore.keys': true } })).toBeGreaterThan(1);
  });
});

describe('metadata', () => {
  test('is asked for again when it is metadata.max.age.ms old, also by an idle client', () => {
    const parts: Parts = { send: { count: 2, every: '20s' } };
    const age = (ms: number) =>
      run({ ...parts, producer: { 'metadata.max.age.ms': ms } }).count(
        'MetadataRequest',
        'checkout',
      );
    expect(age(1000) - age(300_000)).toBeGreaterThanOrEqual(19);
  });

  test('of a topic that was not used for metadata.max.idle.ms is forgotten', () => {
    // The second record comes after 20 s: with a broker out of reach it cannot even be buffered.
    const parts = (idle: number): Parts => ({
      brokers: 1,
      send: { count: 2, every: '20s' },
      producer: { 'metadata.max.age.ms': 6000, 'metadata.max.idle.ms': idle, 'max.block.ms': 500 },
      faults: [{ partition: [['checkout'], ['broker-1']], at: '19s', for: '10s' }],
    });
    expect(run(parts(10_000)).reasons('failed')).toEqual(['max.block.ms']);
    expect(run(parts(300_000)).producer).toMatchObject({ ok: 2, failed: 0 });
  });
});
