/**
 * Where a run's digest stood on the way: what tells at which step a replay parted from its record.
 */
export interface Path {
  /** Events between two marks. */
  readonly every: number;
  /** The digest's first six digits after `every`, 2 `every`, ... events. */
  readonly marks: readonly string[];
}

const MOST = 16;
const DIGITS = 6;

/** Keeps at most 16 marks of a run of any length: when there are more, every other one goes. */
export class Milestones {
  #every = 16;
  #marks: string[] = [];

  /** How many events there are at the next mark. */
  get next(): number {
    return this.#every * (this.#marks.length + 1);
  }

  reach(digest: string): void {
    this.#marks.push(digest.slice(0, DIGITS));
    if (this.#marks.length < MOST) return;
    this.#marks = this.#marks.filter((_, i) => i % 2 === 1);
    this.#every *= 2;
  }

  get path(): Path {
    return { every: this.#every, marks: this.#marks };
  }
}

/**
 * Between which two numbers of events two runs parted, as far as their marks tell: they agreed at
 * the first and no longer at the second (-1: they agreed at every mark that both have).
 */
export function partingOf(a: Path, b: Path): { readonly after: number; readonly before: number } {
  const every = Math.max(a.every, b.every);
  const at = (path: Path, events: number): string | undefined =>
    path.marks[events / path.every - 1];
  let after = 0;
  for (let events = every; ; events += every) {
    const [x, y] = [at(a, events), at(b, events)];
    if (x === undefined || y === undefined) return { after, before: -1 };
    if (x !== y) return { after, before: events };
    after = events;
  }
}

/** "64:0123456789ab...": for tokens. */
export function pathText({ every, marks }: Path): string {
  return `${every}:${marks.join('')}`;
}

export function parsePath(text: string): Path {
  const [every, digits = ''] = text.split(':');
  const marks = Array.from({ length: Math.floor(digits.length / DIGITS) }, (_, i) =>
    digits.slice(i * DIGITS, (i + 1) * DIGITS),
  );
  return { every: Math.max(1, Number(every)), marks };
}
