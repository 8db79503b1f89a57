import type { ClientCall } from './protocol.ts';

const BATCH_MAX = 10;
const BATCH_BYTES_MAX = 1_048_576;

/** What is refused of a batch as a whole, before any of its entries is looked at. */
export function refusalOf(call: ClientCall): string | undefined {
  if (!('entries' in call)) return undefined;
  const { entries } = call;
  if (entries.length === 0) return 'EmptyBatchRequest';
  if (entries.length > BATCH_MAX) return 'TooManyEntriesInBatchRequest';
  if (entries.length === 1) return undefined;
  const ids = entries.map((e) => ('handle' in e ? e.handle.position : e.message));
  if (new Set(ids).size < ids.length) return 'BatchEntryIdsNotDistinct';
  let bytes = 0;
  for (const entry of entries) if ('bytes' in entry) bytes += entry.bytes;
  return bytes > BATCH_BYTES_MAX ? 'BatchRequestTooLong' : undefined;
}
