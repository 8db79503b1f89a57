import { ownBatches, ownRuns, type Batch, type Plan } from '../../sim/explore/sweep/plan.ts';
import type { SweepEnd } from '../../sim/explore/sweep/record.ts';
import { Tally, type TallyData } from '../../sim/explore/sweep/tally.ts';
import type { BatchOrder } from './batch.ts';
import type { Crew } from './crew.ts';
import type { Journal } from './journal.ts';
import type { Configuration } from './subject.ts';

export interface Conduct {
  readonly configurations: readonly Configuration[];
  readonly plan: Plan;
  readonly crew: Crew;
  readonly threads: number;
  readonly journal: Journal | undefined;
  readonly keepsSamples?: boolean;
  /** Failing runs after which the sweep ends; Infinity: never. */
  readonly failures: number;
}

/** How far a sweep is. */
export interface SweepMark {
  readonly done: number;
  /** Of them, runs that the journal already held. */
  readonly known: number;
  readonly planned: number;
  readonly failed: number;
}

/** Batches waited for, per thread: enough that none is idle, few enough to stay in memory. */
const AHEAD = 4;

/**
 * One sweep: orders batches a little ahead and takes what comes of them in order, so that nothing
 * can be told from a result about how many threads there were.
 */
export class Conductor {
  readonly tallies: readonly Tally[];
  readonly #conduct: Conduct;
  readonly #tell: (mark: SweepMark) => void;
  readonly #ahead = new Map<number, Promise<TallyData | undefined>>();
  readonly #planned: number;
  #known = 0;
  #stopping: SweepEnd | undefined;

  constructor(conduct: Conduct, tell: (mark: SweepMark) => void = () => {}) {
    this.#conduct = conduct;
    this.#tell = tell;
    this.#planned = ownRuns(conduct.plan);
    this.tallies = conduct.configurations.map(() => new Tally(conduct.keepsSamples));
  }

  /** Ends early; what is finished is kept. The first reason counts. */
  stop(why: SweepEnd): void {
    this.#stopping ??= why;
    this.#conduct.crew.stop();
  }

  async run(): Promise<SweepEnd> {
    const { plan, threads } = this.#conduct;
    const ahead = ownBatches(plan);
    const fill = (): void => {
      while (this.#stopping === undefined && this.#ahead.size < threads * AHEAD) {
        const next = ahead.next();
        if (next.done === true) return;
        const coming = this.#order(next.value);
        coming.catch(() => {}); // It is heard when its turn comes.
        this.#ahead.set(next.value.index, coming);
      }
    };
    for (const batch of ownBatches(plan)) {
      fill();
      const tally = await this.#ahead.get(batch.index);
      this.#ahead.delete(batch.index);
      if (tally === undefined) {
        if (this.#stopping === undefined) throw new Error('a batch ends, or the sweep does');
        continue; // Of what was ordered ahead some may be finished.
      }
      if (await this.#take(batch, tally)) return 'failures';
    }
    return this.#stopping ?? 'finished';
  }

  /** True when these were failures enough. */
  async #take(batch: Batch, tally: TallyData): Promise<boolean> {
    const { failures, crew } = this.#conduct;
    const wanted = failures - this.tallies.reduce((n, t) => n + t.failed, 0);
    const enough = tally.failed >= wanted;
    let taken: TallyData | undefined = tally;
    // Runs behind the last failure that counts do not belong to the result: once more without them.
    if (enough) taken = await this.#perform(batch, wanted);
    if (taken !== undefined) this.tallies[batch.configuration].merge(taken);
    const done = this.tallies.reduce((n, t) => n + t.runs, 0);
    const failed = this.tallies.reduce((n, t) => n + t.failed, 0);
    this.#tell({ done, known: this.#known, planned: this.#planned, failed });
    if (!enough) return false;
    crew.stop();
    await Promise.all(this.#ahead.values());
    return true;
  }

  async #order(batch: Batch): Promise<TallyData | undefined> {
    const { journal, failures } = this.#conduct;
    if (journal?.has(batch.index) === true) {
      this.#known += batch.count;
      return journal.read(batch.index);
    }
    return await this.#perform(batch, failures);
  }

  async #perform(batch: Batch, failures: number): Promise<TallyData | undefined> {
    const { crew, configurations, journal } = this.#conduct;
    const { source, cell, variant } = configurations[batch.configuration];
    const { first, count } = batch;
    const order: BatchOrder = { source, cell, variant, first, count, failures };
    const answer = await crew.perform(order);
    if (answer.is === 'stopped') return undefined;
    if (answer.whole && journal?.has(batch.index) === false) {
      journal.append(batch.index, answer.tally);
    }
    return answer.tally;
  }
}
