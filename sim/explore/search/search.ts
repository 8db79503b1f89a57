import { exhaustive } from './exhaustive.ts';
import { feedback } from './feedback.ts';
import { lineage } from './lineage.ts';
import { mixed } from './mixed.ts';
import { swarm } from './random.ts';
import { scopeOf, type Scope } from './scope.ts';
import { NOTHING, type Ground } from './imagine.ts';
import { Enough, type Outcome, type Runner, type Strategy } from './space.ts';

export const STRATEGIES = ['mixed', 'lineage', 'feedback', 'random', 'exhaustive'] as const;
export type StrategyName = (typeof STRATEGIES)[number];

export interface SearchBounds {
  /** What may be planned; without it only what is on offer is tried. */
  readonly ground?: Ground;
  readonly maxFaults: number;
  readonly runs: number;
  readonly seed: string;
  /** Asked before each run: what says that it is enough, "" when nothing does. */
  readonly enough: () => string;
}

/** How a search by one strategy went. */
export interface Search {
  readonly strategy: StrategyName;
  /** Placements tried, the quiet run included. */
  readonly tried: number;
  /** Runs made, parents that were run again included. */
  readonly runs: number;
  /** The first run with a violation. */
  readonly found: Outcome | undefined;
  /** Runs that were cut, so that they prove nothing. */
  readonly unproved: number;
  /** Everything within `maxFaults` was tried. Only `exhaustive` may say so. */
  readonly exhausted: boolean;
  /** The bound that ended it; "" when none did. */
  readonly stopped: string;
}

const MAKE: Record<StrategyName, (run: Runner, scope: Scope) => Strategy> = {
  mixed,
  lineage,
  exhaustive: (run, { maxFaults }) => exhaustive(run, maxFaults),
  random: swarm,
  feedback,
};

/** So many times the events of the first run are a run's bound. */
const SLACK = 20;

/** Searches until a violation, a bound or the end. `visit` sees every run that was yielded. */
export function search(
  strategy: StrategyName,
  run: Runner,
  bounds: SearchBounds,
  visit: (outcome: Outcome) => boolean = (outcome) => outcome.violated.length > 0,
): Search {
  let runs = 0;
  let stopped = '';
  let maxEvents = Infinity;
  const counted: Runner = (plan) => {
    stopped = runs >= bounds.runs ? `${bounds.runs} runs` : bounds.enough();
    if (stopped !== '') throw new Enough();
    runs++;
    const outcome = run({ maxEvents, ...plan });
    // One run that goes astray shall not take the time of hundreds.
    if (maxEvents === Infinity) maxEvents = outcome.events * SLACK + 25_000;
    return outcome;
  };
  const { ground = NOTHING, maxFaults, seed } = bounds;
  const trials = MAKE[strategy](counted, scopeOf(ground, maxFaults, seed));
  let tried = 0;
  let unproved = 0;
  let found: Outcome | undefined;
  let exhausted = false;
  try {
    for (;;) {
      const step = trials.next();
      if (step.done === true) {
        exhausted = step.value && strategy === 'exhaustive';
        break;
      }
      tried++;
      if (!step.value.conclusive) unproved++;
      if (!visit(step.value)) continue;
      found = step.value;
      break;
    }
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
    if (stopped === '') stopped = bounds.enough();
  }
  return { strategy, tried, runs, found, unproved, exhausted, stopped };
}
