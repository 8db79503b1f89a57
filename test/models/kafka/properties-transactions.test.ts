import fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  anyGroup,
  COMMITTED,
  inTransactions,
  oneByOne,
  transactional,
  TRANSFORMER,
  transforming,
  versions,
} from './plan-configs.ts';
import { STORMS } from './plan-faults.ts';
import { plans } from './plans.ts';
import {
  appliedOnce,
  drained,
  inOrder,
  madeOnce,
  never,
  noLoss,
  outcomes,
  storedOnce,
} from './promises.ts';

/**
 * What transactions promise. Before 4.0 a request that comes late belongs to the next transaction
 * of its producer, so that the same is promised only while none comes late (KIP-890).
 */

const RUNS = 200;
/** See `idempotent`. */
const one = transactional.map((config) => ({
  ...config,
  'max.in.flight.requests.per.connection': 1,
}));
/** Nothing arrives after its sender has given it up: connections break, and so do processes. */
const PROMPT = ['resets', 'controller', 'consumers', 'crashes'] as const;

describe('a producer that sends in transactions', () => {
  const axes = {
    producer: one,
    send: inTransactions,
    consumer: anyGroup.map((group) => ({ ...group, ...COMMITTED })),
    process: oneByOne,
  };

  test('shows readers of committed data what it committed, once and in order', () => {
    const more = { ...axes, version: versions('4.0'), faults: STORMS };
    never(plans(more), RUNS, [outcomes, noLoss, storedOnce, inOrder, drained]);
  });

  test('before 4.0, too, while no request comes late', () => {
    const more = { ...axes, version: versions('2.5', '4.0'), faults: PROMPT };
    never(plans(more), RUNS, [outcomes, noLoss, storedOnce, inOrder, drained]);
  });

  test('and never what it aborted, also when it is restarted', () => {
    const more = { ...axes, version: versions('4.0'), faults: [...STORMS, 'producer'] as const };
    never(plans(more), RUNS, [outcomes, noLoss, drained]);
  });
});

describe('consume, transform, produce, with the offsets in the transaction', () => {
  const axes = {
    producer: transactional,
    consumer: anyGroup.map((group) => ({ ...group, ...COMMITTED })),
    process: transforming(TRANSFORMER),
    instances: fc.integer({ min: 1, max: 3 }),
    factor: fc.constant(3),
  };
  const send = inTransactions;

  test('makes one of each, whoever dies, stands still or is cut off', () => {
    const more = { ...axes, send, version: versions('4.0'), faults: STORMS };
    never(plans(more), RUNS, [outcomes, noLoss, appliedOnce, madeOnce, drained]);
  });

  test('before 4.0, too, while no request comes late', () => {
    const more = { ...axes, send, version: versions('2.5', '4.0'), faults: PROMPT };
    never(plans(more), RUNS, [outcomes, noLoss, appliedOnce, madeOnce, drained]);
  });
});
