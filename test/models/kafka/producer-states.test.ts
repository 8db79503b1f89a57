import { describe, expect, test } from 'vitest';
import { ProducerStates, sequenceAfter } from '../../../models/kafka/producer-states.ts';
import { batch } from './batches.ts';

const from = (baseSequence: number, count = 1, producerEpoch = 0) =>
  batch(baseSequence, 0, { producerId: 1, producerEpoch, baseSequence, count });

/** States after batches of two records with sequences 0-1, 2-3, ... */
function after(batches: number): ProducerStates {
  const states = new ProducerStates();
  for (let i = 0; i < batches; i++) states.update(from(i * 2, 2));
  return states;
}

const OUT_OF_ORDER = { is: 'refused', error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' };

describe('what a leader knows of a producer', () => {
  test('nothing: any sequence is accepted', () => {
    expect(new ProducerStates().admit(from(17))).toEqual({ is: 'append' });
  });

  test('the next sequence is appended, one further on is out of order', () => {
    expect(after(3).admit(from(6))).toEqual({ is: 'append' });
    expect(after(3).admit(from(7))).toEqual(OUT_OF_ORDER);
  });

  test('each of the last five batches is recognised, the sixth is not', () => {
    const states = after(6);
    for (let i = 1; i < 6; i++) {
      expect(states.admit(from(i * 2, 2))).toEqual({ is: 'duplicate', offset: i * 2 });
    }
    expect(states.admit(from(0, 2))).toEqual(OUT_OF_ORDER);
    // Before 1.0 only the last one was remembered.
    expect(states.admit(from(8, 2), 1)).toEqual(OUT_OF_ORDER);
    expect(states.admit(from(10, 2), 1)).toEqual({ is: 'duplicate', offset: 10 });
  });

  test('a batch is a repeat only as a whole', () => {
    expect(after(2).admit(from(2, 1))).toEqual(OUT_OF_ORDER);
  });

  test('an older epoch is fenced, a newer one begins at 0', () => {
    const states = new ProducerStates();
    states.update(from(0, 1, 3));
    const old = { is: 'refused', error: 'INVALID_PRODUCER_EPOCH' };
    expect(states.admit(from(1, 1, 2))).toEqual(old);
    expect(states.admit(from(1, 1, 4))).toEqual(OUT_OF_ORDER);
    expect(states.admit(from(0, 1, 4))).toEqual({ is: 'append' });
  });

  test('a new epoch clears the window', () => {
    const states = after(2);
    states.update(from(0, 2, 1));
    expect(states.admit(from(0, 2, 1))).toEqual({ is: 'duplicate', offset: 0 });
    expect(states.admit(from(2, 2, 1))).toEqual({ is: 'append' });
  });

  test('a silent producer is forgotten, and then any sequence is accepted', () => {
    const states = after(3);
    states.expire(1, () => false);
    expect(states.admit(from(17))).toEqual({ is: 'append' });
  });

  test('a copy does not change with its original', () => {
    const states = after(1);
    const copy = states.copy();
    states.update(from(2, 2));
    expect(copy.admit(from(2, 2))).toEqual({ is: 'append' });
  });
});

test('sequences wrap from 2147483647 to 0', () => {
  expect(sequenceAfter(2_147_483_647, 1)).toBe(0);
  expect(sequenceAfter(2_147_483_646, 3)).toBe(1);
});
