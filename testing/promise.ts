import type { ExpectationResult, Guarantee } from '../sim/history/record.ts';
import type { Expectation, Test } from '../sim/invariants/expectation.ts';
import { AT_LEAST } from '../scenarios/runner.ts';
import { didYouMean } from '../scenarios/nearest.ts';
import type { SimulatedRun } from './run.ts';

/** Of whom something is promised: one consumer group, or all of them together. */
export interface Whose {
  readonly group?: string;
}

/** `inconclusive`: the run does not show it either way, and so is no proof of anything. */
export interface Finding {
  readonly is: 'kept' | 'broken' | 'inconclusive';
  readonly result: ExpectationResult;
  readonly why: readonly string[];
}

export type Delivery = 'exactly-once' | 'at-least-once' | 'at-most-once';

/** "At least once" is kept by "exactly once" too. */
export function delivering(guarantee: Delivery, { group = '' }: Whose = {}): Expectation {
  const words: readonly Guarantee[] | undefined = AT_LEAST[guarantee];
  if (words === undefined) throw unknownWord(guarantee, Object.keys(AT_LEAST));
  const test: Test = { is: 'word', words };
  return { subscription: group, measure: 'guarantee', test, expected: words.join(' or '), line: 0 };
}

export function counting(measure: string, count: number, { group = '' }: Whose = {}): Expectation {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(`${measure} is counted: ${count} is no whole number from 0 on`);
  }
  const test: Test = { is: 'number', min: count, max: count };
  return { subscription: group, measure, test, expected: String(count), line: 0 };
}

/** What must not happen at all. */
const NEVER = [
  'loss',
  'duplicates',
  'duplicates.effects',
  'duplicates.stored',
  'duplicates.delivered',
  'ordering',
  'ordering.inversions',
  'ordering.rewinds',
  'ordering.byKey',
  'phantom',
  'agreement',
  'pending',
  'deadLettered',
] as const;

export type Invariant = (typeof NEVER)[number] | 'drained' | (string & {});

/** An invariant that holds: nothing of that kind happens, or what a system claims is so. */
export function holding(
  name: Invariant,
  run: SimulatedRun,
  { group = '' }: Whose = {},
): Expectation {
  if ((NEVER as readonly string[]).includes(name)) return counting(name, 0, { group });
  const word = (measure: string, expected: string): Expectation => {
    const test: Test = { is: 'word', words: [expected] };
    return { subscription: '', measure, test, expected, line: 0 };
  };
  if (name === 'drained') return word(name, 'true');
  const claims = run.subject.scenario.systems.flatMap(({ system }) =>
    (system.invariants ?? []).map((claim) => `${system.name}.${claim.name}`),
  );
  if (claims.includes(name)) return word(`model.${name}`, 'holds');
  throw unknownWord(name, [...NEVER, 'drained', ...claims]);
}

function unknownWord(word: string, known: readonly string[]): RangeError {
  const hint = didYouMean(word, known, `known: ${known.join(', ')}`);
  return new RangeError(`no promise is called "${word}"; ${hint}`);
}

/** A promise against a run: never kept by a run in which it was not put to the test. */
export function find(run: SimulatedRun, expectation: Expectation): Finding {
  const { subscription } = expectation;
  if (subscription !== '') run.of(subscription);
  const result = run.judge(expectation);
  const unknown = result.verdict === 'unknown' || result.actual === 'unknown';
  const why = [...run.doubts, ...(unknown ? [result.why ?? 'it was never put to the test'] : [])];
  if (why.length > 0) return { is: 'inconclusive', result, why: [...new Set(why)] };
  return { is: result.verdict === 'violated' ? 'broken' : 'kept', result, why };
}
