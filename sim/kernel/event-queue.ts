import { assert } from './assert.ts';
import type { Micros } from './time.ts';

/** Names one pending event until it is popped or cancelled; a stale handle cancels nothing. */
export type Handle = number;
export const NO_HANDLE: Handle = -1;

const SLOT_LIMIT = 2 ** 25;
const GENERATIONS = 2 ** 27;
const HIGH = 2 ** 32;

/** A time has seven digits of eight bits: 2^53 us are 285 years. */
const LEVELS = 7;
const DIGIT_BITS = 8;
const DIGITS = 1 << DIGIT_BITS;
const WORDS = DIGITS / 32;
const NONE = -1;

// A slot is 48 bytes: its time as a float64, then whole numbers of 32 bits.
const FLOATS = 6;
const INTS = 12;
const NEXT = 2;
const PREVIOUS = 3;
const BUCKET = 4;
const GENERATION = 5;
const KIND = 6;
const NODE = 7;
const CODE = 8;
const TAG = 9;
const ERA = 10;
const CAUSE = 11;

/**
 * The pending events, earliest first, ties in push order. That rule is part of the replay contract,
 * which is why the queue is our own.
 *
 * It is a hierarchical timing wheel (Varghese and Lauck, 1987). An event waits in the bucket of the
 * highest digit in which its time differs from `now`, so all events of one time are always in one
 * bucket, in push order. When the earliest event is in a bucket of a higher level, the others of
 * that bucket move to lower ones. Push and cancel cost the same however many are pending, and a pop
 * about one move for each level. Nothing is allocated per event: slots of 48 bytes are reused.
 */
export class EventQueue {
  size = 0;
  // The event popped last.
  now: Micros = 0;
  kind = 0;
  node = 0;
  code = 0;
  tag = 0;
  era = 0;
  cause = 0;
  payload: unknown = undefined;

  /** Time of the earliest event, or -1 while it is not known, and the bucket that it is in. */
  #next: Micros = -1;
  #nextBucket = 0;
  #capacity: number;
  #times: Float64Array;
  #ints: Int32Array;
  readonly #payloads: unknown[];
  /** First of the slots that are free; NEXT leads on. */
  #free = 0;
  // The buckets, and which of them, of their words, of the levels hold something: bit by bit.
  readonly #heads = new Int32Array(LEVELS * DIGITS).fill(NONE);
  readonly #tails = new Int32Array(LEVELS * DIGITS).fill(NONE);
  readonly #filled = new Int32Array(LEVELS * WORDS);
  readonly #filledWords = new Int32Array(LEVELS);
  #filledLevels = 0;

