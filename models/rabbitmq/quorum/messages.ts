import type { Micros } from '../../../sim/kernel/time.ts';
import type { Content } from '../protocol.ts';
import type { FifoRules } from './commands.ts';

/** A message in the queue; never changed: one that comes back is another. */
export interface Held {
  /** Where it stands in the queue's stream of the ledger: counts the enqueued ones. */
  readonly position: number;
  readonly content: Content;
  /** Failed deliveries: what the delivery limit counts. */
  readonly failed: number;
  /** Deliveries that ended without a settlement. */
  readonly acquired: number;
  /** By the leader's clock; -1: never. */
  readonly expiry: Micros;
}

/** First in, first out, in constant time. */
export class Lane<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head++];
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  forEach(visit: (item: T) => void): void {
    for (let i = this.#head; i < this.#items.length; i++) visit(this.#items[i]);
  }

  copy(): Lane<T> {
    const copy = new Lane<T>();
    copy.#items = this.#items.slice(this.#head);
    return copy;
  }
}

/** High messages handed out for one normal, up to 4.2 (`rabbit_fifo_q`). */
const HIGH_FOR_ONE = 2;
/** Of a message that names none, from 4.3 on. */
const DEFAULT_PRIORITY = 4;
const STRICT_PRIORITIES = 32;

/** Messages that wait for their first delivery, by priority as the version has it. */
export class Waiting {
  readonly #rule: FifoRules['priorities'];
  /** Highest last. */
  readonly #lanes: Lane<Held>[];
  /** High ones taken since the last normal one. */
  #highs = 0;
  length = 0;

  constructor(rule: FifoRules['priorities']) {
    this.#rule = rule;
    const lanes = rule === 'none' ? 1 : rule === 'two' ? 2 : STRICT_PRIORITIES;
    this.#lanes = Array.from({ length: lanes }, () => new Lane<Held>());
  }

  push(held: Held): void {
    this.#lanes[this.#laneOf(held.content.priority)].push(held);
    this.length++;
  }

  #laneOf(priority: number): number {
    if (this.#rule === 'none') return 0;
    if (this.#rule === 'two') return priority > DEFAULT_PRIORITY ? 1 : 0;
    return priority < 0 ? DEFAULT_PRIORITY : Math.min(priority, STRICT_PRIORITIES - 1);
  }

  /** The lane that is next, or undefined when all are empty. */
  #next(): Lane<Held> | undefined {
    const lanes = this.#lanes;
    if (this.#rule === 'two') {
      const [normal, high] = lanes;
      const highFirst = high.length > 0 && (this.#highs < HIGH_FOR_ONE || normal.length === 0);
      const lane = highFirst ? high : normal;
      return lane.length > 0 ? lane : undefined;
    }
    for (let i = lanes.length - 1; i >= 0; i--) if (lanes[i].length > 0) return lanes[i];
    return undefined;
  }

  peek(): Held | undefined {
    return this.#next()?.peek();
  }

  shift(): Held | undefined {
    const lane = this.#next();
    if (lane === undefined) return undefined;
    this.length--;
    if (this.#rule === 'two') this.#highs = lane === this.#lanes[1] ? this.#highs + 1 : 0;
    return lane.shift();
  }

  forEach(visit: (held: Held) => void): void {
    for (const lane of this.#lanes) lane.forEach(visit);
  }

  copy(): Waiting {
    const copy = new Waiting(this.#rule);
    this.#lanes.forEach((lane, i) => (copy.#lanes[i] = lane.copy()));
    copy.#highs = this.#highs;
    copy.length = this.length;
    return copy;
  }
}

/** All that could be handed out now; what came back goes before what was never delivered. */
export class Ready {
  #waiting: Waiting;
  #returns = new Lane<Held>();
  /** Of the bodies. */
  bytes = 0;

  constructor(rule: FifoRules['priorities']) {
    this.#waiting = new Waiting(rule);
  }

  get length(): number {
    return this.#waiting.length + this.#returns.length;
  }

  /** At the end. */
  push(held: Held): void {
    this.bytes += held.content.bytes;
    this.#waiting.push(held);
  }

  giveBack(held: Held): void {
    this.bytes += held.content.bytes;
    this.#returns.push(held);
  }

  peek(): Held | undefined {
    return this.#returns.peek() ?? this.#waiting.peek();
  }

  take(): Held | undefined {
    const held = this.#returns.shift() ?? this.#waiting.shift();
    if (held !== undefined) this.bytes -= held.content.bytes;
    return held;
  }

  forEach(visit: (held: Held) => void): void {
    this.#returns.forEach(visit);
    this.#waiting.forEach(visit);
  }

  copy(rule: FifoRules['priorities']): Ready {
    const copy = new Ready(rule);
    copy.#waiting = this.#waiting.copy();
    copy.#returns = this.#returns.copy();
    copy.bytes = this.bytes;
    return copy;
  }
}
