import { describe, expect, test } from 'vitest';
import { judge } from '../../../sim/invariants/judge.ts';
import type { Test } from '../../../sim/invariants/expectation.ts';
import { INVARIANTS } from '../../../sim/invariants/list.ts';
import { runBroken, type Flaw } from './broker.ts';

const none: Test = { is: 'number', min: 0, max: 0 };
const word = (...words: string[]): Test => ({ is: 'word', words });

/** Each checker, what it demands of an honest broker, and the flaws that it must catch. */
const CASES: readonly (readonly [measure: string, test: Test, flaws: readonly Flaw[]])[] = [
  ['loss', none, ['forgets', 'stops pushing']],
  ['duplicates.stored', none, ['stores twice']],
  ['duplicates.delivered', none, ['pushes twice']],
  ['duplicates.effects', none, ['pushes twice']],
  ['ordering.inversions', none, ['pushes youngest first', 'tells each reader its own order']],
  ['guarantee', word('exactly-once'), ['forgets', 'pushes twice']],
  ['phantom', none, ['refuses and keeps']],
  ['agreement', none, ['tells each reader its own order']],
  ['drained', word('true'), ['forgets', 'stops pushing']],
  ['stalled', { is: 'number', min: 0, max: 1_000_000 }, ['stops pushing', 'pushes late']],
  ['lag.time.max', { is: 'number', min: 0, max: 1_000_000 }, ['pushes late', 'stops pushing']],
  ['lag.messages.final', none, ['stops pushing']],
  ['latency.p99', { is: 'number', min: 0, max: 1_000_000 }, ['pushes late']],
  ['producers.producer.failed', none, ['refuses and keeps']],
  ['alerts.lagging', word('silent'), ['stops pushing']],
];

describe.each(CASES)('%s', (measure, demand, flaws) => {
  const verdict = (flaw: Flaw) =>
    judge({ subscription: '', measure, test: demand, expected: '', line: 1 }, runBroken(flaw))
      .verdict;

  test('holds of a broker that keeps its word', () => {
    expect(verdict('none')).toBe('holds');
  });

  test.each(flaws)('is violated by a broker that %s', (flaw) => {
    expect(verdict(flaw)).toBe('violated');
  });
});

test('every invariant is caught out by some flaw, except those that only count', () => {
  const covered = new Set(CASES.map(([measure]) => measure.split('.')[0]));
  // Claims of a system have flaws of their own: test/models/broken/<system>.
  const counting = ['counters', 'pending', 'deadLettered', 'model'];
  const missing = INVARIANTS.map((i) => i.name).filter((name) => !covered.has(name));
  expect(missing.sort()).toEqual(counting.sort());
});
