import type { Micros } from '../../sim/kernel/time.ts';
import { type Batch, offsetAt } from './protocol.ts';

/**
 * Log compaction: of each key only the newest record stays, offsets never change.
 * Source: `LogCleaner`, `Cleaner`, Kafka 3.9. Pure; `log.ts` says which part may be cleaned.
 */

/** Record batch header, which stays of a batch that is kept for its producer's sake. */
const HEADER = 61;

export interface Terms {
  readonly now: Micros;
  readonly tombstoneRetention: Micros;
  /** Is it the newest batch of a producer that the log still knows? */
  readonly isNewestOf: (batch: Batch) => boolean;
}

/** Offset of the newest record of each key. */
export function newestOffsets(batches: readonly Batch[]): Map<number, number> {
  const newest = new Map<number, number>();
  for (const batch of batches) {
    const { keys } = batch;
    for (let i = 0; i < keys.length; i++) newest.set(keys[i], offsetAt(batch, i));
  }
  return newest;
}

/** The batches that take the place of these, in which nothing is superseded. */
export function compact(batches: readonly Batch[], terms: Terms): Batch[] {
  const newest = newestOffsets(batches);
  const cleaned: Batch[] = [];
  for (const batch of batches) {
    const left = clean(batch, newest, terms);
    if (left !== undefined) cleaned.push(left);
  }
  return cleaned;
}

function clean(batch: Batch, newest: ReadonlyMap<number, number>, terms: Terms): Batch | undefined {
  // Records of a coordinator and control batches hold no application record: they are not ours to
  // clean.
  if (batch.messages.length === 0) {
    const header = batch.kept !== undefined;
    return header && !terms.isNewestOf(batch) ? undefined : batch;
  }
  const { keys, tombstones } = batch;
  const met = tombstones?.includes(true) === true;
  const horizon = met ? (batch.horizon ?? terms.now + terms.tombstoneRetention) : undefined;
  const stays: number[] = [];
  for (let i = 0; i < keys.length; i++) {
    // The cleaner drops records without a key.
    if (keys[i] < 0 || newest.get(keys[i]) !== offsetAt(batch, i)) continue;
    if (tombstones?.[i] === true && horizon !== undefined && terms.now > horizon) continue;
    stays.push(i);
  }
  if (stays.length === keys.length && horizon === batch.horizon) return batch;
  if (stays.length === 0 && !terms.isNewestOf(batch)) return undefined;
  const of = <T>(list: readonly T[]): T[] => stays.map((i) => list[i]);
  const body = Math.max(0, batch.bytes - HEADER);
  return {
    ...batch,
    epochBefore: -1,
    messages: of(batch.messages),
    keys: of(keys),
    poison: batch.poison === undefined ? undefined : of(batch.poison),
    bytes: HEADER + Math.round((body * stays.length) / keys.length),
    kept: stays.map((i) => offsetAt(batch, i) - batch.baseOffset),
    ...(tombstones === undefined ? {} : { tombstones: of(tombstones) }),
    ...(horizon === undefined ? {} : { horizon }),
  };
}
