import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { QueueIndex } from '../protocol.ts';
import type { QueueHost } from '../queue.ts';

/** One timer of a queue, for the earliest moment that it was asked for. */
export class Wake {
  readonly #host: QueueHost;
  readonly #queue: QueueIndex;
  readonly #code: number;
  #handle: Handle = NO_HANDLE;
  #due: Micros = 0;

  constructor(host: QueueHost, queue: QueueIndex, code: number) {
    this.#host = host;
    this.#queue = queue;
    this.#code = code;
  }

  /** At this time, or earlier if that was asked for already. */
  at(due: Micros): void {
    if (this.#handle !== NO_HANDLE && this.#due <= due) return;
    this.cancel();
    this.#due = due;
    const after = due - this.#host.out.now;
    this.#handle = this.#host.timer(this.#queue, after, this.#code);
  }

  came(): void {
    this.#handle = NO_HANDLE;
  }

  cancel(): void {
    this.#host.out.cancel(this.#handle);
    this.#handle = NO_HANDLE;
  }
}
