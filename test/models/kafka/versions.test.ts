import { expect, test } from 'vitest';
import { olderThan } from '../../../models/parts/config.ts';
import { type Rule, rulesOf, since, VERSIONS } from '../../../models/kafka/versions.ts';

const rules = Object.keys(rulesOf('4.2')) as Rule[];

test('the newest version has all newer rules, the oldest has none', () => {
  expect(Object.values(rulesOf('4.2')).every((holds) => holds)).toBe(true);
  expect(Object.values(rulesOf('0.9')).some((holds) => holds)).toBe(false);
});

test('a rule holds from its version on, and the version just before does not have it', () => {
  const known = [...VERSIONS].sort((a, b) => (olderThan(a, b) ? -1 : 1));
  for (const rule of rules) {
    const first = known.indexOf(since(rule));
    expect(first, `${rule}: a scenario can name ${since(rule)}`).toBeGreaterThan(0);
    expect([rulesOf(known[first])[rule], rulesOf(known[first - 1])[rule]]).toEqual([true, false]);
  }
});

test('the default stands first, and the others by age', () => {
  const [standard, ...others] = VERSIONS;
  expect(standard).toBe('4.0');
  expect(others.every((v, i) => i === 0 || olderThan(v, others[i - 1]))).toBe(true);
  expect(new Set(VERSIONS).size).toBe(VERSIONS.length);
});
