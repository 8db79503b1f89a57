import type { Reason } from '../protocol.ts';
import type { Effects } from './effects.ts';
import { Lane, type Held } from './messages.ts';

/** Messages that the worker may be busy with (`dead_letter_worker_consumer_prefetch`). */
const WORKER_PREFETCH = 32;

interface Discarded {
  readonly held: Held;
  readonly reason: Reason;
}

/**
 * `rabbit_fifo_dlx`: what has left the queue and not arrived at its targets yet. It counts towards
 * the limits of the queue that it left.
 */
export class DeadLetters {
  #discards = new Lane<Discarded>();
  #checked = new Map<number, Discarded>();
  #nextId = 0;
  /** Is there a worker? It comes with a leader. */
  #hasWorker = false;

  get count(): number {
    return this.#discards.length + this.#checked.size;
  }

  discard(held: Held, reason: Reason): void {
    this.#discards.push({ held, reason });
  }

  /** A new worker begins: what the one before it had is first. */
  checkout(): void {
    this.#hasWorker = true;
    if (this.#checked.size === 0) return;
    const discards = new Lane<Discarded>();
    for (const discarded of this.#checked.values()) discards.push(discarded);
    this.#discards.forEach((discarded) => discards.push(discarded));
    this.#discards = discards;
    this.#checked = new Map();
  }

  /** Arrived; what leaves with it. */
  settle(ids: readonly number[]): void {
    for (const id of ids) this.#checked.delete(id);
  }

  feed(effects: Effects): void {
    while (this.#hasWorker && this.#checked.size < WORKER_PREFETCH) {
      const discarded = this.#discards.shift();
      if (discarded === undefined) return;
      const id = this.#nextId++;
      this.#checked.set(id, discarded);
      effects.toDeadLetterWorker(id, discarded.held, discarded.reason);
    }
  }

  forEach(visit: (held: Held) => void): void {
    for (const { held } of this.#checked.values()) visit(held);
    this.#discards.forEach(({ held }) => visit(held));
  }

  copy(): DeadLetters {
    const copy = new DeadLetters();
    copy.#discards = this.#discards.copy();
    copy.#checked = new Map(this.#checked);
    copy.#nextId = this.#nextId;
    copy.#hasWorker = this.#hasWorker;
    return copy;
  }
}
