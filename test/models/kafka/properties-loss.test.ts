import fc from 'fast-check';
import { describe, test } from 'vitest';
import { acksAll, commitAfter, idempotent, oneByOne, versions } from './plan-configs.ts';
import { operations, ROLLING, STORMS } from './plan-faults.ts';
import { plans } from './plans.ts';
import { drained, happily, never, noLoss, outcomes } from './promises.ts';

/**
 * What acks=all promises, with its preconditions: no unclean election, and no log that is shorter
 * after a restart than before, or every record synced before it counts.
 */

const RUNS = 250;
const three = { brokers: fc.constant(3), factor: fc.constant(3) };

describe('a record acknowledged with acks=all is not lost', () => {
  test('while every replica keeps its disk, whatever its min.insync.replicas', () => {
    never(plans({ producer: acksAll, faults: STORMS }), RUNS, [outcomes, noLoss, drained]);
  });

  test('in any version since 2.1, in which whoever joins the ISR has its epoch (KAFKA-7128)', () => {
    const axes = { version: versions('2.1'), producer: acksAll, faults: STORMS };
    never(plans(axes), RUNS * 2, [outcomes, noLoss, drained]);
  });

  test('also when the producer dies and sends again', () => {
    const faults = [...STORMS, 'producer'] as const;
    never(plans({ producer: acksAll, faults }), RUNS, [outcomes, noLoss, drained]);
  });

  test('also while operators add partitions, move leaders and change configurations', () => {
    const axes = { version: versions('2.1'), producer: acksAll, actions: operations };
    never(plans({ ...axes, faults: STORMS }), RUNS, [outcomes, noLoss, drained]);
  });

  test('also in a rolling restart, to which the producer has to say nothing but retry', () => {
    const axes = { ...three, version: versions('2.1'), producer: idempotent, always: ROLLING };
    const [topic, process] = [fc.constant({ 'min.insync.replicas': 2 }), oneByOne];
    never(plans({ ...axes, topic, process }), RUNS / 2, [outcomes, happily, drained]);
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

  // Three replicas, two of them at least in the ISR of whatever is acknowledged.
  const two = { ...three, topic: fc.constant({ 'min.insync.replicas': 2 }), most: 1 };

  test('when machines lose what they had not synced, but never all of an ISR that must be two', () => {
    // Eligible leaders remembered (KIP-966): one machine without power takes nothing with it.
    const axes = { ...two, version: versions('4.1'), producer: idempotent };
    never(plans({ ...axes, faults: ['one power'] }), RUNS, [outcomes, noLoss, drained]);
  });

  test('when the disk of one replica is replaced', () => {
    const axes = { ...two, version: versions('2.1'), producer: acksAll };
    never(plans({ ...axes, faults: ['one disk'] }), RUNS, [outcomes, noLoss, drained]);
  });
});

describe('an acknowledgement is worth something in quiet times too', () => {
  test('without faults nothing is lost, doubled or disordered, in no version at all', () => {
    const axes = { version: versions('0.9'), producer: acksAll, process: oneByOne };
    never(plans(axes), RUNS, [outcomes, happily, drained]);
  });

  test('nor when clocks are wrong and disks are slow, and nothing else is', () => {
    const axes = { version: versions('2.1'), producer: idempotent, process: commitAfter };
    never(plans({ ...axes, faults: ['clocks', 'disks'] }), RUNS, [outcomes, noLoss, drained]);
  });
});
