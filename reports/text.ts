import stringWidth from 'string-width';

/** No line of a report is wider: what an 80-column terminal shows without wrapping. */
export const WIDTH = 80;

/** Most text: shown as it is, a column for each character. */
const HARMLESS = /^[\x20-\x7e]*$/;

/**
 * Control characters, characters that turn the writing direction, and halves of characters: each
 * can make a terminal show something else than what is there.
 */
const HOSTILE =
  // eslint-disable-next-line no-control-regex -- Control characters are what it looks for.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text from a file or a command line as it may be shown: what is hostile in it is spelled out. */
export function visible(text: string): string {
  if (HARMLESS.test(text)) return text;
  return text.replace(HOSTILE, (c) => {
    if (c === '\n') return '\\n';
    if (c === '\t') return '\\t';
    const code = c.charCodeAt(0);
    return code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0');

/** Columns that a terminal uses for a text. */
export function widthOf(text: string): number {
  return HARMLESS.test(text) ? text.length : stringWidth(text);
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** At most `width` columns; what is cut off is shown as "...". */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const c of text) {
    used += widthOf(c);
    if (used > width - 3) break;
    kept += c;
  }
  return `${kept}...`;
}

/** The same at the other end. */
export function cutStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  for (const c of [...text].reverse()) {
    if (widthOf(kept) + widthOf(c) > width - 3) break;
    kept = c + kept;
  }
  return `...${kept}`;
}

/** The width of a column that holds these texts, within a bound. */
export function column(texts: readonly string[], most: number): number {
  return texts.reduce((width, text) => Math.min(most, Math.max(width, widthOf(text))), 0);
}

/** A paragraph in lines of at most `width` columns; a word longer than a line is cut in pieces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((w) => pieces(w, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

function pieces(word: string, width: number): string[] {
  if (widthOf(word) <= width) return [word];
  const all: string[] = [];
  let piece = '';
  for (const c of word) {
    if (widthOf(piece + c) > width) {
      all.push(piece);
      piece = '';
    }
    piece += c;
  }
  return [...all, piece];
}

/** "1 204": thousands set apart by a space. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** "1 fault", "2 faults". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/**
 * Colours are handed in by whoever knows the stream; without them every function is the identity.
 */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  unsure(text: string): string;
  dim(text: string): string;
  strong(text: string): string;
}

const same = (text: string) => text;
export const PLAIN: Paint = { good: same, bad: same, unsure: same, dim: same, strong: same };
