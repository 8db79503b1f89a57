/** What own code threw, and how often. */
export interface Thrown {
  /** "Error: declined". */
  readonly says: string;
  readonly times: number;
  /** The process, and the message that it was about, of the first time. */
  readonly process: string;
  readonly message: string;
  /** The first of them. */
  readonly thrown: unknown;
}

/**
 * What is heard of own code during a run. A message is rejected by a throw, so throws are no errors
 * of a run: they are counted.
 */
export class Heard {
  readonly #found = new Map<string, Thrown>();
  /** Handlers and services that were started. */
  readonly started = new Set<string>();

  get thrown(): readonly Thrown[] {
    return [...this.#found.values()];
  }

  clear(): void {
    this.#found.clear();
    this.started.clear();
  }

  threw(thrown: unknown, process: string, message: string): void {
    const says = String(thrown);
    const known = this.#found.get(says);
    const first = known ?? { says, times: 0, process, message, thrown };
    this.#found.set(says, { ...first, times: first.times + 1 });
  }
}
