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
  /** Is it of a transaction that was aborted? */
  readonly isAborted: (batch: Batch) => boolean;
  /** Since 3.3 markers are no keys (KAFKA-14055). */
  readonly sparesMarkers: boolean;
}

/** Offset of the newest record of each key; what was aborted supersedes nothing. */
export function newestOffsets(
  batches: readonly Batch[],
  isAborted: Terms['isAborted'],
): Map<number, number> {
  const newest = new Map<number, number>();
  for (const batch of batches) {
    if (isAborted(batch)) continue;
    const { keys } = batch;
    for (let i = 0; i < keys.length; i++) newest.set(keys[i], offsetAt(batch, i));
  }
  return newest;
}

/**
 * The key of a marker: two bytes of version 0, two of its kind. So are the integers 0 and 1.
 */
const ABORT_KEY = 0;
const COMMIT_KEY = 1;

/** The batches that take the place of these, in which nothing is superseded. */
export function compact(batches: readonly Batch[], terms: Terms): Batch[] {
  const newest = newestOffsets(batches, terms.isAborted);
  const integers = batches.some((batch) => batch.integerKeys === true);
  const superseding = integers && !terms.sparesMarkers ? newest : NO_KEYS;
  /** Producers of whose present transaction something is still there. */
  const met = new Set<number>();
  const cleaned: Batch[] = [];
  for (const batch of batches) {
    const { marker, producerId } = batch;
    if (batch.transactional && marker === undefined) met.add(producerId);
    const left =
      marker === undefined
        ? clean(batch, newest, terms)
        : cleanMarker(batch, met.delete(producerId), superseding, terms);
    if (left !== undefined) cleaned.push(left);
  }
  return cleaned;
}

const NO_KEYS: ReadonlyMap<number, number> = new Map();

/** A marker stays while there is data of its transaction, and delete.retention.ms longer. */
function cleanMarker(
  batch: Batch,
  hasData: boolean,
  superseding: ReadonlyMap<number, number>,
  terms: Terms,
): Batch | undefined {
  const key = batch.marker?.commit === true ? COMMIT_KEY : ABORT_KEY;
  if ((superseding.get(key) ?? -1) > batch.baseOffset) return undefined;
  if (hasData || terms.isNewestOf(batch)) return batch;
  const horizon = batch.horizon ?? terms.now + terms.tombstoneRetention;
  if (terms.now > horizon) return undefined;
  return batch.horizon === horizon ? batch : { ...batch, horizon };
}

function clean(batch: Batch, newest: ReadonlyMap<number, number>, terms: Terms): Batch | undefined {
  // Records of a coordinator hold no application record: they are not ours to clean.
  if (batch.messages.length === 0) {
    const header = batch.kept !== undefined;
    return header && !terms.isNewestOf(batch) ? undefined : batch;
  }
  const { keys, tombstones } = batch;
  const met = tombstones?.includes(true) === true;
  const horizon = met ? (batch.horizon ?? terms.now + terms.tombstoneRetention) : undefined;
  const aborted = terms.isAborted(batch);
  const stays: number[] = [];
  for (let i = 0; i < keys.length; i++) {
    // The cleaner drops records without a key, and what was aborted, whatever its key.
    if (aborted || keys[i] < 0 || newest.get(keys[i]) !== offsetAt(batch, i)) continue;
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
