import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearest } from '../scenarios/nearest.ts';
import { UsageError } from './exit.ts';

/** What a scenario file may hold; nothing beyond is ever read. */
export const FILE_LIMIT = 1_048_576;

export const STDIN = '-';

/** The text of a scenario file, or a UsageError that says why there is none. */
export async function readScenario(path: string): Promise<string> {
  const bytes = path === STDIN ? await readStdin() : readBounded(path);
  return decode(bytes, path === STDIN ? 'stdin' : path);
}

/** At most the limit and one byte, which proves that there is more. */
function readBounded(path: string): Uint8Array {
  const descriptor = open(path);
  try {
    refuseUnlessFile(path, fstatSync(descriptor));
    const bytes = new Uint8Array(FILE_LIMIT + 1);
    let length = 0;
    while (length < bytes.length) {
      const got = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (got === 0) break;
      length += got;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Without waiting: opening a pipe would otherwise last until somebody writes to it. */
function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw explained(path, error as NodeJS.ErrnoException);
  }
}

function explained(path: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      if (/[*?]/.test(path)) {
        return new UsageError(
          `${path}: no such file`,
          'patterns are the business of the shell, and it found nothing that fits',
        );
      }
      return new UsageError(`${path}: no such file`, similar(path));
    case 'EACCES':
    case 'EPERM':
      return new UsageError(`${path}: may not be read`, 'look at its permissions');
    case 'EISDIR':
      return directory(path);
    case 'ENXIO':
      return new UsageError(`${path}: is a socket`, 'a scenario is a file, or "-" for stdin');
    case 'ENAMETOOLONG':
      return new UsageError('a file name is too long for this system');
    case 'ERR_INVALID_ARG_VALUE':
      return new UsageError('a file name holds a character that no file name may hold');
    case 'ELOOP':
      return new UsageError(`${path}: its links lead round in a circle`);
    default:
      return new UsageError(`${path}: cannot be read (${error.code ?? error.message})`);
  }
}

/** A file beside it that was probably meant. */
function similar(path: string): string {
  const meant = nearest(basename(path), siblings(dirname(path)));
  if (meant === undefined) return '"lost-ack ls" lists the scenarios that come with it';
  return `did you mean "${join(dirname(path), meant)}"?`;
}

function siblings(folder: string): string[] {
  try {
    return readdirSync(folder).slice(0, 2_000);
  } catch {
    return [];
  }
}

const directory = (path: string) =>
  new UsageError(
    `${path}: is a directory`,
    `name its files: lost-ack run ${path.replace(/\/+$/, '')}/*.yaml`,
  );

function refuseUnlessFile(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw directory(path);
  const kind = stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
  throw new UsageError(`${path}: is ${kind}`, 'hand over what it holds as stdin: lost-ack run -');
}

/** There is one stdin, and it can be read once. */
export function refuseTwoStdins(files: readonly string[]): void {
  if (files.filter((file) => file === STDIN).length < 2) return;
  throw new UsageError('"-" is named twice, and there is one stdin');
}

async function readStdin(): Promise<Uint8Array> {
  if (process.stdin.isTTY)
    process.stderr.write('reading a scenario from the terminal; Ctrl-D ends it\n');
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > FILE_LIMIT) break;
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array, name: string): string {
  if (bytes.length > FILE_LIMIT) {
    throw new UsageError(
      `${name}: is larger than 1 MiB`,
      'a scenario is a page or two; messages are described, not listed',
    );
  }
  if (bytes.length === 0) {
    throw new UsageError(`${name}: is empty`, '"lost-ack init" writes a scenario to start from');
  }
  if (bytes.includes(0)) {
    throw new UsageError(
      `${name}: is not text (it holds a zero byte)`,
      'a scenario is a YAML file in UTF-8',
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(
      `${name}: is not UTF-8`,
      'save it as UTF-8; the first bad byte is ' + badByte(bytes),
    );
  }
}

/** Line and column of the first byte that no UTF-8 text holds there. */
function badByte(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8');
  const text = decoder.decode(bytes);
  const until = text.slice(0, Math.max(0, text.indexOf('\ufffd')));
  const line = until.split('\n').length;
  return `at ${line}:${until.length - until.lastIndexOf('\n')}`;
}
