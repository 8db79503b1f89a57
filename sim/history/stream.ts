import { assert } from '../kernel/assert.ts';
import type { MessageId } from '../kernel/node.ts';

export const HOLE = -1;
/** Below: messages whose transaction has not ended, even, or was aborted, odd. */
const OPEN = -2;

/**
 * Which message stands at which position of a partition or queue, from the oldest one that some
 * subscription still waits for. A ring of 32-bit numbers: 4 bytes a waiting message.
 */
export class Stream {
  readonly name: string;
  readonly channel: number;
  base = 0;
  end = 0;
  #ring = new Int32Array(16);
  #started = false;

  constructor(name: string, channel: number) {
    this.name = name;
    this.channel = channel;
  }

  /**
   * Puts a message at a position; what stood there or behind it (a truncated log) is replaced.
   * `open`: its transaction has not ended.
   */
  put(position: number, message: MessageId, open = false): void {
    this.#place(position, open ? OPEN - 2 * message : message);
  }

  #place(position: number, message: number): void {
    if (!this.#started) {
      this.#started = true;
      this.base = position;
      this.end = position;
    }
    // A late arrival fills the hole that was left for it; anything else is a log that was cut.
    if (position >= this.base && position < this.end && this.#get(position) === HOLE) {
      this.#set(position, message);
      return;
    }
    if (position < this.base) this.base = position;
    while (this.end < position) this.#set(this.end++, HOLE);
    this.end = position;
    this.#set(this.end++, message);
  }

  /** The message at a position in [base, end), or HOLE. */
  at(position: number): MessageId {
    const found = this.#get(position);
    return found <= OPEN ? (OPEN - found) >> 1 : found;
  }

  /** The same for readers of committed data: anything else is a hole. */
  committedAt(position: number): MessageId {
    const found = this.#get(position);
    return found <= OPEN ? HOLE : found;
  }

  /** Does a transaction that has not ended hold this position? */
  isOpen(position: number): boolean {
    const found = this.#get(position);
    return found <= OPEN && (OPEN - found) % 2 === 0;
  }

  /** The transaction of the message at a position ended. */
  resolve(position: number, committed: boolean): void {
    if (position < this.base || position >= this.end || !this.isOpen(position)) return;
    const place = position & (this.#ring.length - 1);
    this.#ring[place] = committed ? this.at(position) : this.#ring[place] - 1;
  }

  #get(position: number): number {
    assert(position >= this.base && position < this.end, 'a stream is read within its bounds');
    return this.#ring[position & (this.#ring.length - 1)];
  }

  /** Nobody will ask for a position before `base` again. */
  trim(base: number): void {
    this.base = Math.min(Math.max(base, this.base), this.end);
  }

  #set(position: number, message: MessageId): void {
    if (position - this.base >= this.#ring.length) {
      const old = this.#ring;
      const wider = new Int32Array(old.length * 2);
      for (let p = this.base; p < position; p++) {
        wider[p & (wider.length - 1)] = old[p & (old.length - 1)];
      }
      this.#ring = wider;
    }
    this.#ring[position & (this.#ring.length - 1)] = message;
  }
}
