import { padEnd, visible, widthOf, WIDTH, wrap, type Paint } from './text.ts';

export const MARGIN = '  ';
const LABEL = 10;

const same = (text: string) => text;

export function label(word: string, paint: Paint): string {
  return paint.dim(padEnd(word, LABEL));
}

/** A word at the margin and a paragraph beside it. */
export function labelled(word: string, text: string, paint: Paint, tone = same): string[] {
  return wrap(text, WIDTH - MARGIN.length - LABEL).map(
    (line, i) => beside(word, i, paint) + tone(line),
  );
}

function beside(word: string, line: number, paint: Paint): string {
  return MARGIN + (line === 0 ? label(word, paint) : padEnd('', LABEL));
}

/** An option with its value, a quoted word, a word: what a line break must not part. */
const PART = /(?:--[\w-]+ )?(?:\$'(?:[^'\\]|\\.)*'|'(?:[^']|'\\'')*'|\S+)/g;

/** A command that can be pasted also when it takes several lines. */
export function command(word: string, text: string, paint: Paint): string[] {
  const room = WIDTH - MARGIN.length - LABEL - 2;
  const lines: string[] = [];
  for (const part of visible(text).match(PART) ?? []) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(part) <= room) {
      lines[lines.length - 1] = `${last} ${part}`;
    } else lines.push(part);
  }
  return lines.map((line, i) => {
    const end = i < lines.length - 1 ? ' \\' : '';
    return beside(word, i, paint) + paint.strong(line) + end;
  });
}

/** The first few of many, and how many there are besides. */
export function few<T>(
  all: readonly T[],
  most: number,
  line: (item: T, index: number) => string[],
): string[] {
  const kept = all.length <= most ? all : all.slice(0, most - 1);
  const more = all.length - kept.length;
  const rest =
    more === 0 ? [] : [`${MARGIN}${padEnd('', LABEL)}and ${more} more (all of them: --json)`];
  return [...kept.flatMap(line), ...rest];
}
