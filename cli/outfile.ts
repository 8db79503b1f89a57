import { closeSync, openSync, readSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { UsageError } from './exit.ts';

/**
 * Nobody's work is written over: a file that exists is replaced only when it begins as ours do.
 */
export function refuseForeign(path: string, prefix: string, what: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.size === 0 || !stats.isFile()) {
    if (stats?.isDirectory() === true) {
      throw new UsageError(`${path}: is a directory`, `name a file for the ${what}`);
    }
    return;
  }
  const start = Buffer.alloc(prefix.length);
  const descriptor = openSync(path, 'r');
  readSync(descriptor, start, 0, prefix.length, 0);
  closeSync(descriptor);
  if (start.toString() === prefix) return;
  throw new UsageError(
    `${path}: exists and is no ${what}`,
    'it is left as it is; name another file, or remove this one',
  );
}

export function writeAll(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'make its folder first, or name a file elsewhere',
  ENOTDIR: 'a part of the path is a file; name a file elsewhere',
  EISDIR: 'name a file, not a folder',
  EACCES: 'it may not be written here; name a file elsewhere',
};

export function cannotWrite(path: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  return new UsageError(
    `${path}: cannot be written (${code ?? String(error)})`,
    REMEDIES[code ?? ''],
  );
}

/** The reader of stdout has left. */
export class Unread extends Error {
  override name = 'Unread';
}

/** Lines to a file or to stdout, in pieces of some size, while a run goes on. */
export class LineSink {
  readonly #path: string;
  readonly #descriptor: number;
  #pending: string[] = [];
  #size = 0;

  /** "-" is stdout. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = path === '-' ? 1 : openSync(path, 'w');
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  write(line: string): void {
    this.#pending.push(line);
    this.#size += line.length;
    if (this.#size > 65_536) this.#flush();
  }

  close(): void {
    this.#flush();
    if (this.#path !== '-') closeSync(this.#descriptor);
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    let bytes = Buffer.from(`${this.#pending.join('\n')}\n`);
    this.#pending = [];
    this.#size = 0;
    while (bytes.length > 0) bytes = bytes.subarray(this.#writeSome(bytes));
  }

  /** A pipe whose reader is slow says EAGAIN; one whose reader has left says EPIPE. */
  #writeSome(bytes: Uint8Array): number {
    try {
      return writeSync(this.#descriptor, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') throw new Unread();
      if (code !== 'EAGAIN') throw cannotWrite(this.#path, error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return 0;
    }
  }
}
