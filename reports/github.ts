import type { Suite } from './suite.ts';
import { visible } from './text.ts';

/** GitHub shows so many of a kind for each step, and no more. */
const SHOWN = 10;

/** Workflow commands that put what is wrong beside the line of the file that says it. */
export function githubReport(suites: readonly Suite[]): string {
  const all = suites.flatMap((suite) => [...ofProblems(suite), ...ofCases(suite)]);
  const kinds = ['error', 'warning'].map((kind) =>
    all.filter((line) => line.startsWith(`::${kind} `)),
  );
  return kinds
    .map((lines) =>
      lines
        .slice(0, SHOWN)
        .map((line) => `${line}\n`)
        .join(''),
    )
    .join('');
}

function ofProblems({ file, problems, broken }: Suite): string[] {
  const bug = { file, title: 'a bug of lost-ack', says: broken?.says ?? '' };
  return [
    ...(broken?.type === 'bug' ? [command('error', bug)] : []),
    ...problems.map(({ severity, line, column, code, says, hint }) => {
      const more = hint === '' ? '' : `; ${hint}`;
      const place = line > 0 ? { line, col: column } : {};
      return command(severity, { file, ...place, title: code, says: says + more });
    }),
  ];
}

function ofCases({ file, cases }: Suite): string[] {
  return cases.flatMap(({ verdict, name, says, line, why, replay }) => {
    if (verdict === 'pass') return [];
    const kind = verdict === 'fail' ? 'error' : 'warning';
    const title = verdict === 'fail' ? name : `inconclusive: ${name}`;
    const again = replay === '' ? '' : `replay: ${replay}`;
    const text = [says, why, again].filter((part) => part !== '').join('\n');
    return [command(kind, { file, ...(line === undefined ? {} : { line }), title, says: text })];
  });
}

interface Annotation {
  readonly file: string;
  readonly line?: number;
  readonly col?: number;
  readonly title: string;
  readonly says: string;
}

function command(kind: string, { says, ...properties }: Annotation): string {
  const written = Object.entries(properties).map(([name, value]) => {
    return `${name}=${property(visible(String(value)))}`;
  });
  const message = says
    .split('\n')
    .map((line) => escaped(visible(line)))
    .join('%0A');
  return `::${kind} ${written.join(',')}::${message}`;
}

const escaped = (text: string) =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string) => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
