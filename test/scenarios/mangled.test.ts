import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Problem } from '../../scenarios/problem.ts';
import { DESIGN, load } from './fake-systems.ts';

/** Problems, or a scenario; never neither, and each problem at a place that exists. */
function sound(text: string): void {
  const { scenario, problems } = load(text);
  const errors = problems.filter((p) => p.severity === 'error');
  expect(scenario === undefined).toBe(errors.length > 0);
  for (const problem of problems) placed(problem);
}

function placed({ line, column, length, source, says, hint }: Problem): void {
  expect(line).toBeGreaterThan(0);
  expect(column).toBeGreaterThan(0);
  expect(column).toBeLessThanOrEqual(source.length + 1);
  expect(length).toBeGreaterThan(0);
  expect(column - 1 + length).toBeLessThanOrEqual(Math.max(column, source.length));
  expect(says).not.toBe('');
  expect(hint).not.toBe('');
}

const FULL = `${DESIGN}alerts: { late: { lag: time, above: 60s, for: 5min } }
limits: { until: 10min, events: 1000000 }
disk: { fsync: 5ms }
vary:
  - name: a
    set: { producers.checkout.config.acks: all }
    expect: { loss: "< 3" }
`.replace('config: { acks: all', 'config: &c { acks: all');

test('the text that is mangled below is right', () => {
  expect(load(FULL).problems).toEqual([]);
});

test('any text gives problems or a scenario, never an exception', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), sound), { numRuns: 300 });
});

test('any text of the characters that YAML gives a meaning does too', () => {
  const pieces = [
    '\n',
    ' ',
    '  ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '|',
    '>',
    '&a',
    '*a',
    '#',
    '!',
    '?',
    '%',
    '---',
    'a',
    '1',
    'null',
    '\t',
    'scenario',
    'system',
    'kafka',
    'faults',
    '~',
  ];
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((p) => p.join(''));
  fc.assert(fc.property(text, sound), { numRuns: 500 });
});

test('a right file with some characters cut, put in or exchanged does too', () => {
  const edit = fc.record({
    at: fc.nat({ max: FULL.length }),
    cut: fc.nat({ max: 12 }),
    put: fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom(
        '\n',
        ' ',
        ':',
        '- ',
        '{',
        '}',
        '*c',
        '|',
        '0',
        '-1',
        'null',
        '[]',
        '{}',
        '""',
        '1e9',
        '.5',
        '~',
      ),
    ),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let text = FULL;
      for (const { at, cut, put } of edits) text = text.slice(0, at) + put + text.slice(at + cut);
      sound(text);
    }),
    { numRuns: 500 },
  );
});

test('a right file with its lines removed, repeated or exchanged does too', () => {
  const lines = FULL.split('\n');
  fc.assert(
    fc.property(fc.array(fc.nat({ max: lines.length - 1 }), { maxLength: 40 }), (order) => {
      sound(order.map((i) => lines[i]).join('\n'));
    }),
    { numRuns: 300 },
  );
});

test('a right file with any value in place of another does too', () => {
  const values = [
    '',
    '5',
    '-1',
    '1e400',
    '.nan',
    '.inf',
    'true',
    'null',
    '[]',
    '{}',
    '[[]]',
    '{ a: 1 }',
    '"5 parsecs"',
    '2ms',
    'orders',
    '"a b"',
    '0x10',
    '99999999999999999999',
    '!!str 5',
    '2024-01-01',
  ];
  const places = [...FULL.matchAll(/: ([\w.%-]+)/g)].map((m) => [m.index + 2, m[1].length]);
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.constantFrom(...values), ([at, length], value) => {
      sound(FULL.slice(0, at) + value + FULL.slice(at + length));
    }),
    { numRuns: 1_000 },
  );
});

test('any assignment gives problems or a scenario, never an exception', () => {
  const segment = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      'producers',
      'checkout',
      'config',
      'acks',
      'faults',
      '0',
      'vary',
      'expect',
      'topics',
      'send',
      '__proto__',
      'system',
    ),
  );
  const path = fc.array(segment, { maxLength: 5 }).map((s) => s.join('.'));
  const value = fc.oneof(
    fc.string({ maxLength: 10 }),
    fc.constantFrom('[]', '{}', '5', 'all', '{ a: 1 }', '*c', '- x'),
  );
  fc.assert(
    fc.property(path, value, (p, v) => {
      const { scenario, problems } = load(FULL, { set: [{ path: p, value: v }] });
      expect(scenario === undefined).toBe(problems.some((x) => x.severity === 'error'));
      for (const problem of problems) placed(problem);
    }),
    { numRuns: 500 },
  );
});
