import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Plan } from '../../sim/explore/sweep/plan.ts';
import type { TallyData } from '../../sim/explore/sweep/tally.ts';
import { UsageError } from '../exit.ts';
import { cannotWrite } from '../outfile.ts';
import type { Subject } from './subject.ts';

/** First line of a file of finished batches: what was swept, and which share of it. */
export interface JournalHead {
  readonly format: 'lost-ack/batches/1';
  readonly subject: Subject;
  readonly configurations: number;
  readonly shard: Plan['shard'];
}

export const JOURNAL_START = '{"format":"lost-ack/batches/';

/**
 * Finished batches, a line of JSON each: `{"batch":7,"tally":{...}}`. It only grows, so a killed
 * sweep has lost nothing that was finished; a last line that is broken off is no line. In memory
 * there are places in the file, not what stands there.
 */
export class Journal {
  readonly head: JournalHead;
  readonly path: string;
  readonly #descriptor: number;
  readonly #places = new Map<number, readonly [offset: number, length: number]>();
  #end = 0;

  private constructor(path: string, descriptor: number, head: JournalHead) {
    this.path = path;
    this.#descriptor = descriptor;
    this.head = head;
  }

  /** A new file; what stands there is gone. */
  static begin(path: string, head: JournalHead): Journal {
    const journal = new Journal(path, open(path, 'w+'), head);
    journal.#write(JSON.stringify(head));
    return journal;
  }

  /** A file of finished batches; undefined when there is none, or nothing in it. */
  static open(path: string, flags: 'r' | 'r+'): Journal | undefined {
    const descriptor = tryOpen(path, flags);
    if (descriptor === undefined || fstatSync(descriptor).size === 0) return undefined;
    let journal: Journal | undefined;
    for (const { text, offset, length } of linesOf(descriptor)) {
      if (journal === undefined) {
        journal = new Journal(path, descriptor, headOf(path, text));
      } else {
        const batch = batchOf(text);
        if (batch !== undefined) journal.#places.set(batch.batch, [offset, length]);
      }
      journal.#end = offset + length + 1;
    }
    if (journal === undefined) throw foreign(path);
    return journal;
  }

  has(index: number): boolean {
    return this.#places.has(index);
  }

  get size(): number {
    return this.#places.size;
  }

  read(index: number): TallyData {
    const [offset, length] = this.#places.get(index) ?? [0, 0];
    const bytes = Buffer.alloc(length);
    readSync(this.#descriptor, bytes, 0, length, offset);
    const batch = batchOf(bytes.toString());
    if (batch === undefined) throw new UsageError(`${this.path}: was changed while it was read`);
    return batch.tally;
  }

  append(index: number, tally: TallyData): void {
    const offset = this.#end;
    const length = this.#write(JSON.stringify({ batch: index, tally }));
    this.#places.set(index, [offset, length]);
  }

  /** Forgets what was broken off at the end, so that the next line begins a line. */
  trim(): void {
    ftruncateSync(this.#descriptor, this.#end);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(line: string): number {
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#end + done);
      }
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    this.#end += bytes.length;
    return bytes.length - 1;
  }
}

function open(path: string, flags: string): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function tryOpen(path: string, flags: string): number | undefined {
  try {
    return openSync(path, flags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UsageError(`${path}: cannot be read (${code ?? String(error)})`);
  }
}

function foreign(path: string): UsageError {
  return new UsageError(
    `${path}: holds no finished batches`,
    '"sweep --save FILE" and "sweep --shard" write such files',
  );
}

function headOf(path: string, line: string): JournalHead {
  const value = parse(line) as Partial<JournalHead> | undefined;
  if (typeof value?.format !== 'string' || !value.format.startsWith('lost-ack/batches/')) {
    throw foreign(path);
  }
  if (value.format !== 'lost-ack/batches/1') {
    throw new UsageError(`${path}: is of another lost-ack (${value.format})`);
  }
  return value as JournalHead;
}

function batchOf(line: string): { batch: number; tally: TallyData } | undefined {
  const value = parse(line) as { batch?: unknown; tally?: unknown } | undefined;
  if (!Number.isSafeInteger(value?.batch) || typeof value?.tally !== 'object') return undefined;
  return value as { batch: number; tally: TallyData };
}

function parse(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const PIECE = 1 << 16;

/** Whole lines; what follows the last line break is left out. */
function* linesOf(
  descriptor: number,
): Generator<{ readonly text: string; readonly offset: number; readonly length: number }> {
  let rest = Buffer.alloc(0);
  let offset = 0;
  const piece = Buffer.alloc(PIECE);
  for (let at = 0; ;) {
    const got = readSync(descriptor, piece, 0, PIECE, at);
    if (got === 0) return;
    at += got;
    rest = Buffer.concat([rest, piece.subarray(0, got)]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield { text: rest.toString('utf8', 0, end), offset, length: end };
      offset += end + 1;
      rest = rest.subarray(end + 1);
    }
  }
}

/** What tells two sweeps apart, in a word. */
export function differing(a: JournalHead, b: JournalHead): string {
  const parts: readonly (readonly [string, (head: JournalHead) => unknown])[] = [
    ['the engine', ({ subject }) => subject.engine],
    ['the scenario', ({ subject }) => subject.sources],
    ['--set', ({ subject }) => subject.set],
    ['--vary', ({ subject }) => subject.vary],
    ['--variant', ({ subject }) => subject.variant],
    ['--seeds', ({ subject }) => subject.seeds],
    ['--shard', ({ shard }) => shard],
  ];
  const found = parts.find(([, of]) => JSON.stringify(of(a)) !== JSON.stringify(of(b)));
  return found?.[0] ?? 'something';
}
