/** lost-ack as a library: read a scenario, run it, look at the record. */
export { loadScenario, type Loaded, type LoadOptions } from './scenarios/load.ts';
export { execute, type ExecuteOptions } from './scenarios/execute.ts';
export { ENGINE } from './scenarios/version.ts';
export type { Problem } from './scenarios/problem.ts';
export type { Assignment, Scenario } from './scenarios/scenario.ts';
export type * from './sim/history/record.ts';
