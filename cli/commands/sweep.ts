import type { Plan } from '../../sim/explore/sweep/plan.ts';
import type { SweepRecord } from '../../sim/explore/sweep/record.ts';
import { Engine } from '../engine.ts';
import { Exit, UsageError } from '../exit.ts';
import { smallest } from '../hunt/after.ts';
import { refuseForeign } from '../outfile.ts';
import { refuseReports, takesStdout } from '../reporting.ts';
import { err, out, paintFor } from '../streams.ts';
import { differing, Journal, JOURNAL_START, type JournalHead } from '../sweep/journal.ts';
import { performAll, planOf, type PerformOptions } from '../sweep/perform.ts';
import { prepare, type Prepared, type SubjectOptions } from '../sweep/prepare.ts';
import { sweepRecordOf, tell, type TellOptions } from '../sweep/result.ts';

export interface SweepOptions extends SubjectOptions, PerformOptions, TellOptions {
  readonly shard?: string;
  readonly save?: string;
  readonly resume?: string;
  readonly shrink?: boolean;
}

const SEEDS = 100;

/** `lost-ack sweep`: one scenario, many seeds and configurations. */
export async function sweep(file: string, options: SweepOptions, entry: URL): Promise<Exit> {
  const shard = shardOf(options.shard);
  if (options.save !== undefined && options.resume !== undefined) {
    throw new UsageError('--save begins a file and --resume continues one', 'use one of them');
  }
  if (shard.of > 1 && options.stopAfter !== undefined) {
    throw new UsageError('--stop-after would stop each shard elsewhere', 'leave one of them out');
  }
  refuseReports(options.report ?? [], options.json === true);
  const errorPaint = paintFor(process.stderr, options.color);
  const prepared = await prepare([file], options, SEEDS, errorPaint);
  if (prepared === undefined) return Exit.usage;
  const plan = planOf(prepared, shard);
  const journal = journalOf(options, prepared, plan);
  const performed = await performAll(prepared, plan, options, journal, entry);
  if (journal !== undefined) {
    journal.close();
    err(`wrote ${journal.path}\n`);
  }
  const record = sweepRecordOf(prepared, plan, performed);
  const code = tell(record, performed, options);
  if (code === Exit.failed) await tellSmallest(record, prepared, options, entry);
  return code;
}

/** Of the first failing run of the first configuration that has one. */
async function tellSmallest(
  record: SweepRecord,
  { subject }: Prepared,
  { shrink = true, json, quiet, color, report = [] }: SweepOptions,
  entry: URL,
): Promise<void> {
  const failing = record.configurations.find((c) => c.firstFailing !== undefined);
  if (!shrink || json === true || quiet === true || takesStdout(report)) return;
  if (failing?.firstFailing === undefined) return;
  const [{ text, file }] = subject.sources;
  const { seed } = failing.firstFailing;
  const failed = { text, file, seed, set: failing.set, variant: failing.variant };
  const engine = new Engine(entry, false);
  const paint = paintFor(process.stdout, color);
  out(await smallest(engine, failed, paint).finally(() => engine.end()));
}

function shardOf(text: string | undefined): Plan['shard'] {
  if (text === undefined) return { nr: 1, of: 1 };
  const match = /^(\d{1,5})\/(\d{1,5})$/.exec(text);
  const [nr, of] = match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
  if (nr >= 1 && nr <= of) return { nr, of };
  throw new UsageError(`--shard ${text}: is no share`, 'write 1/3, 2/3 and 3/3');
}

function journalOf(
  { save, resume }: SweepOptions,
  { subject }: Prepared,
  plan: Plan,
): Journal | undefined {
  const { shard, configurations } = plan;
  const head: JournalHead = { format: 'lost-ack/batches/1', subject, configurations, shard };
  if (resume !== undefined) {
    const journal = Journal.open(resume, 'r+');
    if (journal === undefined) return Journal.begin(resume, head);
    if (JSON.stringify(journal.head) !== JSON.stringify(head)) {
      throw new UsageError(
        `${resume}: is of another sweep: ${differing(journal.head, head)} differs`,
        'sweep as then, or --save to another file',
      );
    }
    journal.trim();
    return journal;
  }
  const path = save ?? (shard.of > 1 ? `sweep-${shard.nr}-of-${shard.of}.jsonl` : undefined);
  if (path === undefined) return undefined;
  refuseForeign(path, JOURNAL_START, 'file of finished batches');
  return Journal.begin(path, head);
}
