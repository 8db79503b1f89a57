import { assert } from './assert.ts';
import type { Micros } from './time.ts';

/** Names one pending event until it is popped or cancelled; a stale handle cancels nothing. */
export type Handle = number;
export const NO_HANDLE: Handle = -1;

const SLOT_LIMIT = 2 ** 26;
const ARITY = 4;

/**
 * The pending events, earliest first, ties in push order: a 4-ary heap ordered on (time, turn).
 * The tie rule is part of the replay contract, which is why the queue is our own.
 *
 * An event is a slot in typed arrays; `pop` returns the slot, whose fields stay readable until the
 * next push. Nothing is allocated per event (about 60 bytes a slot, slots are reused).
 */
export class EventQueue {
  size = 0;
  #turn = 0;
  #capacity: number;
  // The heap: keys beside each other, so a sift touches no slot.
  #time: Float64Array;
  #turns: Float64Array;
  #slots: Int32Array;
  // The slots.
  #place: Int32Array; // Where in the heap; -1 when not pending.
  #generation: Int32Array;
  #free: Int32Array;
  #freeCount: number;
  /** Time of the event popped last. */
  now: Micros = 0;
  kind: Int32Array;
  node: Int32Array;
  code: Int32Array;
  tag: Int32Array;
  era: Int32Array;
  cause: Int32Array;
  payload: unknown[];

  constructor(capacity = 64) {
    this.#capacity = capacity;
    this.#time = new Float64Array(capacity);
    this.#turns = new Float64Array(capacity);
    this.#slots = new Int32Array(capacity);
    this.#place = new Int32Array(capacity).fill(-1);
    this.#generation = new Int32Array(capacity);
    this.#free = new Int32Array(capacity);
    this.#freeCount = capacity;
    for (let i = 0; i < capacity; i++) this.#free[i] = capacity - 1 - i;
    this.kind = new Int32Array(capacity);
    this.node = new Int32Array(capacity);
    this.code = new Int32Array(capacity);
    this.tag = new Int32Array(capacity);
    this.era = new Int32Array(capacity);
    this.cause = new Int32Array(capacity);
    this.payload = new Array<unknown>(capacity).fill(undefined);
  }

  /** Adds an event. `time` may not lie before the event popped last. */
  push(
    time: Micros,
    kind: number,
    node: number,
    code: number,
    tag: number,
    era: number,
    cause: number,
    payload: unknown,
  ): Handle {
    assert(time >= this.now, 'an event is never pushed into the past');
    if (this.#freeCount === 0) this.#grow();
    const slot = this.#free[--this.#freeCount];
    this.kind[slot] = kind;
    this.node[slot] = node;
    this.code[slot] = code;
    this.tag[slot] = tag;
    this.era[slot] = era;
    this.cause[slot] = cause;
    this.payload[slot] = payload;
    this.#rise(this.size++, time, this.#turn++, slot);
    return this.#generation[slot] * SLOT_LIMIT + slot;
  }

  /** Removes the earliest event and returns its slot, or -1 when none is pending. */
  pop(): number {
    if (this.size === 0) return -1;
    const slot = this.#slots[0];
    this.now = this.#time[0];
    this.#release(slot);
    this.#removeAt(0);
    return slot;
  }

  /** Time of the earliest event, or -1. */
  peek(): Micros {
    return this.size === 0 ? -1 : this.#time[0];
  }

  /** Removes a pending event; false when it is no longer pending. O(log n). */
  cancel(handle: Handle): boolean {
    if (handle < 0) return false;
    const slot = handle % SLOT_LIMIT;
    const generation = (handle - slot) / SLOT_LIMIT;
    const place = this.#place[slot];
    if (place < 0 || this.#generation[slot] !== generation) return false;
    this.payload[slot] = undefined;
    this.#release(slot);
    this.#removeAt(place);
    return true;
  }

  #release(slot: number): void {
    this.#place[slot] = -1;
    this.#generation[slot] = (this.#generation[slot] + 1) & 0x3ffffff;
    this.#free[this.#freeCount++] = slot;
  }

  #removeAt(place: number): void {
    const last = --this.size;
    if (place === last) return;
    const time = this.#time[last];
    const turn = this.#turns[last];
    const slot = this.#slots[last];
    const parent = (place - 1) >> 2;
    if (place > 0 && this.#before(time, turn, parent)) this.#rise(place, time, turn, slot);
    else this.#sink(place, time, turn, slot);
  }

  #before(time: number, turn: number, place: number): boolean {
    const other = this.#time[place];
    return time < other || (time === other && turn < this.#turns[place]);
  }

  #put(place: number, time: number, turn: number, slot: number): void {
    this.#time[place] = time;
    this.#turns[place] = turn;
    this.#slots[place] = slot;
    this.#place[slot] = place;
  }

  #rise(from: number, time: number, turn: number, slot: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!this.#before(time, turn, parent)) break;
      this.#put(place, this.#time[parent], this.#turns[parent], this.#slots[parent]);
      place = parent;
    }
    this.#put(place, time, turn, slot);
  }

  #sink(from: number, time: number, turn: number, slot: number): void {
    const times = this.#time;
    const turns = this.#turns;
    const size = this.size;
    let place = from;
    for (;;) {
      const first = place * ARITY + 1;
      if (first >= size) break;
      const end = Math.min(first + ARITY, size);
      let child = first;
      let childTime = times[first];
      for (let i = first + 1; i < end; i++) {
        const t = times[i];
        if (t < childTime || (t === childTime && turns[i] < turns[child])) {
          child = i;
          childTime = t;
        }
      }
      if (time < childTime || (time === childTime && turn < turns[child])) break;
      this.#put(place, childTime, turns[child], this.#slots[child]);
      place = child;
    }
    this.#put(place, time, turn, slot);
  }

  #grow(): void {
    const old = this.#capacity;
    const capacity = old * 2;
    assert(capacity <= SLOT_LIMIT, 'fewer than 67 million events are pending');
    this.#time = widen(this.#time, capacity);
    this.#turns = widen(this.#turns, capacity);
    this.#slots = widen(this.#slots, capacity);
    this.#place = widen(this.#place, capacity).fill(-1, old);
    this.#generation = widen(this.#generation, capacity);
    this.#free = widen(this.#free, capacity);
    this.kind = widen(this.kind, capacity);
    this.node = widen(this.node, capacity);
    this.code = widen(this.code, capacity);
    this.tag = widen(this.tag, capacity);
    this.era = widen(this.era, capacity);
    this.cause = widen(this.cause, capacity);
    for (let i = capacity - 1; i >= old; i--) {
      this.payload[i] = undefined;
      this.#free[this.#freeCount++] = i;
    }
    this.#capacity = capacity;
  }
}

function widen<T extends Float64Array | Int32Array>(array: T, capacity: number): T {
  const wider = new (array.constructor as new (n: number) => T)(capacity);
  wider.set(array);
  return wider;
}
