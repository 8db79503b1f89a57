import type { RunVerdict } from '../../history/record.ts';
import { linesOf, pairsOf, type Paired, type SampleLines, type Samples } from './pairs.ts';
import { holdTo, type RegressionResult, type RegressionRule } from './regression.ts';
import { SIGHTINGS, type Sighting } from './measures.ts';
import type { ConfigurationRecord, MeasureRecord, RunCounts, SweepEnd } from './record.ts';
import { rateOf, type Rate } from './rate.ts';
import type { ShownExample, SweepRecord } from './record.ts';

/**
 * Several configurations under the same seeds: the machine-readable contract of `lost-ack compare
 * --json`. Fields may be added, never renamed.
 */
export interface CompareRecord {
  readonly format: 'lost-ack/compare/1';
  readonly engine: string;
  readonly scenario: string;
  readonly file: string;
  readonly seeds: string;
  readonly ended: SweepEnd;
  readonly verdict: RunVerdict;
  readonly runs: SweepRecord['runs'];
  /** What is not the same for all columns, and so may be the reason for a difference. */
  readonly differs: readonly string[];
  readonly columns: readonly ColumnRecord[];
  /** An earlier comparison that columns are compared with; the first column without it. */
  readonly base?: { readonly engine: string; readonly seeds: string };
  /** What `--fail-on` says, held against each column. */
  readonly regressions?: readonly RegressionResult[];
}

export interface ColumnRecord {
  readonly name: string;
  readonly file: string;
  readonly variant?: string;
  readonly set: ConfigurationRecord['set'];
  readonly verdict: RunVerdict;
  readonly runs: RunCounts;
  readonly guarantees: ConfigurationRecord['guarantees'];
  /** For each way to break a guarantee: in how many runs it was seen, and one that shows it. */
  readonly seen: Readonly<Record<Sighting, SightingRecord>>;
  readonly measures: Readonly<Record<string, ComparedMeasure>>;
  /** How it differs from what it is compared with, over seeds that both have run. */
  readonly paired?: Readonly<Record<string, Paired>>;
  /** What each run measured; a later comparison may be held against it. */
  readonly samples?: SampleLines;
}

/** An earlier comparison: its columns by name. */
export interface Baseline {
  readonly engine: string;
  readonly seeds: string;
  readonly columns: ReadonlyMap<string, Samples>;
}

export interface SightingRecord {
  readonly runs: number;
  readonly rate: Rate;
  readonly example?: ShownExample;
}

/** A number, and how it differs from that of the first column. */
export interface ComparedMeasure extends MeasureRecord {
  readonly delta: { readonly p50: number; readonly p99: number };
}

/** The columns side by side; the first is what the others are compared with. */
export function compareRecord(
  sweep: SweepRecord,
  differs: readonly string[],
  samples: readonly (Samples | undefined)[] = [],
  baseline?: Baseline,
  rules: readonly RegressionRule[] = [],
): CompareRecord {
  const { engine, scenario, file, seeds, ended, verdict, runs, configurations } = sweep;
  const format = 'lost-ack/compare/1';
  const [first] = configurations;
  const columns = configurations.map((c, i): ColumnRecord => {
    const own = samples[i];
    if (own === undefined) return columnOf(c, first);
    const base = baseline === undefined ? samples[0] : baseline.columns.get(c.name);
    const isBase = baseline === undefined && i === 0;
    const paired = base === undefined || isBase ? {} : { paired: pairsOf(own, base) };
    return { ...columnOf(c, first), ...paired, samples: linesOf(own) };
  });
  const held = baseline === undefined ? columns.slice(1) : columns;
  const regressions = rules.flatMap((rule) => {
    return held.map(({ name, paired, verdict: own }) => {
      return holdTo(rule, name, paired, own === 'inconclusive');
    });
  });
  return {
    ...{ format, engine, scenario, file, seeds, ended, verdict, runs, differs, columns },
    ...(baseline === undefined ? {} : { base: { engine: baseline.engine, seeds: baseline.seeds } }),
    ...(rules.length === 0 ? {} : { regressions }),
  };
}

function columnOf(own: ConfigurationRecord, first: ConfigurationRecord): ColumnRecord {
  const { name, file, variant, set, verdict, runs, guarantees } = own;
  return {
    ...{ name, file },
    ...(variant === undefined ? {} : { variant }),
    ...{ set, verdict, runs, guarantees },
    seen: Object.fromEntries(
      SIGHTINGS.map((sighting) => [sighting, sightingOf(own, sighting)]),
    ) as ColumnRecord['seen'],
    measures: Object.fromEntries(
      Object.entries(own.measures).map(([measure, mine]) => {
        const base = first.measures[measure];
        const delta = { p50: mine.p50 - base.p50, p99: mine.p99 - base.p99 };
        return [measure, { ...mine, delta }];
      }),
    ),
  };
}

function sightingOf({ seen, runs }: ConfigurationRecord, sighting: Sighting): SightingRecord {
  const found = seen[sighting];
  const judged = runs.done - runs.broken;
  if (found === undefined) return { runs: 0, rate: rateOf(0, judged) };
  return { runs: found.runs, rate: rateOf(found.runs, judged), example: found.first };
}
