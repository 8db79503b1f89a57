import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { jsonDocument } from '../../reports/json.ts';
import { fullReport } from '../../reports/terminal.ts';
import { visible } from '../../reports/text.ts';
import { parsePath, partingOf } from '../../sim/history/milestones.ts';
import type { RunRecord } from '../../sim/history/record.ts';
import { ENGINE } from '../../scenarios/version.ts';
import { reportBug } from '../bug.ts';
import { tellProblems } from '../door.ts';
import { Engine } from '../engine.ts';
import { Exit, exitOf, UsageError } from '../exit.ts';
import { quoted } from '../named.ts';
import { refuseOwnCode } from '../own-code.ts';
import type { Done, Order } from '../order.ts';
import { err, out, paintFor } from '../streams.ts';
import { readToken, type Ticket } from '../../runs/token.ts';

export interface ReplayOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** `lost-ack replay`: the run of a token again, held to its digest. */
export async function replay(word: string, options: ReplayOptions, entry: URL): Promise<Exit> {
  const reading = readToken(tokenText(word));
  if (reading.is === 'unreadable') throw new UsageError(reading.says, reading.hint);
  const { ticket } = reading;
  refuseOwnCode(ticket);
  const draws = process.stderr.isTTY === true && options.quiet !== true && !process.env.CI;
  const engine = new Engine(entry, draws);
  const answer = await engine.perform(orderOf(ticket, options)).finally(() => engine.end());
  switch (answer.is) {
    case 'done':
      tell(word, answer, options);
      return compared(answer.record, ticket) && !parted(answer.unasked)
        ? exitOf(answer.record.verdict)
        : Exit.diverged;
    case 'stopped':
      return Exit.interrupted;
    case 'mistakes':
      tellProblems(ticket.file, answer.problems, paintFor(process.stderr, options.color), true);
      return unloadable(ticket);
    case 'misused':
      throw new UsageError(answer.says, answer.hint);
    case 'broken':
      reportBug(answer.stack, ticket.file, answer.run);
      return Exit.bug;
    case 'unread':
      return process.exit();
  }
}

function orderOf(ticket: Ticket, { json, quiet }: ReplayOptions): Order {
  const { text, set, seed, overrides } = ticket;
  return {
    text,
    file: ticket.file === '' ? '-' : ticket.file,
    seed,
    set,
    strict: false,
    variant: ticket.variant === '' ? undefined : ticket.variant,
    alone: true,
    overrides,
    explains: json === true || quiet === true ? 'never' : 'always',
    showsToken: 'never',
    trace: undefined,
  };
}

function tell(word: string, { record, views }: Done, options: ReplayOptions): void {
  if (options.json === true) out(jsonDocument([record], false));
  else if (options.quiet !== true) {
    const { token: _, ...view } = views[0];
    const again = `lost-ack replay ${word.length > 50 ? 'TOKEN' : quoted(word)}`;
    out(`${fullReport({ ...view, replay: again }, paintFor(process.stdout, options.color))}\n`);
  }
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

function compared({ digest, path }: RunRecord, ticket: Ticket): boolean {
  if (ticket.digest === '') {
    err('the token is of a run that was not finished: there is no digest to compare\n');
    return true;
  }
  if (digest === ticket.digest) {
    err(`replayed: the same run, digest ${digest}\n`);
    return true;
  }
  err(`diverged: the digest is ${digest}, the token's is ${ticket.digest}\n`);
  if (ticket.path !== '') {
    const { after, before } = partingOf(path, parsePath(ticket.path));
    if (before < 0) err(`they agree up to event ${after}, as far as both were marked\n`);
    else err(`they parted between event ${after} and event ${before}\n`);
  }
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
