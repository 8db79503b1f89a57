import { keyOfSeed } from '../../kernel/choices.ts';
import { finish, fold, hashText, scale } from '../../kernel/hash.ts';

/** A search's own luck: the same seed tries the same placements in the same order. */
export class Draws {
  readonly #key: number;
  #count = 0;

  constructor(seed: string) {
    this.#key = keyOfSeed(`search/${seed}`);
  }

  /** One of 0 .. n - 1. */
  next(n: number): number {
    return scale(finish(fold(this.#key, this.#count++)), n);
  }

  /** One of 0 .. n - 1, for spans of time: n may be far above 2^32. */
  below(n: number): number {
    const high = Math.ceil(n / 2 ** 20);
    return Math.min(n - 1, this.next(high) * 2 ** 20 + this.next(Math.min(n, 2 ** 20)));
  }

  /** Of a name within a round: independent of what else is asked in it. */
  ofName(name: string, round: number, n: number): number {
    return scale(finish(fold(fold(this.#key, hashText(name)), round)), n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.next(list.length)];
  }
}
