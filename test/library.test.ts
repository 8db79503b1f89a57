import { describe, expect, test } from 'vitest';
import { execute } from '../scenarios/execute.ts';
import { LIBRARY, loaded, nameOf, runsOf } from './library.ts';

/** What went against the expectations, in a form that a failed test shows. */
function complaints(record: ReturnType<typeof execute>): string[] {
  const wrong = record.expectations
    .filter((e) => e.verdict !== 'holds')
    .map((e) => `${e.name}: expected ${e.expected}, got ${e.actual} (${e.verdict})`);
  const idle = record.faults.filter((f) => f.fired === 0).map((f) => `never fired: ${f.fault}`);
  return [...wrong, ...idle];
}

test('the library has scenarios', () => {
  expect(LIBRARY.length).toBeGreaterThanOrEqual(16);
});

describe.each(LIBRARY)('%s', (file) => {
  test('comes out as it says, and so does each of its variants', () => {
    for (const scenario of runsOf(file)) {
      const record = execute(scenario, { seed: scenario.seed });
      expect(complaints(record), nameOf(scenario)).toEqual([]);
      expect(record.verdict, nameOf(scenario)).toBe('pass');
    }
  });

  test('does not hang on one seed', () => {
    for (const scenario of runsOf(file)) {
      for (const seed of ['2', '3']) {
        expect(complaints(execute(scenario, { seed })), `${nameOf(scenario)} seed ${seed}`).toEqual(
          [],
        );
      }
    }
  });

  test('says where its claim comes from, and has a control that shows the opposite', () => {
    const scenario = loaded(file);
    expect(scenario.source.length).toBeGreaterThan(0);
    expect(scenario.expectations.length).toBeGreaterThan(0);
    const told = (s: typeof scenario) =>
      s.expectations.map((e) => `${e.subscription} ${e.measure} ${e.expected}`).sort();
    expect(scenario.variants.length).toBeGreaterThan(0);
    expect(scenario.variants.some((v) => String(told(v)) !== String(told(scenario)))).toBe(true);
  });

  test('is inconclusive when one of its faults cannot fire', () => {
    const scenario = loaded(file);
    scenario.faults.forEach((_, index) => {
      // The same fault, planned for an hour that never comes.
      const faults = scenario.faults.map((planned, i) =>
        i === index ? { ...planned, fault: { ...planned.fault, when: NEVER } } : planned,
      );
      const record = execute({ ...scenario, faults }, { seed: scenario.seed });
      expect(record.verdict).toBe('inconclusive');
    });
  });
});

const NEVER = { is: 'event', fact: 0, nth: 1_000_000_000, node: undefined } as const;
