import type { Suite } from './suite.ts';
import { plural, visible } from './text.ts';

/** What GitHub takes of a step's summary is 1 MiB. */
const ROOM = 900_000;

/** A summary for people: a table, and below it the reports of what is not as expected. */
export function markdownReport(suites: readonly Suite[]): string {
  const head = [
    '## lost-ack',
    '',
    summary(suites.map(wordOf)),
    '',
    '| | scenario | as expected | |',
    '| --- | --- | --- | --- |',
    ...suites.map(rowOf),
    '',
  ].join('\n');
  let text = head;
  for (const detail of suites.flatMap(detailsOf)) {
    if (text.length + detail.length > ROOM) return `${text}\nThe rest does not fit.\n`;
    text += detail;
  }
  return text;
}

type Word = 'ok' | 'FAIL' | '??';

function wordOf({ broken, cases }: Suite): Word {
  if (broken !== undefined || cases.some((c) => c.verdict === 'fail')) return 'FAIL';
  return cases.some((c) => c.verdict === 'unsure') ? '??' : 'ok';
}

function summary(words: readonly Word[]): string {
  const times = (word: Word) => words.filter((w) => w === word).length;
  const parts = [
    [times('ok'), 'as expected'],
    [times('FAIL'), 'not'],
    [times('??'), 'inconclusive'],
  ] as const;
  const shown = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return `${plural(words.length, 'scenario')}: ${shown.join(', ')}`;
}

function rowOf(suite: Suite): string {
  const { file, cases, broken } = suite;
  const bad = cases.filter((c) => c.verdict !== 'pass');
  const why = broken?.type === 'bug' ? 'ended by a bug of lost-ack' : 'has mistakes';
  const cells = [
    wordOf(suite),
    file,
    broken === undefined ? `${cases.length - bad.length} of ${cases.length}` : '-',
    broken === undefined ? bad.map(({ name, says }) => `${name}: ${says}`).join('; ') : why,
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function detailsOf({ file, details }: Suite): string[] {
  return details.map((text) => {
    const summary = `<summary>${cell(file)}</summary>`;
    return `\n<details>${summary}\n\n${fenced(text)}\n\n</details>\n`;
  });
}

/** The fence is longer than any within. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const lines = text.split('\n').map(visible);
  return [`${fence}text`, ...lines, fence].join('\n');
}

/** Text from files, of which nothing is taken for markup. */
function cell(text: string): string {
  return visible(text).replace(/[\\`*_[\]<>#|&~$@]/g, (c) => `&#${c.charCodeAt(0)};`);
}
