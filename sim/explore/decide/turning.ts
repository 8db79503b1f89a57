import type { Choices, Site } from '../../kernel/choices.ts';
import type { Distribution } from '../../kernel/distribution.ts';
import type { Micros, Ppm } from '../../kernel/time.ts';

/** Answers from one source, and once turned from another: a recorded beginning, a free end. */
export class Turning implements Choices {
  #now: Choices;
  readonly #later: Choices;

  constructor(first: Choices, later: Choices) {
    this.#now = first;
    this.#later = later;
  }

  turn(): void {
    this.#now = this.#later;
  }

  choose(site: Site, n: number, ppm?: Ppm): number {
    return this.#now.choose(site, n, ppm);
  }

  sample(site: Site, table: Distribution): Micros {
    return this.#now.sample(site, table);
  }
}
