import { describe, expect, test } from 'vitest';
import { githubReport } from '../../reports/github.ts';
import { junitReport } from '../../reports/junit.ts';
import { markdownReport } from '../../reports/markdown.ts';
import { suiteOfMistakes, suiteOfRuns, type Suite } from '../../reports/suite.ts';
import type { ExpectationResult, RunRecord } from '../../sim/history/record.ts';
import { record } from './records.ts';

const HOSTILE = 'a<b>&"\'|`%0A::error::\u0000\u001b[31m\n</failure>]]>';

const violated: ExpectationResult = {
  name: HOSTILE,
  expected: HOSTILE,
  actual: HOSTILE,
  verdict: 'violated',
  witnesses: [],
  line: 3,
};

function result(run: Partial<RunRecord>, file = 'a.yaml'): Suite {
  return suiteOfRuns(file, [{ run: record(run), butFor: [], replay: 'lost-ack run a.yaml' }]);
}
const hostile = result({ scenario: HOSTILE, verdict: 'fail', expectations: [violated] }, HOSTILE);
const broken = suiteOfMistakes('b.yaml', [], `Error: ${HOSTILE}`);

/** Every start of a tag has its end, and nothing stands in it that XML does not allow. */
function isWellFormed(xml: string): boolean {
  const open: string[] = [];
  const tag = /<(\/?)([a-z]+)((?: [a-z]+="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)(\/?)>/g;
  const rest = xml
    .replace(/^<\?xml.*\?>/, '')
    .replace(tag, (_all, end, name, _attributes, self) => {
      if (end === '/') return open.pop() === name ? '' : '<';
      if (self !== '/') open.push(name);
      return '';
    });
  // eslint-disable-next-line no-control-regex -- Control characters are what it looks for.
  const forbidden = /[<\u0000-\u0008\u000b-\u001f]|&(?!amp;|lt;|gt;|quot;)/;
  return open.length === 0 && !forbidden.test(rest);
}

describe('whatever things are called', () => {
  test('XML stays well-formed', () => {
    expect(isWellFormed(junitReport([hostile, broken, result({})]))).toBe(true);
    expect(isWellFormed('<a><b></a></b>')).toBe(false);
    expect(isWellFormed('<a b="1 < 2"/>')).toBe(false);
    expect(isWellFormed('<a>&nbsp;</a>')).toBe(false);
  });

  test('an annotation is one line, and one command', () => {
    const lines = githubReport([hostile, broken]).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(/^::error file=[^:,]+,(line=3,)?title=[^:,]+::/);
      // eslint-disable-next-line no-control-regex -- Control characters are what it looks for.
      expect(line).not.toMatch(/[\u0000-\u001f]/);
    }
  });

  test('a table has one row for each file, and no markup of theirs', () => {
    const text = markdownReport([hostile]);
    const rows = text.split('\n').filter((line) => line.startsWith('| FAIL'));
    expect(rows).toHaveLength(1);
    expect(rows[0].match(/(?<!\\)\|/g)).toHaveLength(5);
    expect(rows[0]).not.toContain('<b>');
    expect(text.match(/<details>/g)).toHaveLength(1);
  });
});

test('a run that proves nothing is skipped with all it expects, whatever held in it', () => {
  const holds = {
    ...violated,
    name: 'loss',
    expected: '0',
    actual: '0',
    verdict: 'holds',
  } as const;
  const faults = [{ fault: 'lose X, nth 9', fired: 0 }];
  const unsure = result({ verdict: 'inconclusive', expectations: [holds], faults });
  expect(junitReport([unsure])).toContain('<skipped message="never fired: lose X, nth 9"/>');
  expect(junitReport([unsure])).toMatch(/tests="1" failures="0" errors="0" skipped="1"/);
  expect(githubReport([unsure])).toMatch(/^::warning /);
  expect(markdownReport([unsure])).toContain('| ?? | a.yaml | 0 of 1 |');
  // Its twin in which the fault fired is a pass.
  const sure = result({ verdict: 'pass', expectations: [holds], faults: [] });
  expect(junitReport([sure])).toMatch(/tests="1" failures="0" errors="0" skipped="0"/);
  expect(githubReport([sure])).toBe('');
});

test('GitHub is told no more of a kind than it shows', () => {
  const many = Array.from({ length: 30 }, () => hostile);
  expect(githubReport(many).match(/^::error/gm)).toHaveLength(10);
});

test('a summary ends before GitHub would cut it', () => {
  const text = markdownReport([suiteOfMistakes('b.yaml', [], 'x'.repeat(2_000_000)), hostile]);
  expect(text.length).toBeLessThan(1_000_000);
  expect(text).toContain('The rest does not fit.');
});
