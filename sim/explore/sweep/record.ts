import type { Guarantee, RunVerdict } from '../../history/record.ts';
import { MEASURES, type Measure, type Sighting } from './measures.ts';
import { percentile } from './measured.ts';
import { rateOf, type Rate } from './rate.ts';
import type { Signature } from './signature.ts';
import type { Example, TallyData } from './tally.ts';

/**
 * What a sweep comes to: the machine-readable contract of `lost-ack sweep --json`. Fields may be
 * added, never renamed. Times are whole microseconds of virtual time, shares parts per million.
 */
export interface SweepRecord {
  readonly format: 'lost-ack/sweep/1';
  readonly engine: string;
  readonly scenario: string;
  readonly file: string;
  readonly seeds: string;
  /** Set when it is a share of a sweep: "2/3". */
  readonly shard?: string;
  /** Why it ended before the last run; "finished" when it did not. */
  readonly ended: SweepEnd;
  readonly verdict: RunVerdict;
  readonly runs: RunCounts & { readonly planned: number };
  readonly configurations: readonly ConfigurationRecord[];
}

export type SweepEnd = 'finished' | 'failures' | 'budget' | 'interrupted' | 'incomplete';

export interface RunCounts {
  readonly done: number;
  readonly passed: number;
  readonly failed: number;
  readonly inconclusive: number;
  /** Ended by a bug of ours. */
  readonly broken: number;
}

export interface ConfigurationRecord {
  /** "" for the scenario as it is written. */
  readonly name: string;
  readonly file: string;
  readonly variant?: string;
  readonly set: readonly { readonly path: string; readonly value: string }[];
  readonly verdict: RunVerdict;
  readonly runs: RunCounts;
  readonly expectations: readonly ExpectationRecord[];
  readonly guarantees: Readonly<Partial<Record<Guarantee, number>>>;
  readonly measures: Readonly<Record<string, MeasureRecord>>;
  readonly faults: readonly FaultRecord[];
  /** Events that were counted: in how many runs, and how often in all. */
  readonly counters: Readonly<Record<string, { readonly runs: number; readonly times: number }>>;
  readonly seen: Readonly<Partial<Record<Sighting, SeenRecord>>>;
  /** Distinct failures, the most frequent first. */
  readonly failures: readonly (Signature & SeenRecord)[];
  readonly firstFailing?: ShownExample;
  readonly broken: readonly { readonly seed: string; readonly token: string }[];
}

export interface ExpectationRecord {
  readonly name: string;
  readonly expected: string;
  readonly line?: number;
  readonly violated: number;
  readonly unknown: number;
  readonly rate: Rate;
}

export interface MeasureRecord {
  readonly unit: Measure['unit'];
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface FaultRecord {
  readonly fault: string;
  readonly line?: number;
  /** Runs in which it fired, and how often in all. */
  readonly runs: number;
  readonly times: number;
}

export interface SeenRecord {
  readonly runs: number;
  readonly first: ShownExample;
}

/** A run that can be had again: by command, or by a token that needs no file. */
export interface ShownExample {
  readonly seed: string;
  readonly digest: string;
  readonly replay: string;
  readonly token: string;
}

/** What a configuration is called, and how one of its runs is shown again. */
export interface ConfigurationHead {
  readonly name: string;
  readonly file: string;
  readonly variant: string;
  readonly set: readonly { readonly path: string; readonly value: string }[];
  show(example: Example): ShownExample;
}

export function recordOf(head: ConfigurationHead, tally: TallyData): ConfigurationRecord {
  const { name, file, variant, set } = head;
  const judged = tally.runs - tally.broken;
  const firsts = tally.failures.map(({ first }) => first).sort((a, b) => a.place - b.place);
  return {
    ...{ name, file },
    ...(variant === '' ? {} : { variant }),
    set,
    verdict: verdictOf(tally),
    runs: countsOf(tally),
    expectations: tally.expectations.map(({ name, expected, line, violated, unknown }) => {
      return { name, expected, line, violated, unknown, rate: rateOf(violated, judged) };
    }),
    guarantees: Object.fromEntries(tally.guarantees),
    measures: Object.fromEntries(tally.measures.map(([of, data]) => [of, measureOf(of, data)])),
    faults: tally.faults.map(({ fault, line, runs, times }) => ({ fault, line, runs, times })),
    counters: Object.fromEntries(
      tally.counters.map(([counter, runs, times]) => [counter, { runs, times }]),
    ),
    seen: Object.fromEntries(
      tally.sightings.map(([of, { runs, first }]) => [of, { runs, first: head.show(first) }]),
    ),
    failures: tally.failures.map(({ violated, cause, runs, first }) => {
      return { violated, cause, runs, first: head.show(first) };
    }),
    ...(firsts.length === 0 ? {} : { firstFailing: head.show(firsts[0]) }),
    broken: tally.broke.map(({ seed, token }) => ({ seed, token })),
  };
}

/**
 * One failure decides. Otherwise every run has to prove something, and every fault has to have come
 * in at least one of them.
 */
function verdictOf({ failed, passed, inconclusive, faults }: TallyData): RunVerdict {
  if (failed > 0) return 'fail';
  if (passed === 0 || inconclusive > 0) return 'inconclusive';
  return faults.every((fault) => fault.runs > 0) ? 'pass' : 'inconclusive';
}

function measureOf(name: string, data: TallyData['measures'][number][1]): MeasureRecord {
  const unit = MEASURES.find((m) => m.name === name)?.unit ?? 'events';
  const max = data.at(-1)?.[0] ?? 0;
  return { unit, p50: percentile(data, 50), p99: percentile(data, 99), max };
}

function countsOf({ runs, passed, failed, inconclusive, broken }: TallyData): RunCounts {
  return { done: runs, passed, failed, inconclusive, broken };
}

const WORST_FIRST: readonly RunVerdict[] = ['fail', 'inconclusive', 'pass'];

/** The whole from its configurations. */
export function sweepRecord(
  head: Pick<SweepRecord, 'engine' | 'scenario' | 'file' | 'seeds' | 'shard' | 'ended'>,
  planned: number,
  configurations: readonly ConfigurationRecord[],
): SweepRecord {
  const { engine, scenario, file, seeds, shard, ended } = head;
  const sum = (of: keyof RunCounts) => configurations.reduce((n, c) => n + c.runs[of], 0);
  return {
    format: 'lost-ack/sweep/1',
    ...{ engine, scenario, file, seeds },
    ...(shard === undefined ? {} : { shard }),
    ended,
    verdict: WORST_FIRST.find((v) => configurations.some((c) => c.verdict === v)) ?? 'pass',
    runs: {
      planned,
      done: sum('done'),
      passed: sum('passed'),
      failed: sum('failed'),
      inconclusive: sum('inconclusive'),
      broken: sum('broken'),
    },
    configurations,
  };
}
