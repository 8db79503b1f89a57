import { Execution } from '../../scenarios/execute.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { pathText } from '../../sim/history/milestones.ts';
import { seedAt } from '../../sim/explore/sweep/seeds.ts';
import { Tally, type TallyData } from '../../sim/explore/sweep/tally.ts';
import { stackOf } from '../bug.ts';
import { load, tokenOf, type Subject } from './subject.ts';

/** Some runs of one configuration. */
export interface BatchOrder {
  readonly source: number;
  readonly cell: number;
  readonly variant: string;
  /** Place of the first seed, and how many. */
  readonly first: number;
  readonly count: number;
  /** Failing runs after which it ends. */
  readonly failures: number;
}

export type BatchAnswer =
  | { readonly is: 'done'; readonly tally: TallyData; readonly whole: boolean }
  /** Told to stop; what was begun is no result. */
  | { readonly is: 'stopped' };

/** What a worker is born with. */
export interface BatchGround {
  readonly subject: Subject;
  /** Not 0: stop. */
  readonly stop: Int32Array;
}

/** Events between two looks at `stop`: a few milliseconds of work. */
const SLICE = 2_000;
const SCENARIOS_KEPT = 100;

/** Runs batches, one after the other; keeps the scenarios it has read. */
export class Batches {
  readonly #subject: Subject;
  readonly #stop: Int32Array;
  readonly #scenarios = new Map<string, Scenario>();

  constructor({ subject, stop }: BatchGround) {
    this.#subject = subject;
    this.#stop = stop;
  }

  perform(order: BatchOrder): BatchAnswer {
    const scenario = this.#scenarioOf(order);
    const byChance = scenario.faults.map(({ fault }) => fault.when.is === 'chance');
    const tally = new Tally(this.#subject.keepsSamples);
    for (let i = 0; i < order.count; i++) {
      if (tally.failed >= order.failures) {
        return { is: 'done', tally: tally.data(), whole: false };
      }
      const place = order.first + i;
      const seed = seedAt(this.#subject.seeds, place);
      try {
        const execution = new Execution(scenario, { seed });
        while (!execution.advance(SLICE)) if (this.#stopped) return { is: 'stopped' };
        const run = execution.record();
        tally.add(run, pathText(run.path), place, byChance);
      } catch (error) {
        const token = tokenOf(this.#subject, order, { seed, digest: '', path: '' });
        tally.addBroken({ place, seed, token, stack: stackOf(error) });
      }
      if (this.#stopped && i < order.count - 1) return { is: 'stopped' };
    }
    return { is: 'done', tally: tally.data(), whole: true };
  }

  get #stopped(): boolean {
    return Atomics.load(this.#stop, 0) !== 0;
  }

  #scenarioOf({ source, cell, variant }: BatchOrder): Scenario {
    const key = `${source}/${cell}/${variant}`;
    const known = this.#scenarios.get(key);
    if (known !== undefined) return known;
    const { scenarios } = load(this.#subject, source, cell);
    for (const scenario of scenarios) {
      this.#scenarios.set(`${source}/${cell}/${scenario.variant}`, scenario);
    }
    const found = this.#scenarios.get(key);
    if (found === undefined) throw new Error(`no configuration ${key}: it was loaded before`);
    for (const old of this.#scenarios.keys()) {
      if (this.#scenarios.size <= SCENARIOS_KEPT) break;
      this.#scenarios.delete(old);
    }
    return found;
  }
}
