import { jsonDocument } from '../../reports/json.ts';
import { briefReport, fullReport, summaryLine } from '../../reports/terminal.ts';
import { suiteOfMistakes, suiteOfRuns, type Suite } from '../../reports/suite.ts';
import { visible, type Paint } from '../../reports/text.ts';
import type { Assignment } from '../../scenarios/scenario.ts';
import { ENGINE } from '../../scenarios/version.ts';
import type { RunRecord } from '../../sim/history/record.ts';
import { reportBug } from '../bug.ts';
import { open, tellProblems } from '../door.ts';
import { Engine } from '../engine.ts';
import { Exit, exitOf, UsageError, worst } from '../exit.ts';
import { refuseTwoStdins } from '../input.ts';
import { smallest } from '../hunt/after.ts';
import { nameOf } from '../named.ts';
import type { Answer, Done, Order } from '../order.ts';
import { refuseForeign, writeAll } from '../outfile.ts';
import type { ReportOrder } from '../report-order.ts';
import { refuseReports, takesStdout, writeReports } from '../reporting.ts';
import { err, out, paintFor } from '../streams.ts';
import { tellUsage } from '../tell.ts';

/** How every trace file of ours begins. */
const TRACE_START = '{"format":"lost-ack/trace/';

export interface RunOptions {
  readonly seed?: string;
  readonly set?: readonly Assignment[];
  readonly variant?: string;
  readonly json?: boolean;
  readonly report?: readonly ReportOrder[];
  readonly trace?: string;
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly token?: boolean;
  readonly saveToken?: string;
  readonly digest?: string;
  readonly color?: boolean;
  readonly shrink?: boolean;
}

/** `lost-ack run`: each file in turn; what is found goes out as soon as it is known. */
export async function run(
  files: readonly string[],
  options: RunOptions,
  entry: URL,
): Promise<Exit> {
  refuseContradictions(files, options);
  const draws = process.stderr.isTTY === true && options.quiet !== true && !process.env.CI;
  const engine = new Engine(entry, draws);
  const session = new Session(files, options, engine);
  const codes: Exit[] = [];
  try {
    for (const file of files) {
      codes.push(await session.runFile(file));
      // A reader that leaves early (`| head`) ends the process with what was found until then.
      process.exitCode = worst(codes);
      if (engine.interrupted) break;
    }
  } finally {
    await engine.end();
  }
  session.end();
  return worst(codes);
}

function refuseContradictions(files: readonly string[], options: RunOptions): void {
  const { trace, saveToken, digest, json } = options;
  for (const [flag, value] of [
    ['--trace', trace],
    ['--save-token', saveToken],
    ['--digest', digest],
  ]) {
    if (value === undefined || files.length === 1) continue;
    throw new UsageError(`${flag} is about one run, and ${files.length} files are named`);
  }
  refuseTwoStdins(files);
  refuseReports(options.report ?? [], json === true);
  if (trace === '-' && json === true) {
    throw new UsageError('--trace - and --json both want stdout', 'name a file for the trace');
  }
  if (trace !== undefined && trace !== '-') refuseForeign(trace, TRACE_START, 'trace');
  if (saveToken !== undefined) refuseForeign(saveToken, 'la1.', 'token');
}

/** One call of `run`: what was asked, and what was found so far. */
class Session {
  readonly #engine: Engine;
  readonly #files: readonly string[];
  readonly #options: RunOptions;
  readonly #records: RunRecord[] = [];
  readonly #suites: Suite[] = [];
  readonly #paint: Paint;
  readonly #errorPaint: Paint;
  /** Did the last report take several lines? Then the next one stands apart from it. */
  #apart = false;
  #told = 0;

  constructor(files: readonly string[], options: RunOptions, engine: Engine) {
    this.#engine = engine;
    this.#files = files;
    this.#options = options;
    this.#errorPaint = paintFor(process.stderr, options.color);
    this.#paint =
      options.trace === '-' ? this.#errorPaint : paintFor(process.stdout, options.color);
  }

