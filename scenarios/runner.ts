import { Placed } from '../sim/explore/search/placed.ts';
import { Enough, type Outcome, type Runner } from '../sim/explore/search/space.ts';
import type { Expectation } from '../sim/invariants/expectation.ts';
import type { ExpectationResult, Guarantee, RunRecord } from '../sim/history/record.ts';
import { execute, Execution } from './execute.ts';
import { planned } from '../sim/explore/search/planned.ts';
import type { Fault } from '../sim/kernel/fault.ts';
import type { PlannedFault, Scenario } from './scenario.ts';
import { offersOf, type SpaceOptions } from './space.ts';
import { readDuration } from './units.ts';

/** Events between two looks at whether anybody still waits. */
export const SLICE = 20_000;

/** One scenario as a function from placed faults to what came of them. */
export function runnerOf(
  scenario: Scenario,
  seed: string,
  space: SpaceOptions,
  stopped: () => boolean = () => false,
): Runner {
  const offers = offersOf(scenario, space);
  return ({ take, faults = [], maxEvents = Infinity, trace }): Outcome => {
    let source: Placed | undefined;
    const execution: Execution = new Execution(planOf(scenario, faults, maxEvents), {
      seed,
      ...(trace === undefined ? {} : { trace: trace(() => execution.world) }),
      ...(take === undefined
        ? {}
        : {
            offers,
            instrument: (choices, names) => (source = new Placed(names, choices, take)),
          }),
    });
    while (!execution.advance(SLICE)) if (stopped()) throw new Enough();
    const run = execution.record();
    const own = scenario.faults.length;
    const struck = faults.filter((_, i) => run.faults[own + i].fired > 0);
    return {
      placed: [...(source?.placed ?? []), ...struck.map(planned)],
      offers: source?.offers ?? [],
      violated: anomalies(run, scenario.expectations),
      measured: measuredOf(run),
      conclusive: run.expectations.every((e) => e.verdict !== 'unknown'),
      events: run.events,
      time: run.virtualTimeUs,
    };
  };
}

function planOf(scenario: Scenario, added: readonly Fault<string>[], most: number): Scenario {
  const more = added.map((fault): PlannedFault => ({ text: fault.what, line: 0, fault }));
  const maxEvents = Math.min(scenario.limits.maxEvents, most);
  const limits = { ...scenario.limits, maxEvents };
  return { ...scenario, limits, faults: [...scenario.faults, ...more] };
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
