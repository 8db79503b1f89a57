import { describe, expect, test } from 'vitest';
import { AbortedFilter } from '../../../models/kafka/consumer/aborted.ts';
import { ProducerStates } from '../../../models/kafka/producer-states.ts';
import { TransactionIndex } from '../../../models/kafka/transaction-index.ts';
import { batch } from './batches.ts';

const data = (offset: number, producerId: number, producerEpoch = 0, baseSequence = 0) =>
  batch(offset, 0, { producerId, producerEpoch, baseSequence, transactional: true });
const marker = (offset: number, producerId: number, commit: boolean, by = {}) =>
  batch(offset, 0, {
    producerId,
    producerEpoch: 0,
    transactional: true,
    messages: [],
    marker: { commit, coordinatorEpoch: 3 },
    ...by,
  });

describe('the last stable offset', () => {
  test('is the high watermark where no transaction is open', () => {
    expect(new TransactionIndex().lastStable(17)).toBe(17);
  });

  test('stands before the first open transaction, whoever else has committed behind it', () => {
    const index = new TransactionIndex();
    index.note(data(5, 1));
    index.note(data(6, 2));
    index.note(marker(7, 2, true));
    expect(index.lastStable(8)).toBe(5);
    index.note(marker(8, 1, true));
    expect(index.lastStable(9)).toBe(9);
  });

  test('waits until the marker is replicated', () => {
    const index = new TransactionIndex();
    index.note(data(5, 1));
    index.note(marker(6, 1, true));
    expect(index.lastStable(6)).toBe(5);
    expect(index.lastStable(7)).toBe(7);
  });
});

describe('aborted transactions', () => {
  test('are listed where a fetch meets them, committed ones are not', () => {
    const index = new TransactionIndex();
    for (const b of [data(0, 1), data(1, 2), marker(2, 1, false), marker(3, 2, true)])
      index.note(b);
    expect(index.abortedIn(0, 4)).toEqual([{ producerId: 1, first: 0, last: 2 }]);
    expect(index.abortedIn(3, 4)).toEqual([]);
  });

  test('a marker for a transaction that wrote nothing here aborts nothing', () => {
    const index = new TransactionIndex();
    index.note(marker(0, 1, false));
    expect(index.abortedIn(0, 1)).toEqual([]);
  });

  test('are left out up to their marker; the next transaction of the producer is read', () => {
    const filter = new AbortedFilter([{ producerId: 1, first: 0, last: 2 }]);
    const batches = [data(0, 1), data(1, 2), marker(2, 1, false), data(3, 1)];
    expect(batches.map((b) => filter.skips(b))).toEqual([true, false, true, false]);
    const none = new AbortedFilter([]);
    expect(batches.map((b) => none.skips(b))).toEqual([false, false, true, false]);
  });
});

describe('a marker in the state of a producer', () => {
  const states = () => {
    const known = new ProducerStates();
    known.update(data(0, 1));
    return known;
  };

  test('keeps the sequence within its epoch, and begins it anew in a later one', () => {
    const same = states();
    same.update(marker(1, 1, true));
    expect(same.admit(data(2, 1, 0, 1)).is).toBe('append');
    const raised = states();
    raised.update(marker(1, 1, true, { producerEpoch: 1 }));
    expect(raised.admit(data(2, 1, 1, 0)).is).toBe('append');
    expect(raised.admit(data(2, 1, 1, 1)).is).toBe('refused');
  });

  test('fences older epochs: of producers, of markers, of coordinators', () => {
    const raised = states();
    raised.update(marker(1, 1, false, { producerEpoch: 1 }));
    expect(raised.admit(data(2, 1, 0, 1))).toEqual({
      is: 'refused',
      error: 'INVALID_PRODUCER_EPOCH',
    });
    expect(raised.admitMarker(1, 0, 3)).toBe('INVALID_PRODUCER_EPOCH');
    expect(raised.admitMarker(1, 1, 2)).toBe('TRANSACTION_COORDINATOR_FENCED');
    expect(raised.admitMarker(1, 1, 3)).toBe('NONE');
  });
});
