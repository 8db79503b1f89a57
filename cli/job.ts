import { basename } from 'node:path';
import type { RunView } from '../reports/terminal.ts';
import type { ExecuteOptions } from '../scenarios/execute.ts';
import type { Assignment, Scenario } from '../scenarios/scenario.ts';
import { ENGINE } from '../scenarios/version.ts';
import type { RunRecord, RunVerdict } from '../sim/history/record.ts';
import { Broken } from './bug.ts';
import { conduct } from './conduct.ts';
import { Exit } from './exit.ts';
import { explain } from './explain.ts';
import { asFile, quoted } from './named.ts';
import type { Pulse } from './pulse.ts';
import { HANDY, writeToken } from './token.ts';

/** What is asked of one scenario file. */
export interface Job {
  readonly scenario: Scenario;
  /** The file as reports name it; "-" for stdin. */
  readonly file: string;
  readonly seed: string;
  readonly set: readonly Assignment[];
  readonly overrides: readonly (readonly [string, number])[];
  /** When is a run worth reruns that explain it? */
  readonly explains: 'always' | 'failures' | 'never';
  readonly showsToken: 'always' | 'failures' | 'never';
}

/** What came of it: the run and those of its variants, each with its own verdict. */
export interface Done {
  readonly views: readonly RunView[];
  /** As `--json` shows it: one record, the worst verdict, variants inside. */
  readonly record: RunRecord;
  /** Choices of the job that no question of its runs bore. */
  readonly unasked: readonly string[];
}

/** Undefined when it was interrupted before the scenario's own run was over. */
export async function work(job: Job, pulse: Pulse): Promise<Done | undefined> {
  const views: RunView[] = [];
  const unasked: string[] = [];
  for (const scenario of [job.scenario, ...job.scenario.variants]) {
    const view = await runOne(job, scenario, pulse, unasked);
    if (view === undefined) break;
    views.push(view);
  }
  if (views.length === 0) return undefined;
  return { views, record: merged(views.map((view) => view.run)), unasked };
}

async function runOne(
  job: Job,
  scenario: Scenario,
  pulse: Pulse,
  unasked: string[],
): Promise<RunView | undefined> {
  const options: ExecuteOptions = { seed: job.seed, overrides: new Map(job.overrides) };
  try {
    const execution = await conduct(scenario, options, pulse);
    if (execution === undefined) return undefined;
    unasked.push(...execution.unasked);
    const bare = execution.record();
    const run = {
      ...bare,
      file: job.file,
      token: tokenOf(job, scenario, bare.engine, bare.digest),
    };
    const wanted =
      job.explains === 'always' || (job.explains === 'failures' && run.verdict !== 'pass');
    const why = wanted ? await explain(scenario, options, run, pulse) : { butFor: [] };
    return { run, ...why, replay: replayOf(job, run), ...shownToken(job, run) };
  } catch (error) {
    // A token without digest: of a run that was not finished.
    const token = tokenOf(job, scenario, ENGINE, '');
    throw new Broken(job.file, error, { seed: job.seed, token });
  }
}

function tokenOf(job: Job, scenario: Scenario, engine: string, digest: string): string {
  return writeToken({
    engine,
    text: scenario.text,
    file: basename(job.file),
    seed: job.seed,
    set: job.set,
    variant: scenario.variant,
    overrides: job.overrides,
    digest,
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

const EXITS = {
  pass: Exit.asExpected,
  fail: Exit.failed,
  inconclusive: Exit.inconclusive,
} as const;

export const exitOf = (record: RunRecord): Exit => EXITS[record.verdict];
