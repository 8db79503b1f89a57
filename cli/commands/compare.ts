import { compareReport } from '../../reports/compare.ts';
import { suiteOfComparison } from '../../reports/suite.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import {
  compareRecord,
  type Baseline,
  type CompareRecord,
} from '../../sim/explore/sweep/compare.ts';
import { countSeeds } from '../../sim/explore/sweep/seeds.ts';
import { Exit, UsageError } from '../exit.ts';
import { refuseTwoStdins } from '../input.ts';
import type { ReportOrder } from '../report-order.ts';
import { refuseReports, takesStdout, writeReports } from '../reporting.ts';
import { out, paintFor } from '../streams.ts';
import { performAll, planOf, type Performed, type PerformOptions } from '../sweep/perform.ts';
import { prepare, type Prepared, type SubjectOptions } from '../sweep/prepare.ts';
import { readBaseline, readRules } from '../sweep/regressions.ts';
import { exitOfBroken, exitOfSweep, sweepRecordOf } from '../sweep/result.ts';
import type { Configuration } from '../sweep/subject.ts';

export interface CompareOptions extends SubjectOptions, PerformOptions {
  readonly json?: boolean;
  readonly color?: boolean;
  readonly report?: readonly ReportOrder[];
  readonly baseline?: string;
  readonly failOn?: string;
}

const SEEDS = 100;
/** Beyond, what each run measured is not kept: memory would follow the runs. */
const SAMPLES_MAX = 100_000;
/** A column has a letter. */
const COLUMNS_MAX = 26;

/** `lost-ack compare`: the same seeds for several configurations, side by side. */
export async function compare(
  files: readonly string[],
  options: CompareOptions,
  entry: URL,
): Promise<Exit> {
  refuseTwoStdins(files);
  const { report = [] } = options;
  refuseReports(report, options.json === true);
  const rules = options.failOn === undefined ? [] : readRules(options.failOn);
  const baseline = options.baseline === undefined ? undefined : readBaseline(options.baseline);
  const paint = paintFor(process.stderr, options.color);
  const read = await prepare(files, seedsLike(options, baseline), SEEDS, paint);
  if (read === undefined) return Exit.usage;
  const { configurations } = read;
  if (configurations.length < 2 && baseline === undefined) {
    throw new UsageError(
      'there is one configuration, and nothing to compare it with',
      'name several files, add "vary:" to the scenario, or use --vary path=v1,v2',
    );
  }
  if (configurations.length > COLUMNS_MAX) {
    throw new UsageError(
      `${configurations.length} configurations; ${COLUMNS_MAX} can be compared`,
      '"lost-ack sweep" takes more',
    );
  }
  const prepared = withSamples(read, rules.length > 0 || baseline !== undefined);
  const plan = planOf(prepared, { nr: 1, of: 1 });
  const performed = await performAll(prepared, plan, options, undefined, entry);
  const sweep = sweepRecordOf(prepared, plan, performed);
  const samples = performed.tallies.map((tally) => tally.samples);
  const record = compareRecord(sweep, differences(configurations), samples, baseline, rules);
  if (options.json === true) out(`${JSON.stringify(record, null, 2)}\n`);
  else if (!takesStdout(report)) {
    out(`${compareReport(record, paintFor(process.stdout, options.color))}\n`);
  }
  if (report.length > 0) writeReports(report, [suiteOfComparison(record)]);
  return rules.length === 0 ? exitOfSweep(sweep, performed) : exitOfRules(record, performed);
}

/** An earlier comparison says which seeds it had, unless somebody wants others. */
function seedsLike(options: CompareOptions, baseline: Baseline | undefined): CompareOptions {
  const { seeds, count } = options;
  if (baseline === undefined || seeds !== undefined || count !== undefined) return options;
  return { ...options, seeds: baseline.seeds };
}

function withSamples(read: Prepared, needed: boolean): Prepared {
  const { subject, configurations } = read;
  const runs = countSeeds(subject.seeds) * configurations.length;
  if (runs <= SAMPLES_MAX) return { ...read, subject: { ...subject, keepsSamples: true } };
  if (!needed) return read;
  const hint = 'give fewer seeds: --count 1000';
  throw new UsageError(`${runs} runs; ${SAMPLES_MAX} can be compared seed by seed`, hint);
}

/**
 * With rules it is they that decide: what a scenario expects may be violated before and after, as a
 * scenario that shows something does.
 */
function exitOfRules(record: CompareRecord, performed: Performed): Exit {
  const { regressions = [], ended } = record;
  const code = exitOfBroken(record, performed);
  if (code !== undefined) return code;
  if (regressions.some(({ verdict }) => verdict === 'violated')) return Exit.failed;
  const sure = ended === 'finished' && regressions.every(({ verdict }) => verdict === 'holds');
  return sure ? Exit.asExpected : Exit.inconclusive;
}

/** What besides the settings is not the same: then the difference may come from there. */
function differences(configurations: readonly Configuration[]): string[] {
  const parts: readonly (readonly [string, (scenario: Scenario) => unknown])[] = [
    ['the faults', ({ faults }) => faults.map(({ text }) => text)],
    [
      'the messages sent',
      ({ systems }) =>
        systems.flatMap(({ deployment }) =>
          deployment.producers.map(({ name, workload }) => [name, workload.count]),
        ),
    ],
  ];
  return parts.flatMap(([name, of]) => {
    const kinds = new Set(configurations.map(({ scenario }) => JSON.stringify(of(scenario))));
    return kinds.size > 1 ? [name] : [];
  });
}
