import { fullReport } from '../reports/terminal.ts';
import { cut, plural, visible, wrap, WIDTH } from '../reports/text.ts';
import { UNWATCHED } from '../runs/conduct.ts';
import { explain } from '../runs/explain.ts';
import { execute } from '../scenarios/execute.ts';
import { anomalies } from '../scenarios/runner.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { shrinkFailing, type Shrunk } from '../scenarios/shrink.ts';
import type { ExpectationResult } from '../sim/history/record.ts';
import type { Expectation } from '../sim/invariants/expectation.ts';
import { guarded } from './guard.ts';
import { SimulatedRun } from './run.ts';
import type { Thrown } from './heard.ts';

/** Budgets are of real time, also while own code may not ask for it. */
const { now } = Date;

/** What chat windows and logs take without cutting. */
const HANDY = 2048;

/**
 * Why a matcher fails: the faults that it takes, as a scenario would have them; the run with them,
 * explained; and how to see it again.
 */
export function failureText(
  says: string,
  run: SimulatedRun,
  expectation: Expectation,
  result: ExpectationResult,
): string {
  const { subject } = run;
  const again = new SimulatedRun(subject);
  if (again.record.digest !== run.record.digest) {
    return paragraphs(says, [
      'The same run came out differently the second time: own code keeps something from one run ' +
        'to the next, or asks the machine. What is told of such a run would be of another one.',
    ]);
  }
  const held: Scenario = { ...subject.scenario, expectations: [expectation] };
  return guarded(() => {
    const shrunk = result.verdict === 'violated' ? shrink(run, held, result) : undefined;
    const scenario = shrunk?.scenario ?? held;
    return [
      paragraphs(says, []),
      ...(shrunk === undefined ? [] : [faultsText(shrunk, held)]),
      report(run, { ...scenario, expectations: [expectation] }),
      ...thrownText(run.thrown),
      replayText(run),
    ].join('\n\n');
  });
}

function paragraphs(says: string, more: readonly string[]): string {
  return [says, ...more].flatMap((text) => wrap(visible(text), WIDTH)).join('\n');
}

function shrink(run: SimulatedRun, held: Scenario, result: ExpectationResult): Shrunk | undefined {
  const { subject, record } = run;
  const until = now() + subject.budget;
  const [anomaly] = anomalies({ ...record, expectations: [result] }, held.expectations);
  if (held.faults.length === 0 || subject.budget === 0 || anomaly === undefined) return undefined;
  return shrinkFailing(held, {
    seed: subject.seed,
    anomaly,
    enough: () => now() >= until,
    load: (text) => subject.load(text),
    what: 'faults',
  });
}

/** The faults of the shrunk scenario, ready to be pasted. */
function faultsText({ text, runs, complete, scenario }: Shrunk, { faults }: Scenario): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith('faults:'));
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !line.startsWith(' '));
  const list = start < 0 ? ['faults: []'] : [lines[start], ...rest.slice(0, end)];
  const size = `${faults.length} to ${plural(scenario.faults.length, 'fault')}`;
  const stopped = complete ? '' : '; stopped by its time, so more may go';
  return [`shrunk from ${size} (${plural(runs, 'run')}${stopped}):`, '', ...list.map(visible)].join(
    '\n',
  );
}

function report({ subject }: SimulatedRun, scenario: Scenario): string {
  const { seed, own } = subject;
  const options = { seed };
  const run = { ...execute(scenario, options), file: 'simulate' };
  const why = explain(scenario, options, run, UNWATCHED);
  const code = own.length > 0 ? ' and the same handlers' : '';
  return fullReport({ run, ...why, replay: `simulate() with seed ${seed}, these faults${code}` });
}

function thrownText(thrown: readonly Thrown[]): string[] {
  if (thrown.length === 0) return [];
  const lines = thrown.slice(0, 5).map(({ says, times, process, message }) => {
    const about = message === '' ? process : `${process}, ${message}`;
    return `  ${cut(visible(`${plural(times, 'time')} ${says}  (first: ${about})`), WIDTH - 2)}`;
  });
  return [['own code threw', ...lines].join('\n')];
}

function replayText({ token, subject }: SimulatedRun): string {
  const what =
    subject.own.length > 0
      ? 'The token holds scenario, faults and seed, not the handlers: hand it to simulate() with them.'
      : 'The token is the whole run before it was shrunk: lost-ack replay TOKEN';
  const shown = token.length <= HANDY ? token : '(too long for a message: it is run.token)';
  return `${wrap(what, WIDTH).join('\n')}\ntoken ${shown}`;
}
