import { MILLISECOND, type Micros } from '../../../sim/kernel/time.ts';
import type { Content } from '../protocol.ts';
import type { FifoConfig } from './commands.ts';

/** A full queue takes messages again once it holds this share of its limit, in per cent. */
const LOW_LIMIT = 80;

/** Is the queue over its limit, with so many messages and bytes? */
export function isOver(
  { maxLength, maxBytes }: FifoConfig,
  length: number,
  bytes: number,
): boolean {
  return (maxLength >= 0 && length > maxLength) || (maxBytes >= 0 && bytes > maxBytes);
}

/** Is it so far below that its publishers may go on? */
export function hasRoomAgain(
  { maxLength, maxBytes }: FifoConfig,
  length: number,
  bytes: number,
): boolean {
  if (maxLength >= 0 && length > low(maxLength)) return false;
  return maxBytes < 0 || bytes <= low(maxBytes);
}

function low(limit: number): number {
  return Math.floor((limit * LOW_LIMIT) / 100);
}

/** When a message that is enqueued now expires, or -1: the smaller of the two TTLs counts. */
export function expiryOf({ messageTtl }: FifoConfig, content: Content, now: Micros): Micros {
  const { expiration } = content;
  if (messageTtl < 0 && expiration < 0) return -1;
  const either = messageTtl < 0 || expiration < 0;
  const ttl = either ? Math.max(messageTtl, expiration) : Math.min(messageTtl, expiration);
  // With 0 not at once, as a classic queue has it, but unless it is taken in this millisecond.
  return now + Math.max(ttl, MILLISECOND);
}
