import { Worker } from 'node:worker_threads';
import type { HuntAnswer, HuntOrder } from './hunt/order.ts';
import type { HuntMark, Mark } from '../runs/conduct.ts';
import type { Answer, Order } from './order.ts';
import { Progress } from './progress.ts';
import { err } from './streams.ts';

/** What the other thread says. */
export type Said =
  | { readonly is: 'mark'; readonly mark: Mark | HuntMark }
  | { readonly is: 'answer'; readonly answer: Answer | HuntAnswer };

/**
 * Runs orders in a thread of its own, one after the other, so that this one hears Ctrl-C whatever a
 * run is doing. Once: no further slice of the run is begun. Twice: the process leaves.
 */
export class Engine {
  interrupted = false;
  readonly progress: Progress;
  readonly #entry: URL;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  #worker: Worker | undefined;

  /** `entry` is the main module: in another thread it serves orders instead. */
  constructor(entry: URL, draws: boolean) {
    this.#entry = entry;
    this.progress = new Progress(draws);
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onInterrupt);
  }

  readonly #onInterrupt = (): void => {
    this.progress.clear();
    if (this.interrupted) process.exit(130);
    this.interrupted = true;
    Atomics.store(this.#stop, 0, 1);
    err('interrupted: stopping; once more leaves at once\n');
  };

  perform(order: Order): Promise<Answer> {
    return this.#ask(order) as Promise<Answer>;
  }

  /** A search of many runs. Once interrupted it answers with what it has found until then. */
  hunt(order: HuntOrder): Promise<HuntAnswer> {
    return this.#ask(order) as Promise<HuntAnswer>;
  }

  #ask(order: Order | HuntOrder): Promise<Answer | HuntAnswer> {
    const worker = (this.#worker ??= new Worker(this.#entry, { workerData: this.#stop }));
    return new Promise((resolve, reject) => {
      const onMessage = (said: Said): void => {
        if (said.is === 'mark') return this.#draw(said.mark);
        settle();
        resolve(said.answer);
      };
      // An error that its thread could not tell of: out of memory, for instance.
      const onError = (error: Error): void => {
        settle();
        this.#worker = undefined;
        reject(error);
      };
      const settle = (): void => {
        worker.off('message', onMessage).off('error', onError);
        this.progress.clear();
      };
      worker.on('message', onMessage).on('error', onError);
      worker.postMessage(order);
    });
  }

  #draw(mark: Mark | HuntMark): void {
    if (this.interrupted) return;
    if ('hunt' in mark) this.progress.drawHunt(mark);
    else this.progress.draw(mark);
  }

  async end(): Promise<void> {
    this.progress.clear();
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onInterrupt);
    await this.#worker?.terminate();
  }
}
