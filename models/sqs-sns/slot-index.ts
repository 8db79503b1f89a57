import { assert } from '../../sim/kernel/assert.ts';
import { finish } from '../../sim/kernel/hash.ts';

const EMPTY = -1;

/**
 * Position of a message -> slot of its copy: an open hash of two integer arrays, at most half full,
 * so 16 bytes a message. A removal closes the gap behind itself and leaves nothing.
 */
export class SlotIndex {
  size = 0;
  #positions = new Int32Array(16).fill(EMPTY);
  #slots = new Int32Array(16);

  get(position: number): number {
    const at = this.#find(position);
    return this.#positions[at] === EMPTY ? EMPTY : this.#slots[at];
  }

  add(position: number, slot: number): void {
    assert(position >= 0, 'positions count from 0');
    if (this.size * 2 >= this.#positions.length) this.#resize(this.#positions.length * 2);
    const at = this.#find(position);
    assert(this.#positions[at] === EMPTY, 'a position is added once');
    this.#positions[at] = position;
    this.#slots[at] = slot;
    this.size++;
  }

  remove(position: number): void {
    const positions = this.#positions;
    const mask = positions.length - 1;
    let gap = this.#find(position);
    assert(positions[gap] === position, 'only what is there is removed');
    this.size--;
    // Whoever was pushed past the gap by a collision moves into it.
    for (let at = (gap + 1) & mask; positions[at] !== EMPTY; at = (at + 1) & mask) {
      const ideal = finish(positions[at]) & mask;
      if (((at - ideal) & mask) < ((at - gap) & mask)) continue;
      positions[gap] = positions[at];
      this.#slots[gap] = this.#slots[at];
      gap = at;
    }
    positions[gap] = EMPTY;
    if (positions.length > 16 && this.size * 8 < positions.length)
      this.#resize(positions.length / 2);
  }

  /** Where `position` is, or the empty place where it would be put. */
  #find(position: number): number {
    const mask = this.#positions.length - 1;
    let at = finish(position) & mask;
    while (this.#positions[at] !== EMPTY && this.#positions[at] !== position) at = (at + 1) & mask;
    return at;
  }

  #resize(length: number): void {
    const [positions, slots] = [this.#positions, this.#slots];
    this.#positions = new Int32Array(length).fill(EMPTY);
    this.#slots = new Int32Array(length);
    for (let i = 0; i < positions.length; i++) {
      if (positions[i] === EMPTY) continue;
      const at = this.#find(positions[i]);
      this.#positions[at] = positions[i];
      this.#slots[at] = slots[i];
    }
  }
}
