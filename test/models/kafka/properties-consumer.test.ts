import fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  acksAll,
  anyGroup,
  anyProducer,
  commitAfter,
  idempotent,
  oneByOne,
  oneInFlight,
  SHARE,
  staticModern,
  versions,
} from './plan-configs.ts';
import { STORMS } from './plan-faults.ts';
import { plans } from './plans.ts';
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

const RUNS = 250;
/** Nobody is cut off or stands still: a member that was taken for dead is dead. */
const DEATHS = ['crashes', 'resets'] as const;
const groups = { consumer: anyGroup, instances: fc.integer({ min: 1, max: 3 }) };
const database = { acknowledge: 'after', effect: 'database', idempotency: 'message-id' };

describe('commit after processing', () => {
  test('loses nothing, with any number of workers', () => {
    const axes = { ...groups, producer: acksAll, process: commitAfter, faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, drained]);
  });

  test('nor in any version since 2.1, with the assignors and members that it has', () => {
    const axes = { ...groups, version: versions('2.1'), producer: acksAll, faults: STORMS };
    never(plans(axes), RUNS * 2, [outcomes, noLoss, drained]);
  });

  test('nor with static members of KIP-848, while none of them crashes', () => {
    const faults = ['messages', 'resets', 'brokers', 'controller', 'networks'] as const;
    const axes = { ...groups, consumer: staticModern, producer: acksAll, faults };
    never(plans(axes), RUNS, [outcomes, noLoss, drained]);
  });

  test('in one thread keeps the order of first deliveries, over all rebalances', () => {
    const axes = { ...groups, producer: oneInFlight, process: oneByOne, faults: STORMS };
    never(plans(axes), RUNS, [noLoss, inOrder, drained]);
  });

  test('by the automatic commit, too, when records are processed in the polling thread', () => {
    const process = oneByOne.map((plan) => ({ ...plan, acknowledge: 'auto' }));
    const axes = { ...groups, producer: acksAll, process, faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, drained]);
  });
});

describe('commit before processing', () => {
  test('applies nothing twice, as long as a commit that was given up does not come late', () => {
    const process = oneByOne.map((plan) => ({ ...plan, acknowledge: 'before' }));
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
      version: versions('0.9'),
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
    const faults = [...STORMS, 'producer'] as const;
    const axes = { ...groups, producer: acksAll, process: fc.constant(database), faults };
    never(plans(axes), RUNS, [outcomes, noLoss, appliedOnce, drained]);
  });
});

describe('a share group whose members acknowledge what they have processed', () => {
  const share = {
    version: versions('4.1'),
    instances: fc.integer({ min: 1, max: 3 }),
    consumer: fc.constant(SHARE),
  };

  test('loses nothing: each record is processed, or set aside after too many tries', () => {
    const axes = { ...share, producer: acksAll, process: oneByOne, faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, drained]);
  });

  test('and applies nothing twice when it recognises repeats', () => {
    const axes = { ...share, producer: acksAll, process: fc.constant(database), faults: STORMS };
    never(plans(axes), RUNS, [outcomes, noLoss, appliedOnce, drained]);
  });
});
