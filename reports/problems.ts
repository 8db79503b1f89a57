import {
  cut,
  cutStart,
  padEnd,
  padStart,
  PLAIN,
  visible,
  widthOf,
  WIDTH,
  wrap,
  type Paint,
} from './text.ts';

/** A mistake in a source file, as scenarios/problem.ts has it; counted from 1. */
export interface SourceProblem {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly source: string;
  readonly says: string;
  readonly hint: string;
}

/**
 *   lost-ack.yaml:14:23 SCN012 unknown fault "partiton"
 *     14 |   - { at: 4ms, fault: partiton, node: b0 }
 *        |                       ^^^^^^^^
 *   hint: did you mean "partition"?
 */
export function problemText(problem: SourceProblem, paint: Paint = PLAIN): string {
  const { severity, file, line, column, code, says, hint } = problem;
  const place = `${visible(file)}${line > 0 ? `:${line}:${column}` : ''} ${code}`;
  const tone = severity === 'error' ? paint.bad : paint.unsure;
  const head = severity === 'error' ? '' : 'warning: ';
  const first = paragraph(`${place} ${head}${visible(says)}`, '', '  ');
  // Colour goes on afterwards, on whole pieces, so that it never counts as width.
  const lines = [first[0].replace(code, () => tone(code)), ...first.slice(1)];
  if (line > 0) lines.push(...excerpt(problem, tone));
  if (hint !== '') lines.push(...paragraph(visible(hint), 'hint: ', '      '));
  return lines.join('\n');
}

function paragraph(text: string, first: string, rest: string): string[] {
  const lines = wrap(text, WIDTH - Math.max(first.length, rest.length));
  return lines.map((line, i) => (i === 0 ? first : rest) + line);
}

/** The source line and a caret below it, cut around the caret when the line is too long. */
function excerpt(problem: SourceProblem, tone: (text: string) => string): string[] {
  const number = padStart(String(problem.line), 4);
  const room = WIDTH - number.length - 3;
  const { before, marked, after } = around(problem, room);
  const caret = '^'.repeat(Math.max(1, widthOf(marked)));
  return [
    `${number} | ${before}${marked}${after}`.trimEnd(),
    `${padEnd('', number.length)} | ${padEnd('', widthOf(before))}${tone(caret)}`,
  ];
}

function around(problem: SourceProblem, room: number) {
  // A source line of a megabyte: what is far from the caret is never looked at.
  const start = Math.max(0, problem.column - 1);
  const source = problem.source;
  const far = 4 * room;
  const left = source.slice(Math.max(0, start - far), start);
  const middle = source.slice(start, start + Math.min(problem.length, far));
  const right = source.slice(start + problem.length, start + problem.length + far);
  const marked = cut(shown(middle), room - 20);
  // Two thirds of what is left show what led to the place.
  const free = room - widthOf(marked);
  const rightWidth = Math.min(
    widthOf(shown(right)),
    Math.max(free - widthOf(shown(left)), free / 3),
  );
  const before = tail(shown(left), free - Math.floor(rightWidth), start > far);
  const after = cut(shown(right), free - widthOf(before));
  return { before, marked, after };
}

/** A tab is shown as one blank so that the caret stays below its place. */
const shown = (text: string) => visible(text.replaceAll('\t', ' '));

/** The end of a text, marked as such also when the rest was never looked at. */
function tail(text: string, width: number, more: boolean): string {
  return more && widthOf(text) <= width ? cutStart(`   ${text}`, width) : cutStart(text, width);
}
