import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SYSTEMS } from '../../models/registry.ts';
import {
  configurations,
  faultPlans,
  topologies,
  workloads,
  type FaultPlanOptions,
} from '../../testing/fast-check.ts';
import { simulate } from '../../testing/index.ts';
import { calls, KAFKA, SQS } from './scenes.ts';

const subject = { handlers: { billing: calls } };
const plans = (options: FaultPlanOptions = {}) => faultPlans(KAFKA, subject, options);

describe('plans of faults', () => {
  test('load, and nearly all of them bite', () => {
    const sample = fc.sample(plans({ min: 1 }), 100);
    const bite = sample.filter((faults) => simulate(KAFKA, { ...subject, faults }).conclusive);
    expect(bite.length).toBeGreaterThan(70);
    const kinds = new Set(sample.flat().flatMap((fault) => Object.keys(fault)));
    for (const kind of ['delay', 'lose', 'pause', 'crash']) expect(kinds).toContain(kind);
  });

  test('keep to what they may be made of', () => {
    const options: FaultPlanOptions = {
      kinds: ['crash', 'lose', 'partition'],
      nodes: ['billing'],
      messages: ['ChargeRequest'],
      moments: ['delivered'],
      spans: ['3s'],
      max: 2,
    };
    for (const faults of fc.sample(plans(options), 50)) {
      expect(faults.length).toBeLessThanOrEqual(2);
      for (const fault of faults) {
        if ('crash' in fault) {
          expect(fault).toMatchObject({ crash: 'billing-1', when: { event: 'delivered' } });
          expect(fault.restart).toBe('3s');
        } else if ('partition' in fault) expect(fault.partition).toContain('billing-1');
        else expect(fault).toMatchObject({ lose: 'ChargeRequest' });
      }
    }
  });

  test('duplicate only what travels in datagrams', () => {
    const [first] = fc.sample(plans({ kinds: ['duplicate'], min: 1 }), 1);
    expect(first[0]).toHaveProperty('duplicate', expect.stringMatching(/^Charge/));
  });

  test('get smaller: fewer, milder, earlier', () => {
    // A plan fails when it has a crash; of those the smallest is the first crash there can be.
    const crashes = fc.check(
      fc.property(plans({ max: 5 }), (faults) => !faults.some((f) => 'crash' in f)),
    );
    expect(crashes.counterexample?.[0]).toHaveLength(1);
    // Any two faults will do: they become the mildest kind, at the first message.
    const any = fc.check(fc.property(plans({ max: 5 }), (faults) => faults.length < 2));
    expect(any.counterexample?.[0]).toHaveLength(2);
    for (const fault of any.counterexample?.[0] ?? []) expect(fault).toHaveProperty('delay');
    const [one] = fc.check(
      fc.property(plans({ kinds: ['lose'], messages: ['ProduceRequest'] }), (f) => f.length === 0),
    ).counterexample ?? [[]];
    expect(one).toEqual([{ lose: 'ProduceRequest', nth: 1 }]);
  });

  test('refuse words that mean nothing', () => {
    expect(() => plans({ kinds: ['loose' as never] })).toThrow('did you mean "lose"?');
    expect(() => plans({ messages: ['ProduceRequst'] })).toThrow('did you mean "ProduceRequest"?');
    expect(() => plans({ kinds: ['crash'], nodes: ['nobody'] })).toThrow('nothing');
    expect(() => faultPlans('nonsense', {})).toThrow('the scenario has mistakes');
  });

  test('are for every system', () => {
    for (const faults of fc.sample(faultPlans(SQS, subject, { min: 1 }), 20)) {
      expect(simulate(SQS, { ...subject, faults }).record.faults.length).toBeGreaterThan(0);
    }
  });
});

describe('pieces of scenarios', () => {
  const named = SYSTEMS.map((system) => system.name).filter((name) => /^(kafka|sqs)$/.test(name));

  test.each(named)('topologies and workloads of %s make scenarios', (name) => {
    fc.assert(
      fc.property(topologies(name), workloads({ count: 5 }), (topology, send) => {
        const run = simulate({
          ...topology,
          producers: { p: { to: 'orders', send } },
          consumers: { c: { from: 'orders', process: { acknowledge: 'after' } } },
        });
        expect(run.of('c').lost).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test('a topology gets smaller', () => {
    const { counterexample } = fc.check(fc.property(topologies('kafka'), () => false));
    expect(counterexample?.[0]).toMatchObject({
      cluster: { brokers: 1 },
      topics: { orders: { partitions: 1, 'replication.factor': 1 } },
    });
  });

  test('configurations are what the real system takes', () => {
    const keys = ['acks', 'enable.idempotence'];
    const sample = fc.sample(configurations('kafka', 'producer', { keys }), 200);
    const all = new Set(sample.map((config) => JSON.stringify(config)));
    expect(all).toContain('{}');
    expect(all.size).toBeGreaterThan(4);
    // Kafka refuses idempotence without all acknowledgements.
    for (const config of sample) {
      const refused =
        config['enable.idempotence'] === true && ['0', '1'].includes(`${config.acks}`);
      expect(refused).toBe(false);
    }
  });

  test('values can be given for keys that are numbers', () => {
    const values = { 'linger.ms': [0, 5] };
    const sample = fc.sample(configurations('kafka', 'producer', { keys: [], values }), 50);
    expect(new Set(sample.map((config) => config['linger.ms']))).toEqual(
      new Set([undefined, 0, 5]),
    );
  });

  test('words that mean nothing are refused', () => {
    expect(() => topologies('kafk')).toThrow('did you mean "kafka"?');
    expect(() => configurations('kafka', 'producer', { keys: ['ack'] })).toThrow('"acks"');
  });
});