  constructor(capacity = 64) {
    this.#capacity = capacity;
    const buffer = new ArrayBuffer(capacity * INTS * 4);
    this.#times = new Float64Array(buffer);
    this.#ints = new Int32Array(buffer);
    this.#payloads = new Array<unknown>(capacity).fill(undefined);
    this.#freeFrom(0);
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
    if (this.#free === NONE) this.#grow();
    const slot = this.#free;
    const ints = this.#ints;
    const at = slot * INTS;
    this.#free = ints[at + NEXT];
    this.#times[slot * FLOATS] = time;
    ints[at + KIND] = kind;
    ints[at + NODE] = node;
    ints[at + CODE] = code;
    ints[at + TAG] = tag;
    ints[at + ERA] = era;
    ints[at + CAUSE] = cause;
    if (payload !== undefined) this.#payloads[slot] = payload;
    const bucket = this.#bucketOf(time);
    if (time < this.#next || this.size === 0) {
      this.#next = time;
      this.#nextBucket = bucket;
    }
    this.size++;
    this.#append(bucket, slot);
    return ints[at + GENERATION] * SLOT_LIMIT + slot;
  }

  /** Removes the earliest event and makes it the one that `now`, `kind`, ... speak of. */
  pop(): boolean {
    if (this.size === 0) return false;
    if (this.#next < 0) this.#findNext();
    const time = this.#next;
    const bucket = this.#nextBucket;
    this.now = time;
    const slot = bucket < DIGITS ? this.#heads[bucket] : this.#spread(bucket, time);
    const ints = this.#ints;
    const at = slot * INTS;
    this.kind = ints[at + KIND];
    this.node = ints[at + NODE];
    this.code = ints[at + CODE];
    this.tag = ints[at + TAG];
    this.era = ints[at + ERA];
    this.cause = ints[at + CAUSE];
    const payload = this.#payloads[slot];
    if (payload !== this.payload) this.payload = payload;
    if (bucket < DIGITS) this.#unlink(slot);
    this.#release(slot);
    // Another one of this very time is the next.
    this.#next = bucket < DIGITS && this.#heads[bucket] !== NONE ? time : -1;
    return true;
  }

  /** Time of the earliest event, or -1. */
  peek(): Micros {
    if (this.size === 0) return -1;
    if (this.#next < 0) this.#findNext();
    return this.#next;
  }

  /** Removes a pending event; false when it is no longer pending. */
  cancel(handle: Handle): boolean {
    if (handle < 0) return false;
    const slot = handle % SLOT_LIMIT;
    const generation = (handle - slot) / SLOT_LIMIT;
    const at = slot * INTS;
    if (this.#ints[at + GENERATION] !== generation || this.#ints[at + BUCKET] === NONE)
      return false;
    if (this.#times[slot * FLOATS] === this.#next) this.#next = -1;
    this.#unlink(slot);
    this.#release(slot);
    return true;
  }

  #release(slot: number): void {
    const ints = this.#ints;
    const at = slot * INTS;
    ints[at + BUCKET] = NONE;
    ints[at + GENERATION] = (ints[at + GENERATION] + 1) & (GENERATIONS - 1);
    ints[at + NEXT] = this.#free;
    this.#free = slot;
    if (this.#payloads[slot] !== undefined) this.#payloads[slot] = undefined;
    this.size--;
  }

  /** The bucket of a time: level and digit, as one number. Level 0 holds one time a bucket. */
  #bucketOf(time: Micros): number {
    const low = time | 0; // Modulo 2^32.
    let different = low ^ (this.now | 0);
    if (time >= HIGH) {
      const high = Math.floor(time / HIGH);
      different = high ^ Math.floor(this.now / HIGH);
      if (different !== 0) {
        const place = (31 - Math.clz32(different)) & ~7;
        return ((place << 5) + 4 * DIGITS) | ((high >>> place) & 255);
      }
      different = low ^ (this.now | 0);
    }
    // A multiple of eight; 0 when no digit differs.
    const place = (31 - Math.clz32(different | 1)) & ~7;
    return (place << 5) | ((low >>> place) & 255);
  }

  #append(bucket: number, slot: number): void {
    const ints = this.#ints;
    const at = slot * INTS;
    const last = this.#tails[bucket];
    ints[at + NEXT] = NONE;
    ints[at + PREVIOUS] = last;
    ints[at + BUCKET] = bucket;
    this.#tails[bucket] = slot;
    if (last !== NONE) {
      ints[last * INTS + NEXT] = slot;
      return;
    }
    this.#heads[bucket] = slot;
    const word = bucket >> 5;
    const level = bucket >> DIGIT_BITS;
    this.#filled[word] |= 1 << (bucket & 31);
    this.#filledWords[level] |= 1 << (word & (WORDS - 1));
    this.#filledLevels |= 1 << level;
  }

  #unlink(slot: number): void {
    const ints = this.#ints;
    const at = slot * INTS;
    const next = ints[at + NEXT];
    const previous = ints[at + PREVIOUS];
    const bucket = ints[at + BUCKET];
    if (next === NONE) this.#tails[bucket] = previous;
    else ints[next * INTS + PREVIOUS] = previous;
    if (previous !== NONE) {
      ints[previous * INTS + NEXT] = next;
      return;
    }
    this.#heads[bucket] = next;
    if (next === NONE) this.#markEmpty(bucket);
  }

  #markEmpty(bucket: number): void {
    const word = bucket >> 5;
    const level = bucket >> DIGIT_BITS;
    if ((this.#filled[word] &= ~(1 << (bucket & 31))) !== 0) return;
    if ((this.#filledWords[level] &= ~(1 << (word & (WORDS - 1)))) !== 0) return;
    this.#filledLevels &= ~(1 << level);
  }

  /** The earliest event is in the first bucket of the lowest level that holds something. */
  #findNext(): void {
    const level = lowestBit(this.#filledLevels);
    const word = level * WORDS + lowestBit(this.#filledWords[level]);
    const bucket = word * 32 + lowestBit(this.#filled[word]);
    const times = this.#times;
    let slot = this.#heads[bucket];
    let earliest = times[slot * FLOATS];
    if (level > 0) {
      const ints = this.#ints;
      while ((slot = ints[slot * INTS + NEXT]) !== NONE) {
        const time = times[slot * FLOATS];
        if (time < earliest) earliest = time;
      }
    }
    this.#next = earliest;
    this.#nextBucket = bucket;
  }

  /** Empties a bucket: its first event of `time` is returned, the others move to lower levels. */
  #spread(bucket: number, time: Micros): number {
    const ints = this.#ints;
    const times = this.#times;
    let slot = this.#heads[bucket];
    let first = NONE;
    this.#heads[bucket] = NONE;
    this.#tails[bucket] = NONE;
    this.#markEmpty(bucket);
    while (slot !== NONE) {
      const next = ints[slot * INTS + NEXT];
      const its = times[slot * FLOATS];
      if (first === NONE && its === time) first = slot;
      else this.#append(this.#bucketOf(its), slot);
      slot = next;
    }
    return first;
  }

  #freeFrom(first: number): void {
    const ints = this.#ints;
    for (let slot = first; slot < this.#capacity; slot++) {
      ints[slot * INTS + NEXT] = slot + 1 < this.#capacity ? slot + 1 : NONE;
      ints[slot * INTS + BUCKET] = NONE;
    }
    this.#free = first;
  }

  #grow(): void {
    const old = this.#capacity;
    this.#capacity = old * 2;
    assert(this.#capacity <= SLOT_LIMIT, 'fewer than 33 million events are pending');
    const buffer = new ArrayBuffer(this.#capacity * INTS * 4);
    const ints = new Int32Array(buffer);
    ints.set(this.#ints);
    this.#ints = ints;
    this.#times = new Float64Array(buffer);
    for (let slot = old; slot < this.#capacity; slot++) this.#payloads.push(undefined);
    this.#freeFrom(old);
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
