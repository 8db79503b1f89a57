import { ENGINE } from '../../scenarios/version.ts';
import { ownBatches } from '../../sim/explore/sweep/plan.ts';
import { Tally } from '../../sim/explore/sweep/tally.ts';
import { count } from '../../reports/text.ts';
import { type Exit, UsageError } from '../exit.ts';
import { refuseReports } from '../reporting.ts';
import { err } from '../streams.ts';
import { differing, Journal } from '../sweep/journal.ts';
import { planOf } from '../sweep/perform.ts';
import { sweepRecordOf, tell, type TellOptions } from '../sweep/result.ts';
import { configurationsOf } from '../sweep/subject.ts';

/** `lost-ack merge`: the shards of a sweep as if it had been one. */
export function merge(files: readonly string[], options: TellOptions): Exit {
  refuseReports(options.report ?? [], options.json === true);
  const journals = files.map(opened);
  const [{ head }] = journals;
  const whole = { nr: 1, of: 1 };
  for (const journal of journals) {
    const [mine, first] = [journal.head, head].map((h) => ({ ...h, shard: whole }));
    if (JSON.stringify(mine) !== JSON.stringify(first)) {
      const what = differing(mine, first);
      throw new UsageError(`${journal.path}: is of another sweep: ${what} differs`);
    }
  }
  const { subject } = head;
  if (subject.engine !== ENGINE) {
    throw new UsageError(
      `the files are of engine ${subject.engine}, and this is ${ENGINE}`,
      `npx lost-ack@${subject.engine} merge`,
    );
  }
  const { configurations } = configurationsOf(subject, false);
  const plan = planOf({ subject, configurations }, whole);
  const tallies = configurations.map(() => new Tally());
  let missing = 0;
  for (const batch of ownBatches(plan)) {
    const journal = journals.find((j) => j.has(batch.index));
    if (journal === undefined) missing += batch.count;
    else tallies[batch.configuration].merge(journal.read(batch.index));
  }
  if (missing > 0) err(`${count(missing)} runs are in none of the files\n`);
  const end = missing === 0 ? ('finished' as const) : ('incomplete' as const);
  const performed = { end, tallies: tallies.map((tally) => tally.data()) };
  return tell(sweepRecordOf({ subject, configurations }, plan, performed), performed, options);
}

function opened(path: string): Journal {
  const journal = Journal.open(path, 'r');
  if (journal !== undefined) return journal;
  throw new UsageError(`${path}: no such file, or nothing in it`, '"sweep --shard" writes them');
}
