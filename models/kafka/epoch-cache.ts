import { assert } from '../../sim/kernel/assert.ts';
import type { EpochEnd } from './protocol.ts';

/**
 * Which leader epoch wrote which part of a log: pairs (epoch, first offset), both rising.
 * Source: `LeaderEpochFileCache`; KIP-101, KIP-279.
 */
export class EpochCache {
  readonly #epochs: number[] = [];
  readonly #starts: number[] = [];

  /** The epoch's first offset; does nothing for an epoch that is known. */
  assign(epoch: number, start: number): void {
    const last = this.#epochs.length - 1;
    if (last >= 0 && this.#epochs[last] >= epoch) return;
    assert(last < 0 || this.#starts[last] <= start, 'later epochs start at later offsets');
    // An epoch that wrote nothing leaves no trace.
    if (last >= 0 && this.#starts[last] === start) {
      this.#epochs[last] = epoch;
      return;
    }
    this.#epochs.push(epoch);
    this.#starts.push(start);
  }

  /** Newest epoch, or -1. */
  get latest(): number {
    return this.#epochs.at(-1) ?? -1;
  }

  /** Epoch that wrote the record at `offset`; -1 below the first. */
  at(offset: number): number {
    let i = this.#epochs.length - 1;
    while (i >= 0 && this.#starts[i] > offset) i--;
    return i < 0 ? -1 : this.#epochs[i];
  }

  /**
   * Where `epoch` ends in a log that ends at `logEnd`: the start of the next higher epoch, under
   * the largest known epoch that is not higher. -1 when `epoch` is above all known ones.
   */
  endOf(epoch: number, logEnd: number): EpochEnd {
    const count = this.#epochs.length;
    if (count === 0 || epoch > this.#epochs[count - 1]) return { epoch: -1, end: -1 };
    if (epoch === this.#epochs[count - 1]) return { epoch, end: logEnd };
    let next = count - 1;
    while (next > 0 && this.#epochs[next - 1] > epoch) next--;
    // Below the first known epoch: nothing of it is left here.
    if (next === 0) return { epoch, end: this.#starts[0] };
    return { epoch: this.#epochs[next - 1], end: this.#starts[next] };
  }

  trimTo(start: number): void {
    let gone = 0;
    while (gone + 1 < this.#starts.length && this.#starts[gone + 1] <= start) gone++;
    this.#epochs.splice(0, gone);
    this.#starts.splice(0, gone);
    if (this.#starts.length > 0 && this.#starts[0] < start) this.#starts[0] = start;
  }

  /** The log ends at `end` now: epochs that start there have no record. */
  cutAt(end: number): void {
    while (this.#starts.length > 0 && (this.#starts.at(-1) ?? 0) >= end) {
      this.#starts.pop();
      this.#epochs.pop();
    }
  }

  /** [epoch, start] pairs, for tests and traces. */
  pairs(): [number, number][] {
    return this.#epochs.map((epoch, i) => [epoch, this.#starts[i]]);
  }
}
