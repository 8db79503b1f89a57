import { finish, fold } from './hash.ts';

/**
 * A running fingerprint of everything that happened, in order: two 32-bit mixes, so 64 bits. Two
 * runs with one digest made the same steps; it is no protection against a forger.
 */
export class Digest {
  #low = 0x1234567;
  #high = 0x89abcde;

  add(a: number, b: number, c: number, d: number, e: number): void {
    // Times exceed 32 bits after 71 minutes: the part above goes into the other lane.
    const upper = Math.floor(a / 4_294_967_296);
    this.#low = fold(fold(fold(this.#low, a), b), c);
    this.#high = fold(fold(fold(this.#high, this.#low ^ upper), d), e);
  }

  /** The first six digits of `text`: a small number, and so much quicker to write. */
  lead(): string {
    return (finish(this.#high) >>> 8).toString(16).padStart(6, '0');
  }

  /** 16 hexadecimal digits. */
  text(): string {
    const low = finish(this.#low ^ this.#high);
    const high = finish(this.#high);
    return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
  }
}
