import { suiteOfSweep } from '../../reports/suite.ts';
import { sweepReport } from '../../reports/sweep.ts';
import { ENGINE } from '../../scenarios/version.ts';
import { ownRuns, type Plan } from '../../sim/explore/sweep/plan.ts';
import { recordOf, sweepRecord, type SweepRecord } from '../../sim/explore/sweep/record.ts';
import { seedsText } from '../../sim/explore/sweep/seeds.ts';
import { reportBug } from '../bug.ts';
import { Exit, exitOf } from '../exit.ts';
import type { ReportOrder } from '../report-order.ts';
import { takesStdout, writeReports } from '../reporting.ts';
import { out, paintFor } from '../streams.ts';
import type { Performed } from './perform.ts';
import type { Prepared } from './prepare.ts';
import { headOf } from './subject.ts';

export function sweepRecordOf(
  { subject, configurations }: Prepared,
  plan: Plan,
  { end, tallies }: Performed,
): SweepRecord {
  const [{ file }] = subject.sources;
  const [{ scenario }] = configurations;
  const { nr, of } = plan.shard;
  const head = {
    ...{ engine: ENGINE, scenario: scenario.name, file, seeds: seedsText(subject.seeds) },
    ...(of === 1 ? {} : { shard: `${nr}/${of}` }),
    ended: end,
  };
  const records = configurations.map((c, i) => recordOf(headOf(subject, c), tallies[i]));
  return sweepRecord(head, ownRuns(plan), records);
}

export interface TellOptions {
  readonly json?: boolean;
  readonly color?: boolean;
  readonly report?: readonly ReportOrder[];
}

/** Says what was found. */
export function tell(
  record: SweepRecord,
  performed: Performed,
  { json, color, report = [] }: TellOptions,
): Exit {
  if (json === true) out(`${JSON.stringify(record, null, 2)}\n`);
  else if (!takesStdout(report)) out(`${sweepReport(record, paintFor(process.stdout, color))}\n`);
  if (report.length > 0) writeReports(report, [suiteOfSweep(record)]);
  return exitOfSweep(record, performed);
}

/** Interrupted, or ended by a bug of ours, which is reported; undefined: neither. */
export function exitOfBroken(
  { file, ended }: Pick<SweepRecord, 'file' | 'ended'>,
  { tallies }: Performed,
): Exit | undefined {
  const broke = tallies.flatMap((tally) => tally.broke)[0];
  if (broke !== undefined) reportBug(broke.stack, file, broke);
  if (ended === 'interrupted') return Exit.interrupted;
  return broke === undefined ? undefined : Exit.bug;
}

/** What the process says by its exit code; a bug of ours is reported on the way. */
export function exitOfSweep(record: SweepRecord, performed: Performed): Exit {
  const code = exitOfBroken(record, performed);
  if (code !== undefined) return code;
  if (record.ended === 'incomplete' && record.verdict === 'pass') return Exit.inconclusive;
  return exitOf(record.verdict);
}
