import type { FaultResult, Guarantee, RunRecord, RunVerdict } from '../../history/record.ts';
import { overall } from '../../invariants/judge.ts';
import { Measured, type MeasuredData } from './measured.ts';
import { MEASURES, SIGHTINGS, type Sighting } from './measures.ts';
import type { Samples } from './pairs.ts';
import { signatureOf, type Signature } from './signature.ts';

/** One run of many: enough to find it again, and to prove that it is the same. */
export interface Example {
  /** Place of its seed among all seeds, from 0. */
  readonly place: number;
  readonly seed: string;
  readonly digest: string;
  /** Where its digest stood on the way, as a token carries it. */
  readonly path: string;
}

/** A run that a bug of ours ended. */
export interface BrokenRun {
  readonly place: number;
  readonly seed: string;
  readonly token: string;
  readonly stack: string;
}

/**
 * Runs of one configuration, counted. Adding and merging commute, so that neither the number of
 * workers nor the order of shards shows in a result; size follows kinds of outcomes, not runs.
 */
export interface TallyData {
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly broken: number;
  readonly expectations: readonly ExpectationTally[];
  readonly faults: readonly FaultTally[];
  readonly guarantees: readonly (readonly [Guarantee, number])[];
  /** In how many runs, and how often in all. */
  readonly counters: readonly (readonly [name: string, runs: number, times: number])[];
  readonly measures: readonly (readonly [name: string, data: MeasuredData])[];
  readonly sightings: readonly (readonly [Sighting, Seen])[];
  readonly failures: readonly (Signature & Seen)[];
  /** What each run measured, when that was asked for. */
  readonly samples?: Samples;
  /** The first few. */
  readonly broke: readonly BrokenRun[];
}

export interface ExpectationTally {
  readonly name: string;
  readonly expected: string;
  readonly line?: number;
  readonly violated: number;
  readonly unknown: number;
}

export interface FaultTally {
  readonly fault: string;
  readonly line?: number;
  readonly byChance: boolean;
  /** Runs in which it fired. */
  readonly runs: number;
  readonly times: number;
}

export interface Seen {
  readonly runs: number;
  readonly first: Example;
}

const BROKEN_KEPT = 5;

export class Tally {
  #runs = 0;
  #passed = 0;
  #failed = 0;
  #inconclusive = 0;
  #broken = 0;
  #expectations: ExpectationTally[] = [];
  #faults: FaultTally[] = [];
  #broke: BrokenRun[] = [];
  readonly #guarantees = new Map<Guarantee, number>();
  readonly #counters = new Map<string, [runs: number, times: number]>();
  readonly #measures = new Map(MEASURES.map(({ name }) => [name, new Measured()]));
  readonly #sightings = new Map<Sighting, Seen>();
  readonly #failures = new Map<string, Signature & Seen>();
  readonly #samples: [place: number, values: readonly number[]][] | undefined;

  /** With samples, memory follows runs. */
  constructor(keepsSamples = false) {
    this.#samples = keepsSamples ? [] : undefined;
  }

  get runs(): number {
    return this.#runs;
  }

  get failed(): number {
    return this.#failed;
  }

  /** `byChance`: for each fault, may it stay away in one run? It must come in one of them. */
  add(run: RunRecord, path: string, place: number, byChance: readonly boolean[]): void {
    const { seed, digest } = run;
    const first: Example = { place, seed, digest, path };
    const verdict = verdictOf(run, byChance);
    this.#runs++;
    if (verdict === 'pass') this.#passed++;
    else if (verdict === 'fail') this.#failed++;
    else this.#inconclusive++;
    this.#expectations = added(
      this.#expectations,
      run.expectations.map(({ name, expected, line, verdict }) => ({
        ...{ name, expected, line },
        violated: verdict === 'violated' ? 1 : 0,
        unknown: verdict === 'unknown' ? 1 : 0,
      })),
      (a, b) => ({
        ...a,
        violated: a.violated + b.violated,
        unknown: a.unknown + b.unknown,
      }),
    );
    const faults = run.faults.map((fault, i) => faultTally(fault, byChance[i]));
    this.#faults = added(this.#faults, faults, sumOfFaults);
    count(this.#guarantees, run.guarantee, 1);
    for (const [name, times] of Object.entries(run.counters)) {
      if (times > 0) this.#reach(name, 1, times);
    }
    for (const measure of MEASURES) {
      const value = measure.read(run);
      this.#measures.get(measure.name)?.add(value);
      const sighting = SIGHTINGS.find((known) => known === measure.name);
      if (sighting !== undefined && value > 0) this.#sight(sighting, { runs: 1, first });
    }
    if (verdict === 'fail') this.#fail({ ...signatureOf(run), runs: 1, first });
    this.#samples?.push([place, MEASURES.map((measure) => Math.round(measure.read(run)))]);
  }

