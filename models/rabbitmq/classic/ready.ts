import { assert } from '../../../sim/kernel/assert.ts';
import { Fifo } from '../../parts/fifo.ts';
import type { Entry } from './entry.ts';

/**
 * The messages of one priority that wait, by sequence id. Those that were never handed out leave in
 * the order in which they came, so everything that comes back belongs in front of them: a ring for
 * the ones and a heap for the others, and the head is known at once however many wait.
 */
export class Ready {
  readonly #fresh = new Fifo<Entry>();
  readonly #returned: Entry[] = [];

  get size(): number {
    return this.#fresh.size + this.#returned.length;
  }

  /** A new arrival: its sequence id is above all others. */
  push(entry: Entry): void {
    this.#fresh.push(entry);
  }

  /** Back to its place. */
  requeue(entry: Entry): void {
    const heap = this.#returned;
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent].seqId <= entry.seqId) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = entry;
  }

  peek(): Entry | undefined {
    return this.#returned.length > 0 ? this.#returned[0] : this.#fresh.peek();
  }

  shift(): Entry {
    if (this.#returned.length > 0) return this.#shiftReturned();
    const entry = this.#fresh.shift();
    assert(entry !== undefined, 'a message is taken only where one waits');
    return entry;
  }

  #shiftReturned(): Entry {
    const heap = this.#returned;
    const first = heap[0];
    const last = heap.pop() as Entry;
    const size = heap.length;
    if (size === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) break;
      if (child + 1 < size && heap[child + 1].seqId < heap[child].seqId) child++;
      if (heap[child].seqId >= last.seqId) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = last;
    return first;
  }

  visit(see: (entry: Entry) => void): void {
    for (const entry of this.#returned) see(entry);
    this.#fresh.visit(see);
  }
}

/** All that is ready: one `Ready` for each priority (`x-max-priority`), the highest first. */
export class ReadyList {
  size = 0;
  bytes = 0;
  readonly #lists: readonly Ready[];

  constructor(maxPriority: number) {
    this.#lists = Array.from({ length: maxPriority + 1 }, () => new Ready());
  }

  #of(entry: Entry): Ready {
    const { priority } = entry.content;
    return this.#lists[Math.max(0, Math.min(priority, this.#lists.length - 1))];
  }

  push(entry: Entry): void {
    this.#of(entry).push(entry);
    this.#counted(entry);
  }

  requeue(entry: Entry): void {
    this.#of(entry).requeue(entry);
    this.#counted(entry);
  }

  #counted(entry: Entry): void {
    this.size++;
    this.bytes += entry.content.bytes;
  }

  /** The oldest message of the highest priority that has any. */
  peek(): Entry | undefined {
    for (let p = this.#lists.length - 1; p >= 0; p--) {
      if (this.#lists[p].size > 0) return this.#lists[p].peek();
    }
    return undefined;
  }

  shift(): Entry {
    let p = this.#lists.length - 1;
    while (p > 0 && this.#lists[p].size === 0) p--;
    const entry = this.#lists[p].shift();
    this.size--;
    this.bytes -= entry.content.bytes;
    return entry;
  }

  visit(see: (entry: Entry) => void): void {
    for (let p = this.#lists.length - 1; p >= 0; p--) this.#lists[p].visit(see);
  }
}
