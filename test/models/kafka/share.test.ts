import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../../scenarios/load.ts';
import { run, type Parts } from './world.ts';

const EXPLICIT = { 'group.protocol': 'share', 'share.acknowledgement.mode': 'explicit' };
const share: Parts = {
  version: '4.2',
  consumer: { ...EXPLICIT, 'max.poll.records': 1 },
  process: { acknowledge: 'after', takes: '1ms' },
  send: { count: 20, every: '10ms' },
};
const implicit = { 'group.protocol': 'share', 'max.poll.records': 1 };

describe('a share group', () => {
  test('has more members than partitions, and all have something to do', () => {
    const ran = run({ ...share, instances: 3, process: { acknowledge: 'after', takes: '25ms' } });
    expect(ran.group).toMatchObject({ delivered: 20, pending: 0 });
    expect(new Set(ran.of('delivered').map((f) => f.node)).size).toBe(3);
    expect(ran.group.duplicates.delivered).toBe(0);
    expect(ran.repeated).toEqual([]);
  });

  test('hands out again what a member released', () => {
    const ran = run({ ...share, process: { ...share.process, fails: '30%' } });
    expect(ran.group.duplicates.delivered).toBeGreaterThan(0);
    expect(ran.group).toMatchObject({ pending: 0, deadLettered: 0 });
    expect(ran.words('became').every(([, from]) => from !== 'ACKNOWLEDGED')).toBe(true);
  });

  test('archives a record that nobody can process after group.share.delivery.count.limit', () => {
    const ran = run({
      ...share,
      cluster: { 'group.share.delivery.count.limit': 3 },
      send: { count: 20, every: '10ms', poison: 10 },
    });
    expect(ran.messages('deadLettered')).toEqual([9, 19]);
    expect(ran.messages('delivered').filter((m) => m === 9)).toHaveLength(3);
    expect(ran.group).toMatchObject({ deadLettered: 2, pending: 0 });
  });

  test('archives at once what a member rejects', () => {
    const process = { ...share.process, exhausted: 'skip' };
    const ran = run({ ...share, process, send: { count: 20, every: '10ms', poison: 10 } });
    expect(ran.messages('deadLettered')).toEqual([9, 19]);
    expect(ran.messages('delivered').filter((m) => m === 9)).toHaveLength(1);
  });

  test('takes records back when their lock runs out, although their member is still at work', () => {
    const ran = run({
      ...share,
      instances: 2,
      consumer: { ...share.consumer, 'share.record.lock.duration.ms': 15_000 },
      faults: [
        { pause: 'fulfilment-1', when: { event: 'delivered', node: 'fulfilment-1' }, for: '20s' },
      ],
    });
    expect(ran.group.duplicates.delivered).toBe(1);
    expect(ran.group.duplicates.effects).toBe(1);
    expect(ran.group.pending).toBe(0);
  });

  test('in implicit mode the next poll accepts what the application has failed to process', () => {
    const process = { acknowledge: 'auto', takes: '1ms' };
    const send = { count: 20, every: '10ms', poison: 10 };
    const ran = run({ ...share, consumer: implicit, process, send });
    expect(ran.group).toMatchObject({ deadLettered: 0, pending: 0, delivered: 20 });
    expect(ran.messages('effect')).toHaveLength(18);
    expect(ran.messages('settled')).toHaveLength(20);
  });

  test('is read on by the next leader from what was written down', () => {
    const ran = run({
      ...share,
      send: { count: 200, every: '50ms' },
      faults: [{ crash: 'broker-1', at: '3s' }],
    });
    expect(ran.producer.ok).toBe(200);
    expect(ran.group).toMatchObject({ delivered: 200, pending: 0 });
    expect(ran.group.duplicates.delivered).toBeLessThanOrEqual(2);
    expect(ran.repeated).toEqual([]);
  });

  test('a member whose fetch was not answered gets a new session, and the records again', () => {
    const ran = run({
      ...share,
      consumer: { ...share.consumer, 'request.timeout.ms': 2000 },
      faults: [{ lose: 'ShareFetchResponse', nth: 5 }],
    });
    expect(ran.group).toMatchObject({ delivered: 20, pending: 0 });
    expect(ran.words('ignored').flat()).not.toContain('INVALID_SHARE_SESSION_EPOCH');
  });
});

describe('what Kafka refuses of a share group', () => {
  const problems = (consumer: object, process: object, version = '4.2') => {
    const scenario = {
      scenario: 'test',
      system: 'kafka',
      version,
      topics: { orders: {} },
      producers: { checkout: { to: 'orders' } },
      consumers: { fulfilment: { from: 'orders', config: consumer, process } },
    };
    return loadScenario(JSON.stringify(scenario), 'test.yaml').problems.map((p) => p.says);
  };

  test('versions before 4.1', () => {
    expect(problems(implicit, {}, '4.0').join()).toContain('share groups (KIP-932)');
    expect(problems(implicit, {}, '4.1')).toEqual([]);
  });

  test('a mode and a way to acknowledge that do not fit', () => {
    expect(problems(implicit, { acknowledge: 'after' })).toHaveLength(1);
    expect(problems(EXPLICIT, { acknowledge: 'auto' })).toHaveLength(1);
    expect(problems(EXPLICIT, { acknowledge: 'with-effect', effect: 'database' })).toHaveLength(1);
    expect(problems(EXPLICIT, { acknowledge: 'before' })).toEqual([]);
  });
});
