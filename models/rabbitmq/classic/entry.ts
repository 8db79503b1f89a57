import type { Micros } from '../../../sim/kernel/time.ts';
import type { Content } from '../protocol.ts';
import type { Publisher } from '../queue.ts';
import type { Holder } from './rotation.ts';

/** Where a message is: in memory only, in the write buffer too, in the file; or done. */
export const Place = { memory: 0, buffer: 1, file: 2, gone: 3 } as const;

/** One message in a classic queue, from its arrival until it is settled. */
export interface Entry {
  /** Sequence id: its place in the queue for good. */
  readonly seqId: number;
  readonly content: Content;
  /** When it expires, -1 never; fixed on arrival. */
  readonly expiry: Micros;
  /** It was handed out before, or may have been. */
  redelivered: boolean;
  /** Times it was handed out in this life of its node. */
  count: number;
  /** Who has it, while it is unacknowledged. */
  holder: Holder | undefined;
  place: number;
  /** Who waits for a confirm, and under which number. */
  publisher: Publisher | undefined;
  publishSeq: number;
}

/** A message that has just come. */
export function newEntry(
  seqId: number,
  content: Content,
  expiry: Micros,
  redelivered: boolean,
): Entry {
  return {
    seqId,
    content,
    expiry,
    redelivered,
    count: 0,
    holder: undefined,
    place: Place.memory,
    publisher: undefined,
    publishSeq: 0,
  };
}
