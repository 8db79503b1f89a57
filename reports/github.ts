import { casesOf, type FileResult } from './results.ts';
import { visible } from './text.ts';

/** GitHub shows so many of a kind for each step, and no more. */
const SHOWN = 10;

/** Workflow commands that put what is wrong beside the line of the file that says it. */
export function githubReport(results: readonly FileResult[]): string {
  const all = results.flatMap((result) => [...ofProblems(result), ...ofCases(result)]);
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

function ofProblems({ file, problems, stack }: FileResult): string[] {
  const bug = { file, title: 'a bug of lost-ack', says: stack ?? '' };
  return [
    ...(stack === undefined ? [] : [command('error', bug)]),
    ...problems.map(({ severity, line, column, code, says, hint }) => {
      const more = hint === '' ? '' : `; ${hint}`;
      const place = line > 0 ? { line, col: column } : {};
      return command(severity, { file, ...place, title: code, says: says + more });
    }),
  ];
}

function ofCases(result: FileResult): string[] {
  return casesOf(result).flatMap(({ verdict, name, says, expectation, view }) => {
    if (verdict === 'pass') return [];
    const kind = verdict === 'fail' ? 'error' : 'warning';
    const { line } = expectation ?? {};
    const place = line === undefined || line === 0 ? {} : { line };
    const story = view.story === undefined ? '' : `\n${view.story.witness.says}`;
    const again = `\nreplay: ${view.replay}`;
    const title = verdict === 'fail' ? name : `inconclusive: ${name}`;
    return [command(kind, { file: result.file, ...place, title, says: says + story + again })];
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
