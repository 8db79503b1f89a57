import fc from 'fast-check';
import { expect, test } from 'vitest';
import { problemText, type SourceProblem } from '../../reports/problems.ts';
import { widthOf } from '../../reports/text.ts';

const problem = (part: Partial<SourceProblem> = {}): SourceProblem => ({
  severity: 'error',
  code: 'SCN012',
  file: 'lost-ack.yaml',
  line: 14,
  column: 23,
  length: 8,
  source: '  - { at: 4ms, fault: partiton, node: b0 }',
  says: 'unknown fault "partiton"',
  hint: 'did you mean "partition"?',
  ...part,
});

const caretLine = (text: string) => text.split('\n').find((line) => /^ +\| +\^+$/.test(line)) ?? '';
const sourceLine = (text: string) => text.split('\n').find((line) => /^ *\d+ \| /.test(line)) ?? '';

test('a problem says where, what, and what to write instead', () => {
  expect(problemText(problem())).toBe(
    [
      'lost-ack.yaml:14:23 SCN012 unknown fault "partiton"',
      '  14 |   - { at: 4ms, fault: partiton, node: b0 }',
      '     |                       ^^^^^^^^',
      'hint: did you mean "partition"?',
    ].join('\n'),
  );
});

test('a warning says that it is one', () => {
  expect(problemText(problem({ severity: 'warning' }))).toContain('SCN012 warning: unknown');
});

test('the caret stands below its place, behind tabs too', () => {
  const text = problemText(problem({ source: '\t\tfault: partiton', column: 10 }));
  expect(caretLine(text).indexOf('^')).toBe(sourceLine(text).indexOf('partiton'));
});

test('of a very long line the part around the caret is shown', () => {
  const source = `${'x'.repeat(500_000)} partiton ${'y'.repeat(500_000)}`;
  const text = problemText(problem({ source, column: 500_002 }));
  expect(caretLine(text).indexOf('^')).toBe(sourceLine(text).indexOf('partiton'));
  expect(sourceLine(text)).toMatch(/\.\.\.x+ partiton y+\.\.\.$/);
});

test('control characters of the file reach no terminal', () => {
  const text = problemText(
    problem({ file: 'a\x1b]0;b', says: 'unknown "\x1b[2J"', source: '\x1b[2J: 1', column: 1 }),
  );
  // eslint-disable-next-line no-control-regex -- None may be left in what is shown.
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('no line is wider than 80 columns', () => {
  const size = fc.nat(300);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      size,
      size,
      (source, column, length) => {
        const text = problemText(problem({ source, column: column + 1, length: length + 1 }));
        for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(80);
      },
    ),
  );
});
