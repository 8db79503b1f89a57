import fc from 'fast-check';
import { describe, test } from 'vitest';
import { acksAll, anyProducer, commitAfter, idempotent, plans } from './plans.ts';
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

const RUNS = 200;
const STORMS = ['messages', 'resets', 'brokers', 'controller', 'consumers', 'networks'] as const;
/** One record at a time, so that the order of deliveries is that of the log. */
const one = commitAfter.map((process) => ({ ...process, workers: 1 }));
const plain = (over: Record<string, unknown>) =>
  acksAll.map((config) => ({ ...config, 'enable.idempotence': false, ...over }));

describe('an idempotent producer that is not restarted', () => {
  test('has each record stored once, in order, with up to five requests in flight', () => {
    const axes = { producer: idempotent, process: one, faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, storedOnce, inOrder, drained]);
  });

  test('also when it gives up records after a short time: none of them comes late or twice', () => {
    const producer = idempotent.map((config) => ({ ...config, 'delivery.timeout.ms': 1500 }));
    const faults = ['messages', 'resets', 'brokers', 'controller'] as const;
    never(plans({ producer, process: one, faults }), RUNS, [outcomes, noLoss, storedOnce, drained]);
  });

  test('also across losses of power, when each record is synced before it counts', () => {
    const axes = {
      producer: idempotent,
      process: one,
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
    never(plans({ producer, process: one, faults: STORMS }), RUNS, [outcomes, noLoss, inOrder]);
  });

  test('without retries stores nothing twice', () => {
    const producer = anyProducer.map((config) => ({
      ...config,
      'enable.idempotence': false,
      retries: 0,
    }));
    never(plans({ producer, faults: STORMS }), RUNS, [outcomes, storedOnce, nothingPending]);
  });
});

describe('any producer, whatever befalls it and the cluster', () => {
  test('reports each record once, and never delivers what it says has failed', () => {
    const axes = {
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
