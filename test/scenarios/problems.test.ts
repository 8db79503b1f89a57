import { expect, test } from 'vitest';
import { CODES } from '../../scenarios/codes.ts';
import { load } from './fake-systems.ts';
import { ACTIONS, MORE_ACTIONS } from './mistakes/actions.ts';
import { CONFIGURATION } from './mistakes/configuration.ts';
import { DEPLOYMENT } from './mistakes/deployment.ts';
import { FAULTS } from './mistakes/faults.ts';
import { FORM } from './mistakes/form.ts';
import { marked } from './mistakes/mistake.ts';
import { OUTCOME } from './mistakes/outcome.ts';
import { TEXT } from './mistakes/text.ts';

const CASES = [
  ...TEXT,
  ...FORM,
  ...DEPLOYMENT,
  ...CONFIGURATION,
  ...FAULTS,
  ...ACTIONS,
  ...OUTCOME,
];

for (const [code, ...cases] of [...CASES, ...MORE_ACTIONS]) {
  cases.forEach(({ says, hint, options, text: given }, i) => {
    test(`${code} (${i + 1}) is told at its place: ${says}`, () => {
      const { text, marks } = marked(given);
      const { problems, scenario } = load(text, options);
      const found = problems.map((p) => `${p.line}:${p.column}+${p.length}`);
      expect(problems.map((p) => p.code)).toEqual(marks.map(() => code));
      expect(found).toEqual(marks);
      for (const problem of problems) {
        expect(problem.says).toContain(says);
        expect(problem.hint).toContain(hint);
        expect(problem.file).toBe('test.yaml');
        expect(problem.source).toBe(text.split('\n')[problem.line - 1]);
      }
      const warning = problems.every((p) => p.severity === 'warning');
      expect(scenario !== undefined).toBe(warning);
    });
  });
}

/** These need a text too long for a table: see bounds.test.ts. */
const ELSEWHERE = ['SCN002', 'SCN083', 'SCN084', 'SCN090', 'SCN099'];

test('every code has a case that provokes it', () => {
  const covered = [...CASES.map(([code]) => code), ...ELSEWHERE].sort();
  expect(covered).toEqual(Object.keys(CODES).sort());
});
