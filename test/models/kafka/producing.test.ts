import { describe, expect, test } from 'vitest';
import { run, type Parts } from './world.ts';

const PLAIN = { 'enable.idempotence': false };

describe('a lost ProduceResponse', () => {
  // The producer waits 1 s, closes the connection and sends the batch again.
  const lost: Parts = {
    producer: { ...PLAIN, 'request.timeout.ms': 1000, 'delivery.timeout.ms': 10_000 },
    send: { count: 5, every: '2s' },
    faults: [{ lose: 'ProduceResponse', nth: 2 }],
  };
  const with_ = (config: Record<string, unknown>): Parts => ({
    ...lost,
    producer: { ...lost.producer, ...config },
  });

  test('is answered with a retry, and without idempotence the record is stored twice', () => {
    const ran = run(lost);
    expect(ran.producer).toMatchObject({ ok: 5, unknown: 0 });
    expect(ran.group.duplicates.stored).toBe(1);
    expect(ran.reasons('retried')).toEqual(['REQUEST_TIMED_OUT']);
    expect(ran.counter('request.timeouts')).toBe(1);
  });

  test('with idempotence the broker knows the batch again', () => {
    const ran = run(with_({ 'enable.idempotence': true }));
    expect(ran.producer).toMatchObject({ ok: 5, unknown: 0 });
    expect(ran.group.duplicates.stored).toBe(0);
    expect(ran.counter('duplicates.refused')).toBe(1);
  });

  test('without retries nothing is stored twice, and the outcome is unknown', () => {
    const ran = run(with_({ retries: 0 }));
    expect(ran.producer).toMatchObject({ ok: 4, failed: 0, unknown: 1 });
    expect(ran.group.duplicates.stored).toBe(0);
    expect(ran.group.delivered).toBe(5);
  });

  test('duplicates everything that was in flight on the connection', () => {
    // Five batches follow each other by 1 ms; the first answer is lost, and with it the connection.
    const ran = run({
      ...lost,
      send: { count: 5, every: '1ms' },
      faults: [{ lose: 'ProduceResponse', from: 'broker-1', nth: [1, 2, 3, 4, 5] }],
    });
    expect(ran.group.duplicates.stored).toBe(5);
    expect(ran.producer.ok).toBe(5);
  });
});

