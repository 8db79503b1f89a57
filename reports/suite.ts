import type { RunRecord } from '../sim/history/record.ts';
import type { ConfigurationRecord, SweepRecord } from '../sim/explore/sweep/record.ts';
import type { CompareRecord } from '../sim/explore/sweep/compare.ts';
import { compareReport } from './compare.ts';
import { problemText, type SourceProblem } from './problems.ts';
import { sweepReport } from './sweep.ts';
import type { Paired } from '../sim/explore/sweep/pairs.ts';
import { formatTime } from '../sim/kernel/time.ts';
import { fullReport, type RunView } from './terminal.ts';
import { count, plural } from './text.ts';

/** What became of one scenario, as programs read it that know of tests and nothing of runs. */
export interface Suite {
  readonly file: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
  /** Why nothing was run: mistakes, or a bug of ours. */
  readonly broken?: { readonly type: 'mistakes' | 'bug'; readonly says: string };
  readonly problems: readonly SourceProblem[];
  /** Reports for people of what is not as expected. */
  readonly details: readonly string[];
}

/** One claim, put to the test: an expectation of a run, or of many runs of one configuration. */
export interface Case {
  readonly name: string;
  readonly verdict: 'pass' | 'fail' | 'unsure';
  readonly says: string;
  /** What kind of claim it is: "duplicates.effects". */
  readonly type: string;
  readonly line?: number;
  /** A sentence of why, and the command that shows it. */
  readonly why: string;
  readonly replay: string;
  /** The whole report of what it is about. */
  readonly details: string;
}

/** A file that was run: its own run and those of its variants. */
export function suiteOfRuns(file: string, views: readonly RunView[]): Suite {
  const [{ run }] = views;
  const failing = views.filter((view) => view.run.verdict !== 'pass');
  return {
    file,
    name: run.scenario,
    properties: { seed: run.seed, engine: run.engine, digest: run.digest },
    cases: views.flatMap(casesOfRun),
    problems: [],
    details: failing.map((view) => fullReport(view)),
  };
}

/** A file that was not run. */
export function suiteOfMistakes(
  file: string,
  problems: readonly SourceProblem[],
  stack?: string,
): Suite {
  const wrong = problems.filter((p) => p.severity === 'error').map((p) => problemText(p));
  const says = stack ?? wrong.join('\n\n');
  const type = stack === undefined ? 'mistakes' : 'bug';
  const broken = { type, says } as const;
  return { file, name: file, properties: {}, cases: [], broken, problems, details: [says] };
}

/** A run that proves nothing proves none of its expectations; without any it is one case. */
function casesOfRun(view: RunView): Case[] {
  const { run, story, replay } = view;
  const prefix = run.variant === undefined ? '' : `${run.variant}: `;
  const why = story?.witness.says ?? '';
  const details = run.verdict === 'pass' ? '' : fullReport(view);
  if (run.expectations.length === 0) {
    const sure = run.verdict === 'pass';
    const says = sure ? 'nothing is expected of it' : doubtOf(run);
    const verdict = sure ? 'pass' : 'unsure';
    return [{ name: `${prefix}runs`, verdict, says, type: 'run', why, replay, details }];
  }
  return run.expectations.map((expectation): Case => {
    const { name, expected, actual, line } = expectation;
    const unsure = run.verdict === 'inconclusive' || expectation.verdict === 'unknown';
    const violated = expectation.verdict === 'violated';
    return {
      name: `${prefix}${name} ${expected}`,
      verdict: unsure ? 'unsure' : violated ? 'fail' : 'pass',
      says: unsure ? (expectation.why ?? doubtOf(run)) : `expected ${expected}, got ${actual}`,
      type: name,
      ...(line === undefined || line === 0 ? {} : { line }),
      ...{ why, replay, details },
    };
  });
}

function doubtOf({ faults, actions = [], ended }: RunRecord): string {
  const silent = faults.find((fault) => fault.fired === 0);
  if (silent !== undefined) return `never fired: ${silent.fault}`;
  const undone = actions.find((action) => !action.done);
  return undone === undefined ? `the run was cut (${ended})` : `not done: ${undone.action}`;
}

/** A case for each expectation of each configuration, not for each of a thousand seeds. */
export function suiteOfSweep(sweep: SweepRecord): Suite {
  const { file, scenario, engine, seeds, configurations, verdict } = sweep;
  const details = verdict === 'pass' ? '' : sweepReport(sweep);
  return {
    file,
    name: scenario,
    properties: { seeds, engine },
    cases: configurations.flatMap((c) => casesOfConfiguration(c, details)),
    problems: [],
    details: details === '' ? [] : [details],
  };
}

function casesOfConfiguration(own: ConfigurationRecord, details: string): Case[] {
  const { name, runs, expectations, firstFailing, verdict } = own;
  const prefix = name === '' ? '' : `${name}: `;
  const replay = firstFailing?.replay ?? '';
  const general = { why: '', replay, details };
  const all = plural(runs.done, 'run');
  if (expectations.length === 0) {
    const says = `${count(runs.passed)} of ${all} prove something`;
    const is = verdict === 'pass' ? 'pass' : 'unsure';
    return [{ name: `${prefix}runs`, verdict: is, says, type: 'run', ...general }];
  }
  return expectations.map((expectation): Case => {
    const { expected, violated, unknown, line } = expectation;
    const unsure = unknown > 0 || runs.inconclusive > 0 || runs.broken > 0 || runs.done === 0;
    return {
      name: `${prefix}${expectation.name} ${expected}`,
      verdict: violated > 0 ? 'fail' : unsure ? 'unsure' : 'pass',
      says:
        violated > 0
          ? `violated in ${count(violated)} of ${all}`
          : `held in ${all}, of which ${count(runs.inconclusive + runs.broken)} prove nothing`,
      type: expectation.name,
      ...(line === undefined || line === 0 ? {} : { line }),
      ...general,
    };
  });
}

/** With rules a case for each of them and each column; without, for each column. */
export function suiteOfComparison(record: CompareRecord): Suite {
  const { file, scenario, engine, seeds, columns, regressions } = record;
  const report = compareReport(record);
  const named = (column: string) => (column === '' ? '(as written)' : column);
  const general = { why: '', replay: '', details: report };
  const ofRules = regressions?.map(({ rule, column, verdict, why = '', paired }): Case => {
    const mean = paired === undefined ? '' : `mean difference ${meanText(paired)}`;
    return {
      name: `${named(column)}: ${rule}`,
      verdict: verdict === 'holds' ? 'pass' : verdict === 'violated' ? 'fail' : 'unsure',
      says: verdict === 'unknown' ? why : `${mean} over the same seeds`,
      type: rule,
      ...general,
    };
  });
  const ofColumns = columns.map(({ name, verdict, runs }): Case => {
    const says = `${count(runs.failed)} of ${plural(runs.done, 'run')} not as expected`;
    const is = verdict === 'pass' ? 'pass' : verdict === 'fail' ? 'fail' : 'unsure';
    return { name: named(name), verdict: is, says, type: 'column', ...general };
  });
  const cases = ofRules ?? ofColumns;
  const details = cases.every((c) => c.verdict === 'pass') ? [] : [report];
  const properties = { seeds, engine };
  return { file, name: scenario, properties, cases, problems: [], details };
}

function meanText({ meanMilli, unit }: Paired): string {
  const sign = meanMilli < 0 ? '-' : '+';
  const size = Math.abs(meanMilli);
  return unit === 'us' ? sign + formatTime(Math.round(size / 1000)) : `${sign}${size / 1000}`;
}
