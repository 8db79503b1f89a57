import type { Legend } from '../reports/trace.ts';
import { Execution, type ExecuteOptions } from '../scenarios/execute.ts';
import type { Scenario } from '../scenarios/scenario.ts';

/** How far a run is. */
export interface Mark {
  readonly events: number;
  readonly virtualTime: number;
  readonly sent: number;
  readonly toSend: number;
  readonly waiting: number;
}

/** How far a search of many runs is. */
export interface HuntMark {
  /** What it does: "mixed", "verify", "shrink". */
  readonly hunt: string;
  readonly runs: number;
  /** Its bounds: runs, and milliseconds of real time. */
  readonly runsMax: number;
  readonly spentMs: number;
  readonly budgetMs: number;
}

/** Beside a run: hears between two slices how far it is; false when it shall stop. */
export interface Watch {
  turn(mark: () => Mark): boolean;
}

/** What nobody waits for with a hand on Ctrl-C. */
export const UNWATCHED: Watch = { turn: () => true };

/** Events between two looks at the clock: a few milliseconds of work. */
const SLICE = 2_000;

/**
 * Runs a scenario to its end, in slices between which it can be stopped; undefined when it was. A
 * run that was cut by hand is no result: nobody could get it again. `begun` is told of the run
 * before its first event.
 */
export function conduct(
  scenario: Scenario,
  options: ExecuteOptions,
  watch: Watch,
  begun: (execution: Execution) => void = () => {},
): Execution | undefined {
  const execution = new Execution(scenario, options);
  begun(execution);
  const toSend = scenario.systems
    .flatMap((s) => s.deployment.producers)
    .reduce((sum, p) => sum + p.workload.count, 0);
  while (!execution.advance(SLICE)) {
    if (!watch.turn(() => markOf(execution, toSend))) return undefined;
  }
  return execution;
}

function markOf({ ledger, world }: Execution, toSend: number): Mark {
  const producers = ledger.plan.producers.map((_, i) => ledger.operations.measures(i));
  return {
    events: world.events,
    virtualTime: world.now,
    sent: producers.reduce((sum, p) => sum + p.invoked, 0),
    toSend,
    waiting: ledger.subscriptions.reduce((sum, s) => sum + s.behind, 0),
  };
}

/** What the numbers of a run mean. It is asked only once entries come, and then the run exists. */
export function legendOf(scenario: Scenario, execution: () => Execution): Legend {
  const channels: string[] = [];
  for (const { deployment } of scenario.systems) {
    for (const { name, channel } of deployment.channels) channels[channel] = name;
  }
  const numbered = (what: string, id: number, name: string | undefined) => name ?? `${what} ${id}`;
  return {
    node: (id) => execution().world.nameOf(id),
    name: (id) => execution().names.text(id),
    message: (id) => execution().ledger.nameOf(id),
    producer: (id) => numbered('producer', id, execution().ledger.plan.producers[id]),
    channel: (id) => numbered('channel', id, channels[id]),
    stream: (id) => numbered('stream', id, execution().ledger.streams[id]?.name),
    subscription: (id) =>
      numbered('subscription', id, execution().ledger.plan.subscriptions[id]?.name),
    fault: (index) => numbered('fault', index, scenario.faults[index]?.text),
  };
}
