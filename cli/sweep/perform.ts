import { availableParallelism } from 'node:os';
import { count, visible } from '../../reports/text.ts';
import { countSeeds } from '../../sim/explore/sweep/seeds.ts';
import { batchCount, type Plan } from '../../sim/explore/sweep/plan.ts';
import type { SweepEnd } from '../../sim/explore/sweep/record.ts';
import type { TallyData } from '../../sim/explore/sweep/tally.ts';
import { UsageError } from '../exit.ts';
import { Progress } from '../progress.ts';
import { err } from '../streams.ts';
import { Conductor, type SweepMark } from './conductor.ts';
import { Crew } from './crew.ts';
import type { Journal } from './journal.ts';
import type { Prepared } from './prepare.ts';

export interface PerformOptions {
  readonly jobs?: string;
  readonly budget?: string;
  readonly stopAfter?: string;
  readonly quiet?: boolean;
}

export interface Performed {
  readonly end: SweepEnd;
  /** By configuration. */
  readonly tallies: readonly TallyData[];
}

export function planOf({ subject, configurations }: Prepared, shard: Plan['shard']): Plan {
  const { seeds, size } = subject;
  return { configurations: configurations.length, seeds: countSeeds(seeds), size, shard };
}

/** Runs all batches of a plan over several threads. */
export async function performAll(
  prepared: Prepared,
  plan: Plan,
  options: PerformOptions,
  journal: Journal | undefined,
  entry: URL,
): Promise<Performed> {
  const threads = Math.min(jobsOf(options.jobs), batchCount(plan));
  const failures = options.stopAfter === undefined ? Infinity : wholeOf(options.stopAfter);
  const budget = options.budget === undefined ? undefined : budgetOf(options.budget);
  const worker = new URL(`./sweep/batch-worker${entry.pathname.slice(-3)}`, entry);
  const crew = new Crew(worker, threads, prepared.subject);
  const draws = process.stderr.isTTY === true && options.quiet !== true && !process.env.CI;
  const meter = new Meter(new Progress(draws));
  const { configurations } = prepared;
  const { keepsSamples = false } = prepared.subject;
  const conduct = { configurations, plan, crew, threads, journal, failures, keepsSamples };
  const conductor = new Conductor(conduct, (mark) => meter.show(mark));
  let interrupted = false;
  const onInterrupt = (): void => {
    meter.clear();
    if (interrupted) process.exit(130);
    interrupted = true;
    conductor.stop('interrupted');
    err('interrupted: stopping; once more leaves at once\n');
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  const timer = budget && setTimeout(() => conductor.stop('budget'), budget);
  try {
    const end = await conductor.run();
    return { end, tallies: conductor.tallies.map((tally) => tally.data()) };
  } finally {
    clearTimeout(timer);
    meter.clear();
    await crew.end();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
    if (crew.lost > 0) err(`${count(crew.lost)} of its threads died; their runs were run again\n`);
  }
}

const JOBS_MAX = 1_024;

function jobsOf(jobs: string | undefined): number {
  if (jobs === undefined || jobs === 'auto') return availableParallelism();
  const n = Number(jobs);
  if (Number.isSafeInteger(n) && n >= 1 && n <= JOBS_MAX) return n;
  throw new UsageError(`--jobs ${visible(jobs)}: is no number of threads`, 'write auto, or 4');
}

function wholeOf(text: string): number {
  const n = Number(text);
  if (Number.isSafeInteger(n) && n >= 1) return n;
  throw new UsageError(`--stop-after ${visible(text)}: is no number of failures`, 'write 1, or 10');
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
]);

function budgetOf(text: string): number {
  const match = /^(\d{1,9})(ms|s|m|min|h)$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * (UNITS.get(match[2]) ?? 0);
  if (ms >= 1 && ms < 2 ** 31) return ms;
  throw new UsageError(`--budget ${visible(text)}: is no time to run`, 'write 60s, 10min or 1h');
}

/** How often a line is drawn at most. */
const TURN_MS = 100;

/** "1 200 of 5 000 runs (24 %), 310 runs/s, 12 s left": of the machine, so never on stdout. */
class Meter {
  readonly #progress: Progress;
  readonly #began = Date.now();
  #drawnAt = 0;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  show({ done, known, planned, failed }: SweepMark): void {
    const now = Date.now();
    if (now - this.#drawnAt < TURN_MS) return;
    this.#drawnAt = now;
    const perSecond = ((done - known) * 1000) / Math.max(1, now - this.#began);
    const left = perSecond > 0 ? `, ${timeText((planned - done) / perSecond)} left` : '';
    const share = Math.floor((done * 100) / planned);
    const rate = count(Math.round(perSecond));
    const failures = failed === 0 ? '' : `, ${count(failed)} failed`;
    this.#progress.line(
      `${count(done)} of ${count(planned)} runs (${share} %), ${rate} runs/s${left}${failures}`,
    );
  }

  clear(): void {
    this.#progress.clear();
  }
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5_400 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`;
}
