import type { Outcome } from './space.ts';

/** What many runs came to together: how many of each size, and the range of each measure. */
export class Tally {
  /** Runs with 0, 1, 2, ... faults. */
  readonly sizes: number[] = [];
  events = 0;
  readonly #ranges = new Map<string, { least: number; most: number }>();
  readonly #words = new Map<string, Set<string>>();

  add({ placed, measured, events }: Outcome): void {
    while (this.sizes.length <= placed.length) this.sizes.push(0);
    this.sizes[placed.length]++;
    this.events += events;
    for (const [name, value] of measured) {
      if (typeof value === 'string') this.#wordsOf(name).add(value);
      else this.#widen(name, value);
    }
  }

  #wordsOf(name: string): Set<string> {
    const words = this.#words.get(name) ?? new Set();
    this.#words.set(name, words);
    return words;
  }

  #widen(name: string, value: number): void {
    const range = this.#ranges.get(name) ?? { least: value, most: value };
    range.least = Math.min(range.least, value);
    range.most = Math.max(range.most, value);
    this.#ranges.set(name, range);
  }

  /** "loss 0", "duplicates.stored 0..2", "guarantee exactly-once or at-least-once". */
  lines(): string[] {
    const ranges = [...this.#ranges].map(([name, { least, most }]) =>
      least === most ? `${name} ${least}` : `${name} ${least}..${most}`,
    );
    const words = [...this.#words].map(([name, seen]) => `${name} ${[...seen].join(' or ')}`);
    return [...ranges, ...words];
  }
}
