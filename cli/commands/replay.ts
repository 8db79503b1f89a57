import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { jsonDocument } from '../../reports/json.ts';
import { fullReport } from '../../reports/terminal.ts';
import { visible } from '../../reports/text.ts';
import { ENGINE } from '../../scenarios/version.ts';
import { checkText } from '../door.ts';
import { Exit, UsageError } from '../exit.ts';
import { exitOf, work, type Job } from '../job.ts';
import { quoted } from '../named.ts';
import { Pulse } from '../pulse.ts';
import { err, out, paintFor } from '../streams.ts';
import { readToken, type Ticket } from '../token.ts';
import { chosen } from './run.ts';

export interface ReplayOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** `lost-ack replay`: the run of a token again, held to its digest. */
export async function replay(word: string, options: ReplayOptions): Promise<Exit> {
  const reading = readToken(tokenText(word));
  if (reading.is === 'unreadable') throw new UsageError(reading.says, reading.hint);
  const { ticket } = reading;
  const { text, set, seed, overrides } = ticket;
  const file = ticket.file === '' ? '-' : ticket.file;
  const loaded = checkText(text, file, { set }, paintFor(process.stderr, options.color), true);
  if (loaded === undefined) return unloadable(ticket);
  const scenario = chosen(loaded, ticket.variant === '' ? undefined : ticket.variant);
  if (typeof scenario === 'string') throw new UsageError(`the token's scenario: ${scenario}`);
  const explains = options.json === true || options.quiet === true ? 'never' : 'always';
  const alone = { ...scenario, variants: [] };
  const job: Job = { scenario: alone, file, seed, set, overrides, explains, showsToken: 'never' };
  const pulse = new Pulse(
    process.stderr.isTTY === true && options.quiet !== true && !process.env.CI,
  );
  const done = await work(job, pulse).finally(() => pulse.end());
  if (done === undefined) return Exit.interrupted;
  const { record } = done;
  if (options.json === true) out(jsonDocument([record], false));
  else if (options.quiet !== true) {
    const { token: _, ...view } = done.views[0];
    const replay = `lost-ack replay ${word.length > 50 ? 'TOKEN' : quoted(word)}`;
    out(`${fullReport({ ...view, replay }, paintFor(process.stdout, options.color))}\n`);
  }
  const same = compared(record.digest, ticket) && !parted(done.unasked);
  return same ? exitOf(record) : Exit.diverged;
}

/** A choice that nobody asked for was made about something that no longer happens. */
function parted(unasked: readonly string[]): boolean {
  if (unasked.length === 0) return false;
  const were = unasked.length === 1 ? 'was' : 'were';
  err(
    `diverged: ${unasked.length} of the choices ${were} never asked for, the first of them\n` +
      `  ${visible(unasked[0])}\n`,
  );
  return true;
}

function compared(digest: string, ticket: Ticket): boolean {
  if (ticket.digest === '') {
    err('the token is of a run that was not finished: there is no digest to compare\n');
    return true;
  }
  if (digest === ticket.digest) {
    err(`replayed: the same run, digest ${digest}\n`);
    return true;
  }
  err(`diverged: the digest is ${digest}, the token's is ${ticket.digest}\n`);
  if (ticket.engine === ENGINE) {
    err(`both runs are of engine ${ENGINE}: one of them is wrong; please report it\n`);
  } else {
    err(
      `the engine is ${ENGINE} here and ${ticket.engine} in the token; the same run again:\n` +
        `  npx lost-ack@${ticket.engine} replay TOKEN\n`,
    );
  }
  return false;
}

/**
 * A scenario that once ran and does not load any more: the engines differ, or somebody made it up.
 */
function unloadable(ticket: Ticket): Exit {
  if (ticket.engine === ENGINE) return Exit.usage;
  err(
    `the token's scenario is of engine ${ticket.engine}, and ${ENGINE} here does not take it:\n` +
      `  npx lost-ack@${ticket.engine} replay TOKEN\n`,
  );
  return Exit.diverged;
}

/** A token, `@file`, or a file that holds one. */
function tokenText(word: string): string {
  if (word.startsWith('@')) return tokenFile(word.slice(1));
  if (!/^\s*la\d+\./.test(word) && word.length < 4096 && existsSync(word)) return tokenFile(word);
  return word;
}

/** As much as the largest token, and a byte. */
const LIMIT = 3 * 1_048_576 + 1;

function tokenFile(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const says = code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`;
    throw new UsageError(
      `${visible(path)}: ${says}`,
      'it should hold a token; "--save-token" writes one',
    );
  }
  try {
    if (!fstatSync(descriptor).isFile()) throw new UsageError(`${path}: is no file`);
    const bytes = Buffer.alloc(Math.min(LIMIT, fstatSync(descriptor).size));
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    return bytes.toString('latin1', 0, length);
  } finally {
    closeSync(descriptor);
  }
}
