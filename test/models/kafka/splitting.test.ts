import { describe, expect, test } from 'vitest';
import { rulesOf } from '../../../models/kafka/versions.ts';
import { BATCH_HEADER, ProducerBatch } from '../../../models/kafka/producer/batch.ts';
import { split } from '../../../models/kafka/producer/splitting.ts';
import { run } from './world.ts';

/** A batch of records of these sizes, of the one producer there is. */
function batch(...sizes: readonly number[]): ProducerBatch {
  const made = new ProducerBatch(0, 7, 1000, 0);
  sizes.forEach((bytes, message) => made.add({ message, key: -1, poison: false }, bytes));
  return made;
}
const messages = (pieces: readonly ProducerBatch[]) => pieces.map((piece) => piece.messages);

describe('a batch that is too large', () => {
  test('is split into pieces of batch.size, in order, and each keeps its part of the sequence', () => {
    const whole = batch(100, 100, 300, 100);
    whole.baseSequence = 40;
    const pieces = split(whole, BATCH_HEADER + 250, 1, rulesOf('3.9'));
    expect(messages(pieces)).toEqual([[0, 1], [2], [3]]); // 300 is larger than the target, alone.
    expect(pieces.map((p) => p.baseSequence)).toEqual([40, 42, 43]);
    expect(pieces.every((p) => p.created === 7 && p.memory === 0)).toBe(true);
  });

  test('that is smaller than batch.size comes out whole, until 4.2 halves it the second time', () => {
    const whole = batch(100, 100, 100, 100);
    const [once] = split(whole, 1000, 1, rulesOf('3.9'));
    expect(messages(split(once, 1000, 1, rulesOf('3.9')))).toEqual([[0, 1, 2, 3]]);
    const halves = split(once, 1000, 1, rulesOf('4.2'));
    // Half of 461 bytes is 231: one record and the header are 161, two are 261.
    expect(messages(halves)).toEqual([[0], [1], [2], [3]]);
  });

  const large = {
    send: { count: 40, every: '100us', size: '200B' },
    topic: { 'max.message.bytes': 1000 },
    producer: { 'linger.ms': 20, 'delivery.timeout.ms': 1000, 'request.timeout.ms': 500 },
  };

  test('goes round in vain before 4.2, until delivery.timeout.ms', () => {
    const ran = run(large);
    // It expires while it is once more on its way: nobody knows.
    expect(ran.producer).toMatchObject({ ok: 0, unknown: 40 });
    expect(new Set(ran.reasons('unknown'))).toEqual(new Set(['delivery.timeout.ms']));
    expect(ran.counter('batches.split')).toBeGreaterThan(10);
    expect(ran.repeated).toEqual([]);
  });

  test('gets through in pieces since 4.2, in order and once', () => {
    const ran = run({ ...large, version: '4.2' });
    expect(ran.producer).toMatchObject({ ok: 40, failed: 0 });
    expect(ran.messages('stored')).toEqual([...Array(40).keys()]);
    expect(ran.repeated).toEqual([]);
  });

  test('of one record cannot be split: it fails', () => {
    const ran = run({ ...large, topic: { 'max.message.bytes': 200 }, version: '4.2' });
    expect(ran.producer).toMatchObject({ ok: 0, failed: 40 });
    expect(new Set(ran.reasons('failed'))).toEqual(new Set(['MESSAGE_TOO_LARGE']));
  });

  test('is failed at once before 0.11', () => {
    const producer = { ...large.producer, acks: 'all' };
    const ran = run({ ...large, producer, version: '0.10' });
    expect(ran.counter('batches.split')).toBe(0);
    expect(ran.producer.failed).toBe(40);
  });
});
