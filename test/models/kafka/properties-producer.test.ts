import fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  acksAll,
  anyProducer,
  idempotent,
  oneByOne,
  oneInFlight,
  range,
  versions,
} from './plan-configs.ts';
import { STORMS } from './plan-faults.ts';
import { plans } from './plans.ts';
import {
  drained,
  inOrder,
  never,
  noLoss,
  nothingPending,
  outcomes,
  storedOnce,
} from './promises.ts';

/** What a producer promises about copies and order in the log. */

const RUNS = 250;
/** The order of deliveries is that of the log. */
const process = oneByOne;
const plain = (over: Record<string, unknown>) =>
  acksAll.map((config) => ({ ...config, 'enable.idempotence': false, ...over }));

describe('an idempotent producer that is not restarted', () => {
  test('has each record stored once, in order, with one request in flight', () => {
    const axes = { producer: oneInFlight, process, faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, storedOnce, inOrder, drained]);
  });

  test('with up to five, too, once the leader has heard of it', () => {
    const send = fc.record({ count: range(20, 30), every: fc.constant('60ms') });
    const steady = { steady: true, send, partitions: fc.constant(1) };
    const axes = { ...steady, producer: idempotent, process, faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, storedOnce, inOrder, drained]);
  });

  test('in any version since 2.1, raising its epoch or taking a new id', () => {
    const axes = { version: versions('2.1'), producer: oneInFlight, process, faults: STORMS };
    never(plans(axes), RUNS * 2, [outcomes, noLoss, storedOnce, inOrder, drained]);
  });

  test('also when it gives up records after a short time: none of them comes late or twice', () => {
    const producer = oneInFlight.map((config) => ({ ...config, 'delivery.timeout.ms': 1500 }));
    const faults = ['messages', 'resets', 'brokers', 'controller'] as const;
    never(plans({ producer, process, faults }), RUNS, [outcomes, noLoss, storedOnce, drained]);
  });

  test('also across losses of power, when each record is synced before it counts', () => {
    const axes = {
      producer: oneInFlight,
      process,
      topic: fc.constant({ 'flush.messages': 1, 'min.insync.replicas': 2 }),
      cluster: fc.constant({ 'log.flush.interval.messages': 1 }),
      faults: [...STORMS, 'power'] as const,
    };
    never(plans(axes), RUNS, [outcomes, noLoss, storedOnce, inOrder, drained]);
  });
});

describe('a producer without idempotence', () => {
  test('keeps the order with one request in flight, unless it gives records up', () => {
    const producer = plain({ 'max.in.flight.requests.per.connection': 1 });
    const axes = { version: versions('2.1'), producer, process, faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, inOrder]);
  });

  test('without retries stores nothing twice', () => {
    const axes = {
      version: versions('0.9'),
      producer: anyProducer.map((config) => ({
        ...config,
        'enable.idempotence': false,
        retries: 0,
      })),
      faults: STORMS,
    };
    never(plans(axes), RUNS, [outcomes, storedOnce, nothingPending]);
  });
});

describe('any producer, whatever befalls it and the cluster', () => {
  test('reports each record once, and never delivers what it says has failed', () => {
    const axes = {
      version: versions('0.9'),
      producer: anyProducer,
      topic: fc.record({
        'min.insync.replicas': fc.integer({ min: 1, max: 2 }),
        'unclean.leader.election.enable': fc.boolean(),
      }),
      faults: [...STORMS, 'producer', 'power'] as const,
    };
    never(plans(axes), RUNS * 2, [outcomes, nothingPending]);
  });
});
