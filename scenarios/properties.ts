import type { Complaints, Origin, Span } from './place.ts';
import { type Entry, type Leaf, type Tree } from './tree.ts';
import { WholeOrigin } from './place.ts';

/**
 * Text in .properties syntax (java.util.Properties): `key=value`, `key: value`, `key value`,
 * comments with # or !, a backslash at the end of a line continues it, \t \n \uXXXX and \= are
 * escapes. The last of several equal keys wins in Java; here a repeat is a mistake, since one of
 * them is ignored.
 */
export function readProperties(leaf: Leaf, complaints: Complaints): Tree {
  const { text, inside } = leaf;
  const entries = new Map<string, Entry>();
  for (const line of logicalLines(text)) {
    const { key, value, keyEnd, valueStart } = split(line.chars);
    const places = line.chars;
    const span = (from: number, to: number): Span => spanOf(inside, places, from, to, line.end);
    const keySpan = span(0, keyEnd);
    if (key === '') {
      const hint = 'write one `key=value` a line; comments start with #';
      complaints.add('SCN036', keySpan, 'a line without a key', hint);
      continue;
    }
    if (entries.has(key)) {
      complaints.add('SCN005', keySpan, `"${key}" is written twice`, 'remove one of them');
      continue;
    }
    const at = valueStart < places.length ? span(valueStart, places.length) : keySpan;
    const found: Leaf = { is: 'leaf', value, text: value, span: at, inside: new WholeOrigin(at) };
    entries.set(key, { key: keySpan, tree: found });
  }
  return { is: 'branch', entries, span: leaf.span };
}

/** A character, where it stood, and whether a backslash took its meaning away. */
interface Char {
  readonly char: string;
  readonly offset: number;
  readonly escaped: boolean;
}

interface LogicalLine {
  readonly chars: Char[];
  readonly end: number;
}

function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let offset = 0;
  let open: Char[] | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    let i = 0;
    while (i < line.length && /[ \t\f]/.test(line[i])) i++;
    const comment = open === undefined && (i === line.length || line[i] === '#' || line[i] === '!');
    if (!comment) {
      open ??= [];
      let continues = false;
      while (i < line.length) {
        if (line[i] !== '\\') {
          open.push({ char: line[i], offset: offset + i, escaped: false });
          i++;
        } else if (i === line.length - 1) {
          continues = true;
          i++;
        } else {
          const [char, length] = unescaped(line, i);
          open.push({ char, offset: offset + i, escaped: true });
          i += length;
        }
      }
      if (!continues) {
        lines.push({ chars: open, end: offset + line.length });
        open = undefined;
      }
    }
    offset += raw.length + 1;
  }
  if (open !== undefined) lines.push({ chars: open, end: text.length });
  return lines;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(line: string, at: number): [char: string, length: number] {
  const next = line[at + 1];
  const code = /^[0-9a-fA-F]{4}/.exec(line.slice(at + 2, at + 6));
  if (next === 'u' && code !== null) return [String.fromCharCode(parseInt(code[0], 16)), 6];
  return [ESCAPES[next] ?? next, 2];
}

function split(chars: readonly Char[]) {
  let keyEnd = chars.findIndex((c) => !c.escaped && /[=:\s]/.test(c.char));
  if (keyEnd < 0) keyEnd = chars.length;
  let valueStart = keyEnd;
  const blank = (c: Char | undefined) => c !== undefined && !c.escaped && /\s/.test(c.char);
  while (blank(chars[valueStart])) valueStart++;
  const separator = chars[valueStart];
  if (separator !== undefined && !separator.escaped && /[=:]/.test(separator.char)) valueStart++;
  while (blank(chars[valueStart])) valueStart++;
  const text = (from: number, to: number) => {
    let joined = '';
    for (const c of chars.slice(from, to)) joined += c.char;
    return joined;
  };
  // Java keeps blanks at the end of a value; they are never meant, and invisible.
  const value = text(valueStart, chars.length).trimEnd();
  return { key: text(0, keyEnd), value, keyEnd, valueStart };
}

function spanOf(
  origin: Origin,
  chars: readonly Char[],
  from: number,
  to: number,
  end: number,
): Span {
  const start = chars[from]?.offset ?? end;
  const last = chars[Math.max(from, to - 1)];
  return { origin, start, end: Math.max(start + 1, last === undefined ? end : last.offset + 1) };
}