describe('five requests in flight', () => {
  // The third request is lost on the way; 4 and 5 overtake it, and it comes after them.
  const overtaken: Parts = {
    send: { count: 8, every: '1ms', keys: 1 },
    producer: { ...PLAIN, 'request.timeout.ms': 500, 'delivery.timeout.ms': 5000 },
    faults: [{ lose: 'ProduceRequest', nth: 3 }],
    until: '5min',
  };
  const order = (parts: Parts) => run(parts).messages('stored');

  test('reorder when one of them fails before the append', () => {
    expect(order(overtaken)).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('do not with one in flight', () => {
    const producer = { ...overtaken.producer, 'max.in.flight.requests.per.connection': 1 };
    expect(order({ ...overtaken, producer })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('do not with idempotence: what comes early is out of order and waits', () => {
    const producer = { 'request.timeout.ms': 500, 'delivery.timeout.ms': 5000 };
    const ran = run({ ...overtaken, producer });
    expect(ran.messages('stored')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ran.words('ignored')).toContainEqual(['ProduceRequest', 'OUT_OF_ORDER_SEQUENCE_NUMBER']);
  });

  test('reorder when the first is refused for a moment', () => {
    // Refused while the ISR is too small; the followers come back between the tries of one batch,
    // and a younger batch goes before it. A request waits 1 s at the broker, and holds up its
    // connection.
    const ran = run({
      send: { count: 300, every: '100ms', keys: 1 },
      topic: { 'min.insync.replicas': 2 },
      cluster: { 'replica.lag.time.max.ms': 2000 },
      producer: {
        ...PLAIN,
        'request.timeout.ms': 1000,
        'retry.backoff.ms': 1000,
        'retry.backoff.max.ms': 1000,
      },
      faults: [{ partition: [['broker-1'], ['broker-2', 'broker-3']], at: '5s', for: '8s' }],
    });
    expect(ran.producer.ok).toBe(300);
    expect(ran.reasons('retried')).toContain('NOT_ENOUGH_REPLICAS');
    const stored = ran.messages('stored');
    expect(stored).not.toEqual(stored.toSorted((a, b) => a - b));
  });
});

describe('outcomes', () => {
  // Two of three brokers are away for good: the ISR shrinks to one, below min.insync.replicas.
  const alone: Parts = {
    topic: { 'min.insync.replicas': 2 },
    producer: { 'delivery.timeout.ms': 5000, 'request.timeout.ms': 1000 },
    send: { count: 5, every: '10ms', start: '30s' },
    faults: [
      { crash: 'broker-2', at: '5s' },
      { crash: 'broker-3', at: '5s' },
    ],
  };

  test('refused by NOT_ENOUGH_REPLICAS to the end: failed, it certainly did not happen', () => {
    const ran = run(alone);
    expect(ran.producer).toEqual({ invoked: 5, ok: 0, failed: 5, unknown: 0 });
    expect(ran.of('appended')).toEqual([]);
  });

  test('refused after the append: unknown', () => {
    // At 5.1 s the brokers are down and still in the ISR: the record is appended and waits.
    const ran = run({ ...alone, send: { count: 5, every: '10ms', start: '6s' } });
    expect(ran.producer).toEqual({ invoked: 5, ok: 0, failed: 0, unknown: 5 });
    expect(ran.of('appended').length).toBeGreaterThanOrEqual(5);
  });

  test('no broker was ever reached: failed', () => {
    const down = (at: string) =>
      run({
        ...alone,
        producer: { ...alone.producer, 'max.block.ms': 3000 },
        faults: ['broker-1', 'broker-2', 'broker-3'].map((crash) => ({ crash, at })),
      });
    const later = down('1s'); // It knows the cluster: the records wait in the buffer.
    expect(later.producer).toEqual({ invoked: 5, ok: 0, failed: 5, unknown: 0 });
    expect(new Set(later.reasons('failed'))).toEqual(new Set(['delivery.timeout.ms']));
    const never = down('0s'); // It knows nothing: send() itself blocks.
    expect(never.producer).toEqual({ invoked: 5, ok: 0, failed: 5, unknown: 0 });
    expect(new Set(never.reasons('failed'))).toEqual(new Set(['max.block.ms']));
  });

  test('the buffer is full for longer than max.block.ms: failed, and the rest is slower', () => {
    const ran = run({
      send: { count: 20, every: '1ms', size: '900B' },
      producer: {
        ...PLAIN,
        'buffer.memory': 3000,
        'batch.size': 1000,
        'max.block.ms': 100,
        'request.timeout.ms': 1000,
        'delivery.timeout.ms': 60_000,
      },
      faults: [{ lose: 'ProduceResponse', nth: [1, 2, 3] }],
    });
    expect(ran.reasons('failed')).toContain('max.block.ms');
    expect(ran.producer.unknown).toBe(0);
    expect(ran.producer.ok + ran.producer.failed).toBe(20);
  });

  test('larger than max.request.size: failed, and nothing is sent', () => {
    const ran = run({ send: { count: 2, size: '2KB' }, producer: { 'max.request.size': 1000 } });
    expect(ran.producer.failed).toBe(2);
    expect(ran.count('ProduceRequest')).toBe(0);
  });
});

describe('acks=0', () => {
  const zero: Parts = {
    producer: { ...PLAIN, acks: '0' },
    faults: [{ lose: 'ProduceRequest', nth: 4 }],
  };

  test('is a success at the send, and what is lost on the way is lost', () => {
    const ran = run({ ...zero, until: '30s' });
    expect(ran.producer).toMatchObject({ ok: 10, unknown: 0 });
    expect(ran.count('ProduceResponse')).toBe(0);
    expect(ran.group.lost).toBe(1);
  });

  test('acks=1 hears of it and tries again', () => {
    const producer = { ...PLAIN, acks: '1', 'request.timeout.ms': 1000 };
    expect(run({ ...zero, producer }).group.lost).toBe(0);
  });
});

describe('a producer that crashes', () => {
  const crash: Parts = {
    send: { count: 10, every: '100ms' },
    faults: [{ crash: 'checkout', when: { event: 'stored', nth: 4 }, restart: '1s' }],
  };

  test('sends again what nobody confirmed; idempotence does not see it, for it has a new id', () => {
    const ran = run(crash);
    expect(ran.producer).toEqual({ invoked: 10, ok: 10, failed: 0, unknown: 0 });
    expect(ran.group.duplicates.stored).toBe(1);
    expect(ran.reasons('retried')).toEqual(['producer restart']);
  });

  test('with nothing unconfirmed sends nothing twice', () => {
    const faults = [{ crash: 'checkout', at: '450ms', restart: '1s' }];
    const ran = run({ ...crash, faults });
    expect(ran.producer.ok).toBe(10);
    expect(ran.group.duplicates.stored).toBe(0);
  });

  test.each([1, 5, 10])('at the %i-th invocation leaves no message without an outcome', (nth) => {
    const faults = [{ crash: 'checkout', when: { event: 'invoked', nth }, restart: '1s' }];
    const ran = run({ ...crash, faults });
    expect(ran.producer).toMatchObject({ invoked: 10, ok: 9, failed: 1 });
  });

  test.each([1, 5, 10])('at the %i-th acknowledgement counts it once', (nth) => {
    const faults = [{ crash: 'checkout', when: { event: 'ok', nth }, restart: '1s' }];
    const ran = run({ ...crash, faults });
    expect(ran.producer).toMatchObject({ invoked: 10, ok: 10 });
  });
});

describe('batches', () => {
  test('linger.ms lets records share a request', () => {
    const batched = run({ send: { count: 20, every: '1ms' }, producer: { 'linger.ms': 50 } });
    expect(batched.count('ProduceRequest')).toBe(1);
    const single = run({ send: { count: 20, every: '1ms' } });
    expect(single.count('ProduceRequest')).toBeGreaterThan(10);
  });

  test('are sent when batch.size is full, however long the linger', () => {
    const ran = run({
      send: { count: 20, every: '1ms', size: '100B' },
      // 61 + 5 * 121 = 666 bytes: five records fit into 700.
      producer: { 'linger.ms': 10_000, 'batch.size': 700 },
    });
    expect(ran.count('ProduceRequest')).toBe(4);
  });

  test('without a key stick to one partition until enough is written; with keys they spread', () => {
    const partitionsOf = (parts: Parts) =>
      new Set(
        run({ partitions: 6, ...parts })
          .of('stored')
          .map((f) => f.args[1]),
      ).size;
    expect(partitionsOf({ send: { count: 50, size: '100B' } })).toBe(1);
    expect(partitionsOf({ send: { count: 50, size: '4KB' } })).toBeGreaterThan(1);
    expect(partitionsOf({ send: { count: 50, keys: 50 } })).toBe(6);
  });
});

test('the same key goes to the same partition, and stays in order', () => {
  const ran = run({ partitions: 4, send: { count: 100, every: '1ms', keys: 7 } });
  expect(ran.group.ordering.by.key).toEqual({ inversions: 0, rewinds: 0 });
  expect(ran.repeated).toEqual([]);
});