  addBroken(run: BrokenRun): void {
    this.#runs++;
    this.#broken++;
    this.#broke = earliest([...this.#broke, run]);
  }

  merge(data: TallyData): void {
    this.#runs += data.runs;
    this.#passed += data.passed;
    this.#failed += data.failed;
    this.#inconclusive += data.inconclusive;
    this.#broken += data.broken;
    this.#expectations = added(this.#expectations, data.expectations, (a, b) => ({
      ...a,
      violated: a.violated + b.violated,
      unknown: a.unknown + b.unknown,
    }));
    this.#faults = added(this.#faults, data.faults, sumOfFaults);
    for (const [guarantee, runs] of data.guarantees) count(this.#guarantees, guarantee, runs);
    for (const [name, runs, times] of data.counters) this.#reach(name, runs, times);
    for (const [name, measured] of data.measures) this.#measures.get(name)?.merge(measured);
    for (const [sighting, seen] of data.sightings) this.#sight(sighting, seen);
    for (const failure of data.failures) this.#fail(failure);
    for (const [place, values] of data.samples ?? []) this.#samples?.push([place, values]);
    this.#broke = earliest([...this.#broke, ...data.broke]);
  }

  data(): TallyData {
    return {
      runs: this.#runs,
      passed: this.#passed,
      failed: this.#failed,
      inconclusive: this.#inconclusive,
      broken: this.#broken,
      expectations: this.#expectations,
      faults: this.#faults,
      guarantees: [...this.#guarantees].sort(([a], [b]) => byText(a, b)),
      counters: [...this.#counters]
        .map(([name, [runs, times]]) => [name, runs, times] as const)
        .sort(([a], [b]) => byText(a, b)),
      measures: MEASURES.map(({ name }) => [name, this.#measures.get(name)?.data() ?? []]),
      sightings: SIGHTINGS.flatMap((sighting) => {
        const seen = this.#sightings.get(sighting);
        return seen === undefined ? [] : [[sighting, seen] as const];
      }),
      failures: [...this.#failures.values()].sort(
        (a, b) => b.runs - a.runs || a.first.place - b.first.place,
      ),
      ...(this.#samples && { samples: [...this.#samples].sort(([a], [b]) => a - b) }),
      broke: this.#broke,
    };
  }

  #reach(name: string, runs: number, times: number): void {
    const [earlierRuns, earlierTimes] = this.#counters.get(name) ?? [0, 0];
    this.#counters.set(name, [earlierRuns + runs, earlierTimes + times]);
  }

  #sight(sighting: Sighting, seen: Seen): void {
    const earlier = this.#sightings.get(sighting);
    this.#sightings.set(sighting, earlier === undefined ? seen : both(earlier, seen));
  }

  #fail(failure: Signature & Seen): void {
    const key = JSON.stringify([failure.violated, failure.cause]);
    const earlier = this.#failures.get(key);
    const kept = earlier === undefined ? failure : { ...failure, ...both(earlier, failure) };
    this.#failures.set(key, kept);
  }
}

/**
 * A fault by chance that stayed away is the luck of one seed; every other fault has to fire for a
 * run to prove anything.
 */
function verdictOf(run: RunRecord, byChance: readonly boolean[]): RunVerdict {
  const fired = run.faults.every((fault, i) => fault.fired > 0 || byChance[i]);
  return overall(run.expectations, fired);
}

function faultTally({ fault, line, fired }: FaultResult, byChance: boolean): FaultTally {
  return { fault, line, byChance, runs: fired > 0 ? 1 : 0, times: fired };
}

const sumOfFaults = (a: FaultTally, b: FaultTally): FaultTally => ({
  ...a,
  runs: a.runs + b.runs,
  times: a.times + b.times,
});

/** Runs of one configuration have the same expectations and faults in the same order. */
function added<T>(sums: readonly T[], more: readonly T[], plus: (a: T, b: T) => T): T[] {
  if (more.length === 0) return [...sums];
  return more.map((one, i) => (i < sums.length ? plus(sums[i], one) : one));
}

function both(a: Seen, b: Seen): Seen {
  const first = a.first.place <= b.first.place ? a.first : b.first;
  return { runs: a.runs + b.runs, first };
}

function earliest(runs: readonly BrokenRun[]): BrokenRun[] {
  return [...runs].sort((a, b) => a.place - b.place).slice(0, BROKEN_KEPT);
}

function count<K>(counts: Map<K, number>, key: K, times: number): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
