import { Placed } from '../sim/explore/search/placed.ts';
import type { Outcome, Runner } from '../sim/explore/search/space.ts';
import type { Expectation } from '../sim/invariants/expectation.ts';
import type { ExpectationResult, Guarantee, RunRecord } from '../sim/history/record.ts';
import { execute, Execution } from './execute.ts';
import type { Scenario } from './scenario.ts';
import { offersOf, type SpaceOptions } from './space.ts';
import { readDuration } from './units.ts';

/** One scenario as a function from placed faults to what came of them. */
export function runnerOf(scenario: Scenario, seed: string, space: SpaceOptions): Runner {
  const offers = offersOf(scenario, space);
  return (take, trace): Outcome => {
    let source: Placed | undefined;
    const execution: Execution = new Execution(scenario, {
      seed,
      offers,
      ...(trace === undefined ? {} : { trace: trace(() => execution.world) }),
      instrument: (choices, names) => (source = new Placed(names, choices, take)),
    });
    while (!execution.advance(Infinity));
    const run = execution.record();
    return {
      placed: source?.placed ?? [],
      offers: source?.offers ?? [],
      violated: anomalies(run, scenario.expectations),
      measured: measuredOf(run),
      conclusive: run.expectations.every((e) => e.verdict !== 'unknown'),
      events: run.events,
    };
  };
}

/** What is wrong with a run, as classes: a shrink may change how much, never what. */
export function anomalies(run: RunRecord, expectations: readonly Expectation[]): string[] {
  return run.expectations.flatMap((result, i) =>
    result.verdict === 'violated' ? [`${result.name} ${direction(result, expectations[i])}`] : [],
  );
}

/** "above", "below", or the word that was not expected. */
function direction({ actual }: ExpectationResult, { test }: Expectation): string {
  if (test.is === 'word') return actual;
  const time = readDuration(actual.replaceAll(' ', ''));
  const value = /^\d+$/.test(actual) ? Number(actual) : time.ok ? time.value : NaN;
  return value > test.max ? 'above' : 'below';
}

/** What a certificate speaks of, summed over all subscriptions. */
function measuredOf(run: RunRecord): ReadonlyMap<string, number | string> {
  const sums = new Map<string, number | string>();
  const all = Object.values(run.subscriptions);
  const sum = (read: (s: (typeof all)[number]) => number) =>
    all.reduce((total, s) => total + read(s), 0);
  sums.set(
    'loss',
    sum((s) => s.lost),
  );
  sums.set(
    'duplicates.stored',
    sum((s) => s.duplicates.stored),
  );
  sums.set(
    'duplicates.delivered',
    sum((s) => s.duplicates.delivered),
  );
  sums.set(
    'duplicates.effects',
    sum((s) => s.duplicates.effects),
  );
  sums.set(
    'ordering',
    sum((s) => s.ordering.inversions),
  );
  sums.set('guarantee', run.guarantee);
  return sums;
}

export const AT_LEAST: Partial<Record<Guarantee, readonly Guarantee[]>> = {
  'exactly-once': ['exactly-once'],
  'at-least-once': ['at-least-once', 'exactly-once'],
  'at-most-once': ['at-most-once', 'exactly-once'],
};

/**
 * A scenario that expects nothing is held to what it gives when nothing goes wrong. Undefined when
 * even that is nothing.
 */
export function withExpectation(scenario: Scenario, seed: string): Scenario | undefined {
  if (scenario.expectations.length > 0) return scenario;
  const words = AT_LEAST[execute(scenario, { seed }).guarantee];
  if (words === undefined) return undefined;
  const expectation: Expectation = {
    subscription: '',
    measure: 'guarantee',
    test: { is: 'word', words },
    expected: words.join(' or '),
    line: 0,
  };
  return { ...scenario, expectations: [expectation] };
}
