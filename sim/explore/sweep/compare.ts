import type { RunVerdict } from '../../history/record.ts';
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
export function compareRecord(sweep: SweepRecord, differs: readonly string[]): CompareRecord {
  const { engine, scenario, file, seeds, ended, verdict, runs, configurations } = sweep;
  const format = 'lost-ack/compare/1';
  const [first] = configurations;
  const columns = configurations.map((c) => columnOf(c, first));
  return { format, engine, scenario, file, seeds, ended, verdict, runs, differs, columns };
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
