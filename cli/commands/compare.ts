import { compareReport } from '../../reports/compare.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { compareRecord } from '../../sim/explore/sweep/compare.ts';
import { Exit, UsageError } from '../exit.ts';
import { refuseTwoStdins } from '../input.ts';
import { out, paintFor } from '../streams.ts';
import { performAll, planOf, type PerformOptions } from '../sweep/perform.ts';
import { prepare, type SubjectOptions } from '../sweep/prepare.ts';
import { exitOfSweep, sweepRecordOf } from '../sweep/result.ts';
import type { Configuration } from '../sweep/subject.ts';

export interface CompareOptions extends SubjectOptions, PerformOptions {
  readonly json?: boolean;
  readonly color?: boolean;
}

const SEEDS = 100;
/** A column has a letter. */
const COLUMNS_MAX = 26;

/** `lost-ack compare`: the same seeds for several configurations, side by side. */
export async function compare(
  files: readonly string[],
  options: CompareOptions,
  entry: URL,
): Promise<Exit> {
  refuseTwoStdins(files);
  const prepared = await prepare(files, options, SEEDS, paintFor(process.stderr, options.color));
  if (prepared === undefined) return Exit.usage;
  const { configurations } = prepared;
  if (configurations.length < 2) {
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
  const plan = planOf(prepared, { nr: 1, of: 1 });
  const performed = await performAll(prepared, plan, options, undefined, entry);
  const sweep = sweepRecordOf(prepared, plan, performed);
  const record = compareRecord(sweep, differences(configurations));
  if (options.json === true) out(`${JSON.stringify(record, null, 2)}\n`);
  else out(`${compareReport(record, paintFor(process.stdout, options.color))}\n`);
  return exitOfSweep(sweep, performed);
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
