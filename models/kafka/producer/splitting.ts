import { assert } from '../../../sim/kernel/assert.ts';
import { sequenceAfter } from '../producer-states.ts';
import type { Rules } from '../versions.ts';
import { BATCH_HEADER, ProducerBatch } from './batch.ts';

/**
 * MESSAGE_TOO_LARGE on a batch of several records: it is split and its pieces take its place. They
 * are as old as it is, and take no memory of the pool. Source: `ProducerBatch.split`,
 * `RecordAccumulator.splitAndReenqueue`, KIP-126.
 *
 * The target is `batch.size`: a batch that was smaller comes out whole, and goes round until
 * `delivery.timeout.ms` ends it. Since 4.2 (KAFKA-8350) what was split before is halved.
 */
export function split(
  batch: ProducerBatch,
  batchSize: number,
  producers: number,
  rules: Rules,
): ProducerBatch[] {
  assert(batch.count > 1, 'only a batch of several records is split');
  const halves = rules.splitsIntoHalves && batch.isPiece;
  const target = halves ? Math.max(batch.largest, Math.ceil(batch.bytes / 2)) : batchSize;
  const pieces: ProducerBatch[] = [];
  let piece: ProducerBatch | undefined;
  for (let i = 0; i < batch.count; i++) {
    const bytes = batch.sizeOf(i);
    if (piece === undefined || piece.bytes + bytes > Math.max(target, BATCH_HEADER + bytes)) {
      const nr = Math.floor(batch.messages[i] / producers);
      piece = new ProducerBatch(batch.partition, batch.created, 0, nr);
      piece.isPiece = true;
      piece.closed = true;
      piece.origin = batch.origin;
      piece.integerKeys = batch.integerKeys;
      piece.named = batch.named + batch.attempts + 1;
      pieces.push(piece);
    }
    const poison = batch.poison?.[i] ?? false;
    piece.add({ message: batch.messages[i], key: batch.keys[i], poison }, bytes);
  }
  if (batch.baseSequence >= 0) number(batch, pieces);
  return pieces;
}

/** Together they bear the sequences of the batch that they were. */
function number(batch: ProducerBatch, pieces: readonly ProducerBatch[]): void {
  let sequence = batch.baseSequence;
  for (const piece of pieces) {
    piece.producerId = batch.producerId;
    piece.producerEpoch = batch.producerEpoch;
    piece.baseSequence = sequence;
    piece.renumbered = batch.renumbered;
    sequence = sequenceAfter(sequence, piece.count);
  }
}
