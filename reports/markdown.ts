import { problemText } from './problems.ts';
import { casesOf, type Case, type FileResult } from './results.ts';
import { fullReport } from './terminal.ts';
import { plural, visible } from './text.ts';

/** What GitHub takes of a step's summary is 1 MiB. */
const ROOM = 900_000;

/** A summary for people: a table, and below it the report of each run that is not as expected. */
export function markdownReport(results: readonly FileResult[]): string {
  const rows = results.map((result) => ({ result, cases: casesOf(result) }));
  const head = [
    '## lost-ack',
    '',
    summary(rows.map(({ result, cases }) => wordOf(result, cases))),
    '',
    '| | scenario | expectations | |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ result, cases }) => rowOf(result, cases)),
    '',
  ].join('\n');
  let text = head;
  for (const detail of results.flatMap(detailsOf)) {
    if (text.length + detail.length > ROOM) return `${text}\nThe rest does not fit.\n`;
    text += detail;
  }
  return text;
}

type Word = 'ok' | 'FAIL' | '??';

function wordOf({ views }: FileResult, cases: readonly Case[]): Word {
  if (views.length === 0 || cases.some((c) => c.verdict === 'fail')) return 'FAIL';
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

function rowOf(result: FileResult, cases: readonly Case[]): string {
  const bad = cases.filter((c) => c.verdict !== 'pass');
  const broken = result.stack === undefined ? 'has mistakes' : 'ended by a bug of lost-ack';
  const says = bad.map(({ name, says }) => `${name}: ${says}`).join('; ');
  const cells = [
    wordOf(result, cases),
    result.file,
    result.views.length === 0 ? '-' : `${cases.length - bad.length} of ${cases.length}`,
    result.views.length === 0 ? broken : says,
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function detailsOf({ file, views, problems, stack }: FileResult): string[] {
  const wrong = problems.filter((p) => p.severity === 'error').map((p) => problemText(p));
  const texts = views.filter(({ run }) => run.verdict !== 'pass').map((view) => fullReport(view));
  if (views.length === 0) texts.push(stack ?? wrong.join('\n\n'));
  return texts.map((text) => {
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
