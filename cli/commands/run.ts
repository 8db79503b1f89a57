import { jsonDocument } from '../../reports/json.ts';
import { briefReport, fullReport, summaryLine } from '../../reports/terminal.ts';
import { visible, type Paint } from '../../reports/text.ts';
import { listed } from '../../scenarios/nearest.ts';
import type { Assignment, Scenario } from '../../scenarios/scenario.ts';
import { ENGINE } from '../../scenarios/version.ts';
import type { RunRecord } from '../../sim/history/record.ts';
import { Broken, reportBug } from '../bug.ts';
import { openScenario } from '../door.ts';
import { Exit, UsageError, worst } from '../exit.ts';
import { refuseTwoStdins } from '../input.ts';
import { exitOf, work, type Done, type Job } from '../job.ts';
import { nameOf } from '../named.ts';
import { refuseForeign, writeAll } from '../outfile.ts';
import { Pulse } from '../pulse.ts';
import { err, out, paintFor } from '../streams.ts';
import { tellUsage } from '../tell.ts';
import { TRACE_START, writeTrace } from '../tracefile.ts';

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
  const session = new Session(files, options);
  const codes: Exit[] = [];
  try {
    for (const file of files) {
      codes.push(await session.runFile(file));
      // A reader that leaves early (`| head`) ends the process with what was found until then.
      process.exitCode = worst(codes);
      if (session.pulse.interrupted) break;
    }
  } finally {
    session.pulse.end();
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
  if (trace === '-' && json === true) {
    throw new UsageError('--trace - and --json both want stdout', 'name a file for the trace');
  }
  if (trace !== undefined && trace !== '-') refuseForeign(trace, TRACE_START, 'trace');
  if (saveToken !== undefined) refuseForeign(saveToken, 'la1.', 'token');
}

/** One call of `run`: what was asked, and what was found so far. */
class Session {
  readonly pulse: Pulse;
  readonly #files: readonly string[];
  readonly #options: RunOptions;
  readonly #records: RunRecord[] = [];
  readonly #paint: Paint;
  readonly #errorPaint: Paint;
  /** Did the last report take several lines? Then the next one stands apart from it. */
  #apart = false;
  #told = 0;

  constructor(files: readonly string[], options: RunOptions) {
    this.#files = files;
    this.#options = options;
    this.#errorPaint = paintFor(process.stderr, options.color);
    this.#paint =
      options.trace === '-' ? this.#errorPaint : paintFor(process.stdout, options.color);
    const draws = process.stderr.isTTY === true && options.quiet !== true && !process.env.CI;
    this.pulse = new Pulse(draws);
  }

  get #several(): boolean {
    return this.#files.length > 1;
  }

  async runFile(file: string): Promise<Exit> {
    try {
      return await this.#openAndRun(file);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      // The other files are not to blame.
      this.pulse.clear();
      reportBug(error);
      return Exit.bug;
    }
  }

  async #openAndRun(file: string): Promise<Exit> {
    const { set = [], strict = false, quiet = false, variant } = this.#options;
    const loaded = await openScenario(file, { set, strict }, this.#errorPaint, quiet);
    if (loaded === undefined) return Exit.usage;
    const scenario = chosen(loaded, variant);
    if (typeof scenario !== 'string') return this.#run(this.#job(file, scenario));
    tellUsage(new UsageError(`${file}: ${scenario}`), this.#errorPaint);
    return Exit.usage;
  }

  #job(file: string, scenario: Scenario): Job {
    const { seed, set = [], json, quiet, token } = this.#options;
    const plain = json === true || quiet === true;
    return {
      scenario,
      file: nameOf(file),
      seed: seed ?? scenario.seed,
      set,
      overrides: [],
      explains: plain ? 'never' : this.#several ? 'failures' : 'always',
      // A token is many lines of a terminal, and one of a log.
      showsToken: token === true ? 'always' : process.stdout.isTTY ? 'never' : 'failures',
    };
  }

  async #run(job: Job): Promise<Exit> {
    const { trace, json, saveToken, digest } = this.#options;
    if (trace !== undefined && !(await writeTrace(job, trace, this.pulse))) return Exit.interrupted;
    const done = await work(job, this.pulse);
    this.pulse.clear();
    if (done === undefined) return Exit.interrupted;
    const { record, views } = done;
    this.#records.push(record);
    if (json !== true) this.#tell(done);
    if (saveToken !== undefined) {
      writeAll(saveToken, `${record.token}\n`);
      err(`wrote ${saveToken}\n`);
    }
    if (views.length < 1 + job.scenario.variants.length) return Exit.interrupted;
    return held(record, digest) ? exitOf(record) : Exit.diverged;
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
    const { json, quiet } = this.#options;
    const records = this.#records;
    if (json === true) {
      if (this.#several || records.length > 0) out(jsonDocument(records, this.#several));
    } else if (this.#several && quiet !== true) {
      const verdicts = records.map((record) => record.verdict);
      this.#write(summaryLine(this.#files.length, verdicts, this.#paint), true);
    }
    if (this.pulse.interrupted) err(`${records.length} of ${this.#files.length} finished\n`);
  }
}

/** The scenario itself, one of its variants, or why there is no such variant. */
export function chosen(scenario: Scenario, variant: string | undefined): Scenario | string {
  if (variant === undefined) return scenario;
  const found = scenario.variants.find((v) => v.variant === variant);
  if (found !== undefined) return { ...found, variants: [] };
  const names = scenario.variants.map((v) => `"${v.variant}"`);
  if (names.length === 0) return `it has no variants (no "vary:"), and --variant names one`;
  return `no variant "${variant}"; it has ${listed(names)}`;
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
