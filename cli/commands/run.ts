import { jsonDocument } from '../../reports/json.ts';
import { briefReport, fullReport, summaryLine, variantsReport } from '../../reports/terminal.ts';
import type { Paint } from '../../reports/text.ts';
import { traceHeader, traceLine, TraceWriter } from '../../reports/trace.ts';
import type { Execution } from '../../scenarios/execute.ts';
import type { Assignment, Scenario } from '../../scenarios/scenario.ts';
import { ENGINE } from '../../scenarios/version.ts';
import type { RunRecord } from '../../sim/history/record.ts';
import { conduct, legendOf } from '../conduct.ts';
import { openScenario } from '../door.ts';
import { Exit, UsageError, worst } from '../exit.ts';
import { exitOf, work, type Done, type Job } from '../job.ts';
import { nameOf } from '../named.ts';
import { LineSink, refuseForeign, writeAll } from '../outfile.ts';
import { Pulse } from '../pulse.ts';
import { err, out, paintFor } from '../streams.ts';
import { tellUsage } from '../tell.ts';

export interface RunOptions {
  readonly seed?: string;
  readonly set?: readonly Assignment[];
  readonly variant?: string;
  readonly json?: boolean;
  readonly trace?: string;
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly token?: boolean;
  readonly saveToken?: string;
  readonly digest?: string;
  readonly color?: boolean;
}

/** `lost-ack run`: each file in turn; what is found goes out as soon as it is known. */
export async function run(files: readonly string[], options: RunOptions): Promise<Exit> {
  refuseContradictions(files, options);
  const paint = paintFor(options.trace === '-' ? process.stderr : process.stdout, options.color);
  const draws = process.stderr.isTTY === true && options.quiet !== true && !process.env.CI;
  const pulse = new Pulse(draws);
  const records: RunRecord[] = [];
  const codes: Exit[] = [];
  try {
    for (const file of files) {
      const code = await runFile(file, files.length > 1, options, pulse, paint, records);
      codes.push(code);
      // A reader that leaves early (`| head`) ends the process with what was found until then.
      process.exitCode = worst(codes);
      if (pulse.interrupted) break;
    }
  } finally {
    pulse.end();
  }
  const several = files.length > 1;
  if (options.json === true && (several || records.length > 0)) out(jsonDocument(records, several));
  if (options.json !== true && several) tellEnd(files, records, options, paint);
  if (pulse.interrupted) err(`${records.length} of ${files.length} finished\n`);
  return worst(codes);
}

function refuseContradictions(files: readonly string[], options: RunOptions): void {
  const one = (flag: string) => {
    if (files.length === 1) return;
    throw new UsageError(`${flag} is about one run, and ${files.length} files are named`);
  };
  if (options.trace !== undefined) one('--trace');
  if (options.saveToken !== undefined) one('--save-token');
  if (options.digest !== undefined) one('--digest');
  if (files.filter((file) => file === '-').length > 1) {
    throw new UsageError('"-" is named twice, and there is one stdin');
  }
  if (options.trace === '-' && options.json === true) {
    throw new UsageError('--trace - and --json both want stdout', 'name a file for the trace');
  }
  if (options.trace !== undefined && options.trace !== '-') {
    refuseForeign(options.trace, '{"format":"lost-ack/trace/', 'trace');
  }
  if (options.saveToken !== undefined) refuseForeign(options.saveToken, 'la1.', 'token');
}

