import type { Micros } from '../../../sim/kernel/time.ts';
import type { QueueLimits } from '../layout.ts';
import type { Content } from '../protocol.ts';
import type { ReadyList } from './ready.ts';

/** When a message that arrives now expires: the smaller of the two TTLs counts. */
export function expiryOf({ messageTtl }: QueueLimits, content: Content, now: Micros): Micros {
  const { expiration } = content;
  if (messageTtl < 0 && expiration < 0) return -1;
  if (messageTtl < 0) return now + expiration;
  return now + (expiration < 0 ? messageTtl : Math.min(messageTtl, expiration));
}

/** Is more ready than may be? Only ready messages count. */
export function isOver({ maxLength, maxLengthBytes }: QueueLimits, ready: ReadyList): boolean {
  if (maxLength >= 0 && ready.size > maxLength) return true;
  return maxLengthBytes >= 0 && ready.bytes > maxLengthBytes;
}

/** Would one more be too much? */
export function isFull(
  { maxLength, maxLengthBytes }: QueueLimits,
  ready: ReadyList,
  content: Content,
): boolean {
  if (maxLength >= 0 && ready.size + 1 > maxLength) return true;
  return maxLengthBytes >= 0 && ready.bytes + content.bytes > maxLengthBytes;
}
