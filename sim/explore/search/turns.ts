import type { Draws } from './draws.ts';

/** Things that take turns: each comes up the less the more it costs, and none is forgotten. */
export class Turns<T> {
  readonly #entries: { readonly value: T; readonly cost: number; spent: number }[] = [];
  readonly #draws: Draws;

  constructor(draws: Draws) {
    this.#draws = draws;
  }

  get size(): number {
    return this.#entries.length;
  }

  add(value: T, cost = 1): this {
    this.#entries.push({ value, cost, spent: 0 });
    return this;
  }

  /** By chance among those on which the least was spent; undefined when nothing `fits`. */
  next(fits: (value: T) => boolean = () => true): T | undefined {
    const fitting = this.#entries.filter(({ value }) => fits(value));
    if (fitting.length === 0) return undefined;
    const least = fitting.reduce((low, { spent }) => Math.min(low, spent), Infinity);
    const entry = this.#draws.pick(fitting.filter(({ spent }) => spent === least));
    entry.spent += entry.cost;
    return entry.value;
  }
}
