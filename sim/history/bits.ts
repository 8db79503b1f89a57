/** A set of small whole numbers, one bit each; grows by doubling. */
export class Bits {
  #words: Uint32Array;
  /** How many are in the set. */
  count = 0;

  constructor(words = 8) {
    this.#words = new Uint32Array(words);
  }

  has(n: number): boolean {
    const word = n >>> 5;
    return word < this.#words.length && (this.#words[word] & (1 << (n & 31))) !== 0;
  }

  /** Adds n; false when it was there already. */
  add(n: number): boolean {
    const word = n >>> 5;
    if (word >= this.#words.length) this.#grow(word);
    const bit = 1 << (n & 31);
    if ((this.#words[word] & bit) !== 0) return false;
    this.#words[word] |= bit;
    this.count++;
    return true;
  }

  remove(n: number): boolean {
    if (!this.has(n)) return false;
    this.#words[n >>> 5] &= ~(1 << (n & 31));
    this.count--;
    return true;
  }

  /** Visits, in order, the members of this set that are in none of the others. */
  eachOutside(others: readonly Bits[], visit: (n: number) => void): void {
    for (let word = 0; word < this.#words.length; word++) {
      let rest = this.#words[word];
      for (const other of others) rest &= ~(other.#words[word] ?? 0);
      while (rest !== 0) {
        const low = 31 - Math.clz32(rest & -rest);
        visit(word * 32 + low);
        rest &= rest - 1;
      }
    }
  }

  #grow(word: number): void {
    const wider = new Uint32Array(Math.max(word + 1, this.#words.length * 2));
    wider.set(this.#words);
    this.#words = wider;
  }
}
