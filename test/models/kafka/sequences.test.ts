import { describe, expect, test } from 'vitest';
import { ProducerBatch } from '../../../models/kafka/producer/batch.ts';
import { Sequences } from '../../../models/kafka/producer/sequences.ts';

/** A batch of two records. */
function two(): ProducerBatch {
  const batch = new ProducerBatch(0, 0, 100, 0);
  for (let i = 0; i < 2; i++) {
    batch.add({ message: i, key: -1, poison: false }, 31);
  }
  return batch;
}

function sent(count: number): { sequences: Sequences; batches: ProducerBatch[] } {
  const sequences = new Sequences({ bumpsEpochItself: true });
  sequences.begin(9, 0);
  const batches = Array.from({ length: count }, two);
  for (const batch of batches) sequences.number(batch);
  return { sequences, batches };
}

const numbers = (batches: readonly ProducerBatch[]) =>
  batches.map((b) => [b.producerEpoch, b.baseSequence]);

describe('the sequences of an idempotent producer', () => {
  test('count records, and stay with a batch over its retries', () => {
    const { sequences, batches } = sent(3);
    expect(batches.map((b) => b.baseSequence)).toEqual([0, 2, 4]);
    sequences.number(batches[1]);
    expect(batches[1].baseSequence).toBe(2);
  });

  test('of several retried batches only the lowest may be sent', () => {
    const { sequences, batches } = sent(3);
    expect(batches.map((b) => sequences.maySend(b))).toEqual([true, false, false]);
    sequences.succeeded(batches[0], -1);
    expect(sequences.maySend(batches[1])).toBe(true);
  });

  test('a retried batch goes back to its place in the queue', () => {
    const { batches } = sent(3);
    const queue = [batches[2], two()];
    Sequences.insert(queue, batches[1]);
    Sequences.insert(queue, batches[0]);
    expect(queue.map((b) => b.baseSequence)).toEqual([0, 2, 4, -1]);
  });

  test('out of order behind a lost batch is retried unchanged', () => {
    const { sequences, batches } = sent(2);
    expect(sequences.mayRetry(batches[1], 'OUT_OF_ORDER_SEQUENCE_NUMBER')).toBe(true);
    sequences.settle();
    expect(numbers(batches)).toEqual([
      [0, 0],
      [0, 2],
    ]);
  });

  test('out of order right after the last acknowledged one starts a new epoch from 0', () => {
    const { sequences, batches } = sent(3);
    sequences.succeeded(batches[0], -1);
    expect(sequences.mayRetry(batches[1], 'OUT_OF_ORDER_SEQUENCE_NUMBER')).toBe(true);
    sequences.settle();
    expect(numbers(batches.slice(1))).toEqual([
      [1, 0],
      [1, 2],
    ]);
  });

  test('a batch that expires after a retry holds the partition until it is resolved', () => {
    const { sequences, batches } = sent(2);
    batches[0].attempts = 1;
    sequences.expired(batches[0]);
    const fresh = two();
    expect(sequences.maySend(fresh)).toBe(false);
    // The one behind it was acknowledged: the gap is closed after all, at 4.
    sequences.succeeded(batches[1], -1);
    sequences.settle();
    expect(sequences.maySend(fresh)).toBe(true);
    sequences.number(fresh);
    expect(numbers([fresh])).toEqual([[0, 4]]);
  });

  test('if nothing behind it was acknowledged a new epoch begins', () => {
    const { sequences, batches } = sent(1);
    batches[0].attempts = 1;
    sequences.expired(batches[0]);
    sequences.settle();
    const fresh = two();
    sequences.number(fresh);
    expect(numbers([fresh])).toEqual([[1, 0]]);
  });

  test('one that expires before any retry holds nothing', () => {
    const { sequences, batches } = sent(1);
    sequences.expired(batches[0]);
    expect(sequences.maySend(two())).toBe(true);
  });

  test('after the last epoch a new producer id is needed', () => {
    const { sequences } = sent(1);
    sequences.begin(9, 32_767);
    const batch = two();
    sequences.number(batch);
    sequences.failed(batch, true);
    expect(sequences.settle()).toBe(true);
    expect(sequences.ready).toBe(false);
  });
});