async function runFile(
  file: string,
  several: boolean,
  options: RunOptions,
  pulse: Pulse,
  paint: Paint,
  records: RunRecord[],
): Promise<Exit> {
  const { set = [], strict = false, quiet = false } = options;
  const loaded = await openScenario(
    file,
    { set, strict },
    paintFor(process.stderr, options.color),
    quiet,
  );
  if (loaded === undefined) return Exit.usage;
  const scenario = chosen(loaded, options.variant);
  if (typeof scenario === 'string') {
    tellUsage(new UsageError(`${file}: ${scenario}`), paintFor(process.stderr, options.color));
    return Exit.usage;
  }
  const plain = options.json === true || quiet;
  const job: Job = {
    scenario,
    file: nameOf(file),
    seed: options.seed ?? scenario.seed,
    set,
    overrides: [],
    explains: plain ? 'never' : several ? 'failures' : 'always',
    // A token is many lines of a terminal, and one of a log.
    showsToken: options.token === true ? 'always' : process.stdout.isTTY ? 'never' : 'failures',
  };
  if (options.trace !== undefined) {
    const traced = await writeTrace(job, options.trace, pulse);
    if (!traced) return Exit.interrupted;
  }
  const done = await work(job, pulse);
  if (done === undefined) return Exit.interrupted;
  const cut = done.views.length < 1 + scenario.variants.length;
  records.push(done.record);
  pulse.clear();
  if (options.json !== true) tell(done, several, options, paint);
  if (options.saveToken !== undefined) {
    writeAll(options.saveToken, `${done.record.token}\n`);
    err(`wrote ${options.saveToken}\n`);
  }
  if (cut) return Exit.interrupted;
  return held(done.record, options.digest) ? exitOf(done.record) : Exit.diverged;
}

/** The scenario itself, one of its variants, or why there is no such variant. */
export function chosen(scenario: Scenario, variant: string | undefined): Scenario | string {
  if (variant === undefined) return scenario;
  const found = scenario.variants.find((v) => v.variant === variant);
  if (found !== undefined) return { ...found, variants: [] };
  const names = scenario.variants.map((v) => `"${v.variant}"`);
  if (names.length === 0) return `it has no variants (no "vary:"), and --variant names one`;
  return `no variant "${variant}"; it has ${names.join(', ')}`;
}

/** Does the run come to the digest that it shall come to? */
function held(run: RunRecord, digest: string | undefined): boolean {
  if (digest === undefined || digest === run.digest) return true;
  err(
    `diverged: the digest is ${run.digest}, not ${digest}: the scenario, its settings or the\n` +
      `engine (${ENGINE} here) are not those of that run\n`,
  );
  return false;
}

function tell(done: Done, several: boolean, options: RunOptions, paint: Paint): void {
  const write = options.trace === '-' ? err : out;
  const [own, ...variants] = done.views;
  const ok = own.run.verdict === 'pass';
  if (options.quiet === true) {
    for (const view of done.views.filter((v) => v.run.verdict !== 'pass')) {
      write(`${briefReport(view, paint)}\n`);
    }
    return;
  }
  // Reports of several lines stand apart from each other.
  if (several && !ok) write('\n');
  write(`${several && ok ? briefReport(own, paint) : fullReport(own, paint)}\n`);
  if (variants.length === 0) return;
  write(`\n${variantsReport(done.views, paint)}\n`);
  const worstOne = variants.find((v) => v.run.verdict === done.record.verdict);
  if (worstOne !== undefined && worstOne.run.verdict !== own.run.verdict) {
    write(`\n${fullReport(worstOne, paint)}\n`);
  }
}

function tellEnd(
  files: readonly string[],
  records: readonly RunRecord[],
  options: RunOptions,
  paint: Paint,
): void {
  if (options.quiet === true) return;
  out(
    `\n${summaryLine(
      files.length,
      records.map((r) => r.verdict),
      paint,
    )}\n`,
  );
}

/** The trace of the scenario's own run. Written first: what it costs, nobody pays who does not ask. */
async function writeTrace(job: Job, path: string, pulse: Pulse): Promise<boolean> {
  const { scenario, seed, file } = job;
  const sink = new LineSink(path);
  const { name, variant } = scenario;
  sink.write(traceHeader({ engine: ENGINE, scenario: name, file, variant, seed }));
  let running: Execution | undefined;
  const legend = legendOf(scenario, () => running as Execution);
  const trace = new TraceWriter(legend, (entry) => sink.write(traceLine(entry)));
  const ended = await conduct(scenario, { seed, trace }, pulse, (e) => (running = e));
  sink.close();
  if (path !== '-') err(`wrote ${path}${ended === undefined ? ' (cut)' : ''}\n`);
  return ended !== undefined;
}
