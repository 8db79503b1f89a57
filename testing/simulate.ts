import type { ScenarioInput } from './input.ts';
import { SimulatedRun } from './run.ts';
import { prepare, type SubjectOptions } from './subject.ts';

/**
 * Runs a scenario once, with code of one's own in it. A pure function: the same scenario, options
 * and code give the same run. Throws a `ScenarioError` with all mistakes of what was handed over,
 * and a `HandlerMistake` when own code cannot be part of a run that can be repeated.
 */
export function simulate(scenario: ScenarioInput, options: SubjectOptions = {}): SimulatedRun {
  return new SimulatedRun(prepare(scenario, options));
}
