import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { Tally } from '../../sim/explore/sweep/tally.ts';
import { seedAt } from '../../sim/explore/sweep/seeds.ts';
import type { BatchAnswer, BatchGround, BatchOrder } from './batch.ts';
import { tokenOf, type Subject } from './subject.ts';

/**
 * The threads that run batches. A handler answers whatever a run does, so an order that fails has
 * lost its thread: out of memory, or killed. It is run again, seed by seed; a seed that takes two
 * threads with it is a run that broke.
 */
export class Crew {
  readonly #subject: Subject;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #pool: Piscina<BatchOrder, BatchAnswer>;
  /** Threads that died. */
  lost = 0;

  /** `worker` is the module of batch-worker.ts. */
  constructor(worker: URL, threads: number, subject: Subject) {
    this.#subject = subject;
    const ground: BatchGround = { subject, stop: this.#stop };
    this.#pool = new Piscina<BatchOrder, BatchAnswer>({
      filename: fileURLToPath(worker),
      minThreads: threads,
      maxThreads: threads,
      workerData: ground,
    });
    // A thread that dies between two orders has lost nothing; the next order starts another.
    this.#pool.on('error', () => this.lost++);
  }

  async perform(order: BatchOrder): Promise<BatchAnswer> {
    const answer = await this.#try(order);
    return answer instanceof Error ? await this.#bySeed(order) : answer;
  }

  async #try(order: BatchOrder): Promise<BatchAnswer | Error> {
    try {
      return await this.#pool.run(order);
    } catch (error) {
      if (this.stopped) return { is: 'stopped' };
      this.lost++;
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async #bySeed(order: BatchOrder): Promise<BatchAnswer> {
    const tally = new Tally(this.#subject.keepsSamples);
    for (let i = 0; i < order.count; i++) {
      if (tally.failed >= order.failures) {
        return { is: 'done', tally: tally.data(), whole: false };
      }
      const place = order.first + i;
      const one = { ...order, first: place, count: 1 };
      let answer = await this.#try(one);
      if (answer instanceof Error) answer = await this.#try(one);
      if (answer instanceof Error) {
        const seed = seedAt(this.#subject.seeds, place);
        const token = tokenOf(this.#subject, order, { seed, digest: '', path: '' });
        const stack = `its thread died, twice: ${answer.stack ?? answer.message}`;
        tally.addBroken({ place, seed, token, stack });
      } else if (answer.is === 'stopped') return answer;
      else tally.merge(answer.tally);
    }
    return { is: 'done', tally: tally.data(), whole: true };
  }

  get stopped(): boolean {
    return Atomics.load(this.#stop, 0) !== 0;
  }

  /** No further slice of any run is begun. */
  stop(): void {
    Atomics.store(this.#stop, 0, 1);
  }

  async end(): Promise<void> {
    await this.#pool.destroy();
  }
}
