import fc from 'fast-check';
import { describe, test } from 'vitest';
import { acksAll, commitAfter, idempotent, plans } from './plans.ts';
import { drained, happily, never, noLoss, outcomes } from './promises.ts';

/**
 * What acks=all promises, with its preconditions: no unclean election, and no log that is shorter
 * after a restart than before, or every record synced before it counts.
 */

const RUNS = 200;
const STORMS = ['messages', 'resets', 'brokers', 'controller', 'consumers', 'networks'] as const;

describe('a record acknowledged with acks=all is not lost', () => {
  test('while every replica keeps its disk, whatever its min.insync.replicas', () => {
    never(plans({ producer: acksAll, faults: STORMS }), RUNS, [outcomes, noLoss, drained]);
  });

  test('also when the producer dies and sends again', () => {
    const faults = [...STORMS, 'producer'] as const;
    never(plans({ producer: acksAll, faults }), RUNS, [outcomes, noLoss, drained]);
  });

  test('whatever the machines lose, when each record is synced before it counts', () => {
    const axes = {
      producer: acksAll,
      topic: fc.record({
        'flush.messages': fc.constant(1),
        'min.insync.replicas': fc.integer({ min: 1, max: 2 }),
      }),
      cluster: fc.constant({ 'log.flush.interval.messages': 1 }),
      faults: [...STORMS, 'power'] as const,
    };
    never(plans(axes), RUNS, [outcomes, noLoss, drained]);
  });

  test('when machines lose what they had not synced, but never all of an ISR that must be two', () => {
    // Three replicas, two of them at least in the ISR of whatever is acknowledged, and eligible
    // leaders remembered (KIP-966): one machine without power takes nothing with it.
    const axes = {
      version: fc.constantFrom('4.1', '4.2'),
      brokers: fc.constant(3),
      factor: fc.constant(3),
      topic: fc.constant({ 'min.insync.replicas': 2 }),
      producer: idempotent,
      faults: ['one power'] as const,
      most: 1,
    };
    never(plans(axes), RUNS, [outcomes, noLoss, drained]);
  });
});

describe('an acknowledgement is worth something in quiet times too', () => {
  test('without faults nothing is lost, doubled or disordered, and everything is drained', () => {
    const one = commitAfter.map((process) => ({ ...process, workers: 1 }));
    never(plans({ producer: acksAll, process: one }), RUNS / 2, [outcomes, happily, drained]);
  });
});
