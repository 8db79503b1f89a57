import type { MessageId } from '../kernel/node.ts';
import type { Micros } from '../kernel/time.ts';

const PAGE = 512;
/**
 * Pages kept behind the newest one even when all of their messages are done: a million messages.
 */
const WINDOW = 2048;

interface Page {
  readonly at: Float64Array;
  readonly key: Int32Array;
  /** Things still to happen to its messages. */
  open: number;
}

/**
 * What is remembered of each message while something can still happen to it: 12 bytes. A page whose
 * messages are all done is forgotten once it is a million messages old, so memory follows what is
 * in flight. Of a forgotten message only the bits of the ledger remain.
 */
export class MessageTable {
  readonly #pages = new Map<number, Page>();
  #newest = 0;

  put(message: MessageId, at: Micros, key: number, open: number): void {
    const index = Math.floor(message / PAGE);
    let page = this.#pages.get(index);
    if (page === undefined) {
      page = {
        at: new Float64Array(PAGE).fill(-1),
        key: new Int32Array(PAGE),
        open: 0,
      };
      this.#pages.set(index, page);
      if (index > this.#newest) {
        for (let i = this.#newest; i < index; i++) this.#forget(i - WINDOW);
        this.#newest = index;
      }
    }
    const place = message % PAGE;
    page.at[place] = at;
    page.key[place] = key;
    page.open += open;
  }

  /** When it was invoked, or -1 when that is forgotten. */
  at(message: MessageId): Micros {
    return this.#pages.get(Math.floor(message / PAGE))?.at[message % PAGE] ?? -1;
  }

  /** Its key's number, -1 when it has none or that is forgotten. */
  key(message: MessageId): number {
    return this.#pages.get(Math.floor(message / PAGE))?.key[message % PAGE] ?? -1;
  }

  /** `by` of the things still to happen to a message have happened. */
  close(message: MessageId, by: number): void {
    const index = Math.floor(message / PAGE);
    const page = this.#pages.get(index);
    if (page === undefined) return;
    page.open -= by;
    if (index < this.#newest - WINDOW) this.#forget(index);
  }

  /** Messages that there is room for now. */
  get size(): number {
    return this.#pages.size * PAGE;
  }

  #forget(index: number): void {
    const page = this.#pages.get(index);
    if (page !== undefined && page.open <= 0) this.#pages.delete(index);
  }
}