  get #several(): boolean {
    return this.#files.length > 1;
  }

  async runFile(path: string): Promise<Exit> {
    const text = await open(path, this.#errorPaint);
    const file = nameOf(path);
    if (text === undefined) {
      this.#suites.push(suiteOfMistakes(file, []));
      return Exit.usage;
    }
    const answer = await this.#engine.perform(this.#order(text, file));
    const { trace, quiet = false } = this.#options;
    if ('problems' in answer) tellProblems(file, answer.problems, this.#errorPaint, quiet);
    if (answer.is !== 'stopped') this.#suites.push(suiteOf(file, answer));
    switch (answer.is) {
      case 'done':
        if (trace !== undefined && trace !== '-') err(`wrote ${trace}\n`);
        return this.#found(answer, text, file);
      case 'stopped':
        return Exit.interrupted;
      case 'mistakes':
        return Exit.usage;
      case 'misused':
        tellUsage(new UsageError(answer.says, answer.hint), this.#errorPaint);
        return Exit.usage;
      case 'broken':
        reportBug(answer.stack, file, answer.run);
        return Exit.bug;
      case 'unread':
        return process.exit();
    }
  }

  #order(text: string, file: string): Order {
    const { seed, set = [], strict = false, variant, trace, json, quiet, token } = this.#options;
    const { report = [] } = this.#options;
    const plain = (json === true || quiet === true) && report.length === 0;
    return {
      text,
      file,
      seed,
      set,
      strict,
      variant,
      alone: false,
      overrides: [],
      explains: plain ? 'never' : this.#several ? 'failures' : 'always',
      // A token is many lines of a terminal, and one of a log.
      showsToken: token === true ? 'always' : process.stdout.isTTY ? 'never' : 'failures',
      trace,
    };
  }

  async #found(done: Done, text: string, file: string): Promise<Exit> {
    const { json, saveToken, digest } = this.#options;
    const { record } = done;
    this.#records.push(record);
    if (json !== true && !takesStdout(this.#options.report ?? [])) this.#tell(done);
    if (saveToken !== undefined) {
      writeAll(saveToken, `${record.token}\n`);
      err(`wrote ${saveToken}\n`);
    }
    if (!done.complete) return Exit.interrupted;
    await this.#shrink(done, text, file);
    return held(record, digest) ? exitOf(record.verdict) : Exit.diverged;
  }

  /** Of one run that is not as expected: the smallest scenario that is so in the same way. */
  async #shrink({ views }: Done, text: string, file: string): Promise<void> {
    const { shrink = true, json, quiet, trace, set = [], report = [] } = this.#options;
    if (!shrink || json === true || quiet === true || trace === '-' || this.#several) return;
    if (takesStdout(report)) return;
    const run = views.find((view) => view.run.verdict === 'fail')?.run;
    if (run === undefined) return;
    const failed = { text, file, seed: run.seed, set, variant: run.variant };
    this.#engine.progress.clear();
    out(await smallest(this.#engine, failed, this.#paint));
  }

  #tell({ views, record }: Done): void {
    if (this.#options.quiet === true) {
      for (const view of views.filter((v) => v.run.verdict !== 'pass')) {
        this.#write(briefReport(view, this.#paint), false);
      }
      return;
    }
    const [first, ...others] = views;
    const own = { ...first, variants: others.map((view) => view.run) };
    const worse = others.find((view) => view.run.verdict === record.verdict);
    if (this.#several && record.verdict === 'pass') {
      this.#write(briefReport(own, this.#paint), false);
    } else this.#write(fullReport(own, this.#paint), true);
    if (worse !== undefined && own.run.verdict !== record.verdict) {
      this.#write(fullReport(worse, this.#paint), true);
    }
  }

  #write(report: string, apart: boolean): void {
    const blank = this.#apart || (apart && this.#told > 0) ? '\n' : '';
    this.#apart = apart;
    this.#told++;
    const write = this.#options.trace === '-' ? err : out;
    write(`${blank}${report}\n`);
  }

  /** What is said once, after the last file. */
  end(): void {
    const { json, quiet, report = [] } = this.#options;
    const records = this.#records;
    if (json === true) {
      if (this.#several || records.length > 0) out(jsonDocument(records, this.#several));
    } else if (this.#several && quiet !== true && !takesStdout(report)) {
      const verdicts = records.map((record) => record.verdict);
      this.#write(summaryLine(this.#files.length, verdicts, this.#paint), true);
    }
    if (report.length > 0) writeReports(report, this.#suites);
    if (this.#engine.interrupted) err(`${records.length} of ${this.#files.length} finished\n`);
  }
}

function suiteOf(file: string, answer: Answer): Suite {
  const problems = 'problems' in answer ? answer.problems : [];
  if (answer.is === 'done') return { ...suiteOfRuns(file, answer.views), problems };
  return suiteOfMistakes(file, problems, answer.is === 'broken' ? answer.stack : undefined);
}

/** Does the run come to the digest that it shall come to? */
function held(run: RunRecord, digest: string | undefined): boolean {
  if (digest === undefined || digest === run.digest) return true;
  err(
    `diverged: the digest is ${run.digest}, not ${visible(digest)}:\n` +
      `the scenario, its settings or the engine (${ENGINE} here) are not those of that run\n`,
  );
  return false;
}
