import { assert } from '../../sim/kernel/assert.ts';

/**
 * A binary heap of slots. Each slot's place is kept in an array that all heaps of a shelf share (a
 * slot is in one of them at a time), so any slot can be taken out in O(log n).
 */
export class SlotHeap {
  size = 0;
  #slots = new Int32Array(8);
  readonly #before: (a: number, b: number) => boolean;
  readonly #places: { place: Int32Array };

  constructor(places: { place: Int32Array }, before: (a: number, b: number) => boolean) {
    this.#places = places;
    this.#before = before;
  }

  /** The first slot, or -1. */
  get top(): number {
    return this.size === 0 ? -1 : this.#slots[0];
  }

  push(slot: number): void {
    if (this.size === this.#slots.length) this.#resize(this.size * 2);
    this.#rise(this.size++, slot);
  }

  remove(slot: number): void {
    const place = this.#places.place[slot];
    assert(this.#slots[place] === slot && place < this.size, 'a slot is taken out of its own heap');
    const last = this.#slots[--this.size];
    if (place < this.size) {
      if (place > 0 && this.#before(last, this.#slots[(place - 1) >> 1])) this.#rise(place, last);
      else this.#sink(place, last);
    }
    if (this.#slots.length > 64 && this.size * 4 < this.#slots.length) {
      this.#resize(this.#slots.length / 2);
    }
  }

  #put(place: number, slot: number): void {
    this.#slots[place] = slot;
    this.#places.place[slot] = place;
  }

  #rise(from: number, slot: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#before(slot, this.#slots[parent])) break;
      this.#put(place, this.#slots[parent]);
      place = parent;
    }
    this.#put(place, slot);
  }

  #sink(from: number, slot: number): void {
    let place = from;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= this.size) break;
      const other = child + 1;
      if (other < this.size && this.#before(this.#slots[other], this.#slots[child])) child = other;
      if (!this.#before(this.#slots[child], slot)) break;
      this.#put(place, this.#slots[child]);
      place = child;
    }
    this.#put(place, slot);
  }

  #resize(length: number): void {
    const slots = new Int32Array(length);
    slots.set(this.#slots.subarray(0, this.size));
    this.#slots = slots;
  }
}
