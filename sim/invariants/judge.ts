import { assert } from '../kernel/assert.ts';
import type { ExpectationResult, RunVerdict } from '../history/record.ts';
import type { Summary } from '../history/summary.ts';
import type { Expectation, Test } from './expectation.ts';
import type { Invariant, Reading } from './invariant.ts';
import { INVARIANTS } from './list.ts';

/** The invariant and part that a measure such as "lag.time.max" or "counters.retries" names. */
export function findMeasure(measure: string): { invariant: Invariant; part: string } | undefined {
  const dot = measure.indexOf('.');
  const name = dot < 0 ? measure : measure.slice(0, dot);
  const part = dot < 0 ? '' : measure.slice(dot + 1);
  const invariant = INVARIANTS.find((known) => known.name === name);
  if (invariant === undefined) return undefined;
  if (part === '') {
    const first = invariant.parts[0];
    return first === '*' ? undefined : { invariant, part: first };
  }
  const known = invariant.parts.includes(part) || invariant.parts[0] === '*';
  return known ? { invariant, part } : undefined;
}

/** Holds one expectation against a finished run. */
export function judge(expectation: Expectation, summary: Summary): ExpectationResult {
  const { subscription, measure, test, expected, line } = expectation;
  const found = findMeasure(measure);
  assert(found !== undefined, `the loader lets no unknown measure through: ${measure}`);
  const over = summary.subscriptions.filter((s) => subscription === '' || s.name === subscription);
  const reading = found.invariant.read(summary, over, found.part);
  // A claim of a system bears the system's name already.
  const said = measure.replace(/^model\./, '');
  const name = subscription === '' ? said : `${subscription}.${measure}`;
  const { actual, witnesses } = reading;
  return { name, expected, actual, ...verdictOf(test, reading), witnesses, line };
}

function verdictOf(
  test: Test,
  reading: Reading,
): { verdict: ExpectationResult['verdict']; why?: string } {
  const { value, proof } = reading;
  if (typeof proof === 'object') return { verdict: 'unknown', why: proof.nothing };
  if (test.is === 'word') {
    return { verdict: test.words.includes(String(value)) ? 'holds' : 'violated' };
  }
  const n = Number(value);
  if (n > test.max) return { verdict: 'violated' };
  if (n >= test.min) {
    const open = proof === 'at-least' && test.max !== Infinity;
    return open
      ? { verdict: 'unknown', why: 'the run was cut, there may be more' }
      : { verdict: 'holds' };
  }
  return proof === 'at-least'
    ? { verdict: 'unknown', why: 'the run was cut, there may be more' }
    : { verdict: 'violated' };
}

/** A run passes only if every expectation holds and all that was planned happened. */
export function overall(
  results: readonly ExpectationResult[],
  everyFaultFired: boolean,
): RunVerdict {
  if (results.some((r) => r.verdict === 'violated'))
    return everyFaultFired ? 'fail' : 'inconclusive';
  if (!everyFaultFired || results.some((r) => r.verdict === 'unknown')) return 'inconclusive';
  return 'pass';
}
