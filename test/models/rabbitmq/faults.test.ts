import { describe, expect, test } from 'vitest';
import { begun, run, type Parts } from './deployed.ts';

const late = (parts: object = {}) => ({
  consumers: {
    reader: {
      from: 'orders',
      starts: '10s',
      config: { prefetch: 10 },
      process: { acknowledge: 'after' },
      ...parts,
    },
  },
});

const publishing = (config: object, send: object = {}) => ({
  producers: { checkout: { to: 'orders', send: { count: 20, every: '10ms', ...send }, config } },
});

describe('what a restart leaves', () => {
  const restart = (fault: string) => ({
    faults: [{ [fault]: 'broker-1', at: '5s', restart: '1s' }],
  });

  test.each(['stop', 'crash', 'power-loss'])('%s keeps what was confirmed', (fault) => {
    const { reader } = run({ ...late(), ...restart(fault) }).subscriptions;
    expect(reader).toMatchObject({ lost: 0, effects: 20, duplicates: { stored: 0 } });
  });

  test.each([
    ['transient messages', publishing({ delivery_mode: 1 })],
    ['all of a queue that is not durable', { queues: { orders: { durable: false } } }],
  ])('even a clean one loses %s', (_, parts: Parts) => {
    const { reader } = run({ ...late(), ...restart('stop'), ...parts }).subscriptions;
    expect(reader).toMatchObject({ lost: 20, effects: 0 });
  });

  /** 20 publishes in 1 ms, then the node ends at once: no sync has covered any of them. */
  const burst = publishing({ 'confirm.select': false }, { every: '50us' });
  const end = (fault: string) => ({
    faults: [{ [fault]: 'broker-1', when: { event: 'stored', nth: 20 }, restart: '1s' }],
  });

  test.each([
    ['stop', 0],
    ['crash', 20],
    ['power-loss', 20],
  ])('of what was not confirmed %s loses %d', (fault, lost) => {
    expect(run({ ...late(), ...burst, ...end(fault) }).subscriptions.reader.lost).toBe(lost);
  });

  test('what was handed out comes again, and only a clean shutdown knows what was not', () => {
    const slow = {
      consumers: {
        reader: {
          from: 'orders',
          config: { prefetch: 2 },
          process: { takes: '20s', acknowledge: 'after' },
        },
      },
      producers: { checkout: { to: 'orders', send: { count: 4, every: '10ms' } } },
      limits: { patience: '3min' },
    };
    const redelivered = (fault: string) =>
      run({ ...slow, ...restart(fault) }).counters['redelivered deliveries'];
    expect(redelivered('stop')).toBe(2);
    expect(redelivered('crash')).toBe(4);
  });
});

describe('flow', () => {
  /** 1000 bytes each: the eleventh is above the watermark. */
  const memory = (limit: number): Parts => ({
    ...late(),
    ...publishing({}, { every: '100ms', count: 100, size: '1000B' }),
    cluster: { config: { 'vm_memory_high_watermark.absolute': limit } },
  });

  test('a memory alarm stops publishers, and lets them go on when there is room', () => {
    const { reader } = run(memory(10_000)).subscriptions;
    expect(reader).toMatchObject({ lost: 0, effects: 100 });
    // Looked at every 2.5 s: up to 25 messages more than the limit.
    expect(reader.lag.messages.max).toBeLessThanOrEqual(36);
    expect(run(memory(1_000_000)).subscriptions.reader.lag.messages.max).toBeGreaterThan(90);
  });

  test('a disk alarm does the same', () => {
    const disk = (free: number): Parts => ({
      ...memory(1_000_000_000),
      cluster: { disk: free, config: { 'disk_free_limit.absolute': 50_000 } },
      ...publishing({}, { every: '200ms', count: 200, size: '1000B' }),
      ...late({ starts: '60s' }),
    });
    expect(run(disk(60_000)).subscriptions.reader.lag.messages.max).toBeLessThanOrEqual(70);
    expect(run(disk(60_000)).subscriptions.reader).toMatchObject({ lost: 0, effects: 200 });
    expect(run(disk(60_000_000)).subscriptions.reader.lag.messages.max).toBeGreaterThan(190);
  });

  test('a slow disk takes credit away, so that no more than that is unsynced', () => {
    const parts = (slow: boolean): Parts => ({
      ...publishing({ 'confirm.select': false }, { every: '20us', count: 12_000 }),
      ...late({ starts: '30s', config: { prefetch: 1000 } }),
      faults: slow ? [{ 'slow-disk': 'broker-1', factor: 200, at: '0s', for: '10s' }] : [],
    });
    // 240 ms of publishes, and a sync that takes 1 s instead of 5 ms.
    expect(waitingAt(500_000, parts(false))).toBe(12_000);
    expect(waitingAt(500_000, parts(true))).toBe(4_000);
    expect(run(parts(true)).subscriptions.reader).toMatchObject({ lost: 0, effects: 12_000 });
  });
});

/** Messages that wait in the queue at a time. */
function waitingAt(time: number, parts: Parts): number {
  const execution = begun(parts);
  while (execution.world.queue.peek() < time && !execution.advance(1));
  return execution.ledger.subscriptions[0].behind;
}

describe('connections', () => {
  test('a consumer that fell silent without a word is noticed by its heartbeat alone', () => {
    const silent = (requestedHeartbeat: number): Parts => ({
      ...late({ starts: '0s', instances: 2, config: { prefetch: 5, requestedHeartbeat } }),
      faults: [{ 'power-loss': 'reader-1', at: '100ms' }],
    });
    const lag = (heartbeat: number) => run(silent(heartbeat)).subscriptions.reader.lag.time.max;
    expect(lag(60)).toBeGreaterThan(55_000_000);
    expect(lag(2)).toBeLessThan(5_000_000);
  });

  test('a client comes back after its recovery interval, or not at all', () => {
    const cut = (config: object): Parts => ({
      ...publishing(config),
      faults: [{ reset: 'basic.publish', nth: 5 }],
    });
    const back = run(cut({ networkRecoveryInterval: 1000 }));
    expect(back.producers.checkout).toMatchObject({ ok: 20 });
    expect(back.virtualTimeUs).toBeGreaterThan(1_000_000);
    const never = run(cut({ automaticRecovery: false }));
    expect(never.producers.checkout.ok).toBeLessThan(20);
  });

  test('a swallowed frame breaks the connection, not the numbers of the confirms', () => {
    const lost = run({ ...publishing({}), faults: [{ lose: 'basic.publish', nth: 5 }] });
    expect(lost.subscriptions.reader).toMatchObject({ lost: 0, effects: 20 });
    expect(lost.faults[0].fired).toBe(1);
  });
});
