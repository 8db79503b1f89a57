import { createInterface } from 'node:readline';

/** What is typed, line by line; and Ctrl-C, which a terminal in line mode would swallow. */
export class Keyboard {
  interrupted = false;
  readonly #lines = createInterface({ input: process.stdin, output: process.stdout });
  #closed = false;
  #leave: (() => void) | undefined;

  constructor() {
    this.#lines.on('SIGINT', () => {
      this.interrupted = true;
      this.#lines.close();
    });
    this.#lines.on('close', () => {
      this.#closed = true;
      this.#leave?.();
    });
  }

  /** Undefined once nothing more will be typed. */
  ask(prompt: string): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#leave = () => resolve(undefined);
      this.#lines.question(prompt, resolve);
    });
  }

  close(): void {
    if (!this.#closed) this.#lines.close();
  }
}
