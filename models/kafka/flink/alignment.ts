import type { StreamRecord } from './protocol.ts';

export type Element =
  | { readonly is: 'record'; readonly record: StreamRecord }
  | { readonly is: 'barrier'; readonly checkpoint: number };

/**
 * The inputs of an operator, one from each source. A barrier on one holds that input back until the
 * barrier has come on all: then everything before it has been processed, and nothing after it.
 */
export class Alignment {
  readonly #inputs: Element[][];
  readonly #blocked = new Set<number>();
  /** The checkpoint that is being aligned; 0: none. */
  #checkpoint = 0;
  #turn = 0;

  constructor(inputs: number) {
    this.#inputs = Array.from({ length: inputs }, () => []);
  }

  push(input: number, element: Element): void {
    this.#inputs[input].push(element);
  }

  get backlog(): number {
    return this.#inputs.reduce((sum, input) => sum + input.length, 0);
  }

  /** Is there something that is not held back? */
  get ready(): boolean {
    return this.#inputs.some((input, i) => input.length > 0 && !this.#blocked.has(i));
  }

  /** The next record of an input that is not held back, or a checkpoint that is aligned. */
  next(): Element | undefined {
    for (;;) {
      const input = this.#choose();
      if (input < 0) return undefined;
      const element = this.#inputs[input].shift();
      if (element === undefined || element.is === 'record') return element;
      if (this.#aligned(input, element.checkpoint)) return element;
    }
  }

  #choose(): number {
    const { length } = this.#inputs;
    for (let i = 0; i < length; i++) {
      const input = (this.#turn + i) % length;
      if (this.#blocked.has(input) || this.#inputs[input].length === 0) continue;
      this.#turn = (input + 1) % length;
      return input;
    }
    return -1;
  }

  /** A barrier came; true when it was the last one that was missing. */
  #aligned(input: number, checkpoint: number): boolean {
    // An older checkpoint was given up meanwhile.
    if (checkpoint > this.#checkpoint) {
      this.#blocked.clear();
      this.#checkpoint = checkpoint;
    } else if (checkpoint < this.#checkpoint) return false;
    this.#blocked.add(input);
    if (this.#blocked.size < this.#inputs.length) return false;
    this.#blocked.clear();
    return true;
  }
}
