import { BOUNDS, type Code, WARNINGS } from './codes.ts';
import type { Problem } from './problem.ts';

/** A text that spans point into: a file, an assignment, or a text pasted into a file. */
export interface Origin {
  readonly file: string;
  /** Line and column count from 1. */
  locate(offset: number): Located;
}

export interface Located {
  readonly line: number;
  readonly column: number;
  readonly source: string;
}

/** A stretch of a text; `end` is exclusive. */
export interface Span {
  readonly origin: Origin;
  readonly start: number;
  readonly end: number;
}

export class TextOrigin implements Origin {
  readonly file: string;
  readonly lines: readonly string[];
  readonly #starts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    const raw = text.split('\n');
    this.lines = raw.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
    const starts: number[] = [];
    let offset = 0;
    for (const line of raw) {
      starts.push(offset);
      offset += line.length + 1;
    }
    this.#starts = starts;
  }

  locate(offset: number): Located {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    const source = this.lines[low];
    // A mistake at the very end of a line is shown behind its last character.
    const column = Math.min(offset - this.#starts[low], source.length) + 1;
    return { line: low + 1, column, source };
  }
}

/** The text of a block scalar (`|`) within its file: the same lines, indented. */
export class BlockOrigin implements Origin {
  readonly file: string;
  readonly #outer: TextOrigin;
  readonly #inner: TextOrigin;
  readonly #header: number;

  /** `header` is the line that `|` stands on. */
  constructor(outer: TextOrigin, header: number, text: string) {
    this.file = outer.file;
    this.#outer = outer;
    this.#inner = new TextOrigin(outer.file, text);
    this.#header = header;
  }

  locate(offset: number): Located {
    const inner = this.#inner.locate(offset);
    const line = Math.min(this.#header + inner.line, this.#outer.lines.length);
    const source = this.#outer.lines[line - 1];
    const indent = Math.max(0, source.length - inner.source.length);
    return { line, column: indent + inner.column, source };
  }
}

/**
 * A text that offsets cannot be traced back from (quoted with escapes, folded): the whole is shown.
 */
export class WholeOrigin implements Origin {
  readonly file: string;
  readonly #span: Span;

  constructor(span: Span) {
    this.file = span.origin.file;
    this.#span = span;
  }

  locate(): Located {
    return this.#span.origin.locate(this.#span.start);
  }
}

/** Collects mistakes. The same words about the same place are said once. */
export class Complaints {
  readonly strict: boolean;
  readonly #found = new Map<string, Problem>();
  #errors = 0;

  constructor(strict: boolean) {
    this.strict = strict;
  }

  get errors(): number {
    return this.#errors;
  }

  add(code: Code, span: Span, says: string, hint: string): void {
    const { line, column, source } = span.origin.locate(span.start);
    const warning = WARNINGS.has(code) && !this.strict;
    const width = Math.min(span.end - span.start, source.length - column + 1);
    this.put({
      severity: warning ? 'warning' : 'error',
      code,
      file: span.origin.file,
      line,
      column,
      length: Math.max(1, width),
      source,
      says,
      hint,
    });
  }

  put(problem: Problem): void {
    const key = identity(problem);
    if (this.#found.has(key)) return;
    this.#found.set(key, problem);
    if (problem.severity === 'error') this.#errors++;
  }

  /** In the order of the text; the scenario file before assignments of the command line. */
  sorted(): readonly Problem[] {
    const all = [...this.#found.values()].sort(
      (a, b) =>
        Number(a.file === ASSIGNMENTS) - Number(b.file === ASSIGNMENTS) ||
        a.line - b.line ||
        a.column - b.column ||
        compare(a.code, b.code) ||
        compare(a.says, b.says),
    );
    if (all.length <= BOUNDS.problems) return all;
    const last = all[BOUNDS.problems];
    const says = `${all.length - BOUNDS.problems} more mistakes follow`;
    return [
      ...all.slice(0, BOUNDS.problems),
      { ...last, severity: 'error', code: 'SCN099', says, hint: 'mend those above first' },
    ];
  }
}

/** Equal for two problems that say the same about the same place. */
export function identity({ file, line, column, code, says }: Problem): string {
  return JSON.stringify([file, line, column, code, says]);
}

/** What stands for the file in a problem about a `--set` assignment. */
export const ASSIGNMENTS = '--set';

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
