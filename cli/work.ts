import { basename } from 'node:path';
import type { RunView } from '../reports/terminal.ts';
import type { ExecuteOptions } from '../scenarios/execute.ts';
import { loadScenario } from '../scenarios/load.ts';
import { listed } from '../scenarios/nearest.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { ENGINE } from '../scenarios/version.ts';
import { pathText } from '../sim/history/milestones.ts';
import type { RunRecord, RunVerdict } from '../sim/history/record.ts';
import { stackOf } from './bug.ts';
import { conduct } from '../runs/conduct.ts';
import { UsageError } from './exit.ts';
import { explain } from '../runs/explain.ts';
import { asFile, quoted } from './named.ts';
import type { Answer, BrokenRun, Order } from './order.ts';
import { Unread } from './outfile.ts';
import type { Pulse } from './pulse.ts';
import { HANDY, writeToken } from '../runs/token.ts';
import { writeTrace } from './tracefile.ts';

/** Loads and runs what is ordered. Whatever happens becomes an answer; nothing is thrown. */
export function perform(order: Order, pulse: Pulse): Answer {
  try {
    const { text, file, set, strict } = order;
    const { scenario, problems } = loadScenario(text, file, { set, strict });
    if (scenario === undefined) return { is: 'mistakes', problems };
    const chosen = choose(scenario, order.variant);
    const job = { ...order, seed: order.seed ?? chosen.seed };
    if (order.trace !== undefined && !writeTrace(job, chosen, order.trace, pulse)) {
      return { is: 'stopped', problems };
    }
    return {
      ...runAll(job, order.alone ? [chosen] : [chosen, ...chosen.variants], pulse),
      problems,
    };
  } catch (error) {
    return answerTo(error);
  }
}

/** What becomes of an error, whatever was ordered. */
type Refusal = Extract<Answer, { is: 'misused' | 'unread' | 'broken' }>;

/** An order whose seed is settled. */
type Job = Order & { readonly seed: string };

export function answerTo(error: unknown): Refusal {
  if (error instanceof UsageError) return { is: 'misused', says: error.message, hint: error.hint };
  if (error instanceof Unread) return { is: 'unread' };
  if (error instanceof Broken) return { is: 'broken', stack: stackOf(error.cause), run: error.run };
  return { is: 'broken', stack: stackOf(error) };
}

/** The scenario itself, or the one of its variants that is asked for. */
export function choose(scenario: Scenario, variant: string | undefined): Scenario {
  if (variant === undefined) return scenario;
  const found = scenario.variants.find((v) => v.variant === variant);
  if (found !== undefined) return { ...found, variants: [] };
  const names = scenario.variants.map((v) => `"${v.variant}"`);
  const has =
    names.length === 0 ? 'it has no variants (no "vary:")' : `its variants are ${listed(names)}`;
  throw new UsageError(`${scenario.file}: no variant "${variant}"`, has);
}

function runAll(job: Job, scenarios: readonly Scenario[], pulse: Pulse) {
  const views: RunView[] = [];
  const unasked: string[] = [];
  for (const scenario of scenarios) {
    const view = runOne(job, scenario, pulse, unasked);
    if (view === undefined) break;
    views.push(view);
  }
  if (views.length === 0) return { is: 'stopped' as const };
  const record = merged(views.map((view) => view.run));
  return {
    is: 'done' as const,
    views,
    record,
    unasked,
    complete: views.length === scenarios.length,
  };
}

function runOne(
  job: Job,
  scenario: Scenario,
  pulse: Pulse,
  unasked: string[],
): RunView | undefined {
  const options: ExecuteOptions = { seed: job.seed, overrides: new Map(job.overrides) };
  try {
    const execution = conduct(scenario, options, pulse);
    if (execution === undefined) return undefined;
    unasked.push(...execution.unasked);
    const bare = execution.record();
    const token = tokenOf(job, scenario, bare.engine, bare.digest, pathText(bare.path));
    const run = { ...bare, file: job.file, token };
    const wanted =
      job.explains === 'always' || (job.explains === 'failures' && run.verdict !== 'pass');
    const why = wanted ? explain(scenario, options, run, pulse) : { butFor: [] };
    return { run, ...why, replay: replayOf(job, run), ...shownToken(job, run) };
  } catch (error) {
    // A token without digest: of a run that was not finished.
    const token = tokenOf(job, scenario, ENGINE, '', '');
    throw new Broken(error, { seed: job.seed, token });
  }
}

/** A run that broke, and what makes it do so again. */
class Broken extends Error {
  override name = 'Broken';
  readonly run: BrokenRun;

  constructor(cause: unknown, run: BrokenRun) {
    super('a run broke', { cause });
    this.run = run;
  }
}

function tokenOf(
  job: Job,
  scenario: Scenario,
  engine: string,
  digest: string,
  path: string,
): string {
  return writeToken({
    engine,
    text: scenario.text,
    file: basename(job.file),
    seed: job.seed,
    set: job.set,
    variant: scenario.variant,
    overrides: job.overrides,
    digest,
    path,
  });
}

/**
 * The command that needs the file, and holds the run to its digest; a run from stdin has its token.
 */
function replayOf(job: Job, run: RunRecord): string {
  if (job.file === '-' || job.overrides.length > 0) return 'lost-ack replay TOKEN';
  return [
    'lost-ack run',
    quoted(asFile(job.file)),
    `--seed ${quoted(job.seed)}`,
    ...job.set.map(({ path, value }) => `--set ${quoted(`${path}=${value}`)}`),
    ...(run.variant === undefined ? [] : [`--variant ${quoted(run.variant)}`]),
    `--digest ${run.digest}`,
  ].join(' ');
}

function shownToken(job: Job, run: RunRecord): { token?: string } {
  if (job.file === '-' || job.overrides.length > 0 || job.showsToken === 'always') {
    return { token: run.token };
  }
  if (run.verdict === 'pass') return {};
  if (job.showsToken === 'never') return { token: ELSEWHERE };
  return run.token.length <= HANDY ? { token: run.token } : {};
}

const ELSEWHERE = 'with --token: this run in one word, the scenario included';

const WORST_FIRST: readonly RunVerdict[] = ['fail', 'inconclusive', 'pass'];

function merged([own, ...variants]: readonly RunRecord[]): RunRecord {
  if (variants.length === 0) return own;
  const verdicts = [own, ...variants].map((run) => run.verdict);
  const verdict = WORST_FIRST.find((v) => verdicts.includes(v)) ?? own.verdict;
  return { ...own, verdict, variants };
}
