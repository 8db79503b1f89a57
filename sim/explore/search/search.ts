import { exhaustive } from './exhaustive.ts';
import { feedback } from './feedback.ts';
import { lineage } from './lineage.ts';
import { swarm } from './random.ts';
import type { Outcome, Runner, Strategy } from './space.ts';

export const STRATEGIES = ['lineage', 'exhaustive', 'random', 'feedback'] as const;
export type StrategyName = (typeof STRATEGIES)[number];

export interface SearchBounds {
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

const MAKE: Record<StrategyName, (run: Runner, bounds: SearchBounds) => Strategy> = {
  lineage: (run, { maxFaults }) => lineage(run, maxFaults),
  exhaustive: (run, { maxFaults }) => exhaustive(run, maxFaults),
  random: (run, { maxFaults, seed }) => swarm(run, maxFaults, seed),
  feedback: (run, { maxFaults, seed }) => feedback(run, maxFaults, seed),
};

/** Thrown through a strategy to leave it, and caught below. */
class Enough extends Error {}

/** Searches until a violation, a bound or the end. `visit` sees every run that was yielded. */
export function search(
  strategy: StrategyName,
  run: Runner,
  bounds: SearchBounds,
  visit: (outcome: Outcome) => boolean = (outcome) => outcome.violated.length > 0,
): Search {
  let runs = 0;
  let stopped = '';
  const counted: Runner = (take, trace) => {
    stopped = runs >= bounds.runs ? `${bounds.runs} runs` : bounds.enough();
    if (stopped !== '') throw new Enough();
    runs++;
    return run(take, trace);
  };
  const trials = MAKE[strategy](counted, bounds);
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
  }
  return { strategy, tried, runs, found, unproved, exhausted, stopped };
}
