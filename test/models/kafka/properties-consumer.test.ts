import fc from 'fast-check';
import { describe, test } from 'vitest';
import { acksAll, anyGroup, anyProducer, commitAfter, idempotent, plans } from './plans.ts';
import {
  appliedOnce,
  drained,
  inOrder,
  never,
  noLoss,
  nothingPending,
  outcomes,
} from './promises.ts';

/** What the order of processing and committing promises, in each kind of group. */

const RUNS = 200;
const STORMS = ['messages', 'resets', 'brokers', 'controller', 'consumers', 'networks'] as const;
/** Nobody is cut off or stands still: a member that was taken for dead is dead. */
const DEATHS = ['crashes', 'resets'] as const;
const one = commitAfter.map((process) => ({ ...process, workers: 1 }));
const groups = { consumer: anyGroup, instances: fc.integer({ min: 1, max: 3 }) };

describe('commit after processing', () => {
  test('loses nothing, with any number of workers', () => {
    const axes = { ...groups, producer: acksAll, process: commitAfter, faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, drained]);
  });

  test('in one thread keeps the order of first deliveries, over all rebalances', () => {
    const axes = { ...groups, producer: idempotent, process: one, faults: STORMS };
    never(plans(axes), RUNS, [noLoss, inOrder, drained]);
  });

  test('by the automatic commit, too, when records are processed in the polling thread', () => {
    const process = one.map((plan) => ({ ...plan, acknowledge: 'auto' }));
    const axes = { ...groups, producer: acksAll, process, faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, drained]);
  });
});

describe('commit before processing', () => {
  test('applies nothing twice, as long as a commit that was given up does not come late', () => {
    const process = one.map((plan) => ({ ...plan, acknowledge: 'before' }));
    const faults = ['resets', 'brokers', 'controller', 'consumers'] as const;
    const axes = { ...groups, producer: idempotent, process, faults };
    never(plans(axes), RUNS, [outcomes, appliedOnce, nothingPending]);
  });
});

describe('a position in one transaction with the effect', () => {
  test('loses nothing and applies nothing twice, when whoever is replaced is dead', () => {
    const process = fc.constant({ acknowledge: 'with-effect', effect: 'database' });
    const axes = { ...groups, producer: idempotent, process, faults: DEATHS };
    never(plans(axes), RUNS, [outcomes, noLoss, appliedOnce, drained]);
  });
});

describe('a consumer that recognises repeats where it applies them', () => {
  test('applies nothing twice, whatever the producer, the cluster and the group do', () => {
    const axes = {
      ...groups,
      producer: anyProducer,
      process: fc.record({
        acknowledge: fc.constantFrom('after', 'before', 'auto', 'with-effect'),
        effect: fc.constant('database'),
        idempotency: fc.constant('message-id'),
      }),
      faults: [...STORMS, 'producer', 'power'] as const,
    };
    never(plans(axes), RUNS, [outcomes, appliedOnce, nothingPending]);
  });

  test('and after processing, with acks=all and disks that are kept, exactly once', () => {
    const axes = {
      ...groups,
      producer: acksAll,
      process: fc.constant({
        acknowledge: 'after',
        effect: 'database',
        idempotency: 'message-id',
      }),
      faults: [...STORMS, 'producer'] as const,
    };
    never(plans(axes), RUNS, [outcomes, noLoss, appliedOnce, drained]);
  });
});
