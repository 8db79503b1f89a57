import { open, tellProblems } from '../door.ts';
import { reportBug } from '../bug.ts';
import { Engine } from '../engine.ts';
import { Exit, UsageError } from '../exit.ts';
import { refuseForeign, writeAll } from '../outfile.ts';
import { nameOf } from '../named.ts';
import { refuseOwnCode } from '../own-code.ts';
import { err, paintFor } from '../streams.ts';
import { readToken } from '../../runs/token.ts';
import { orderOf, type HuntOptions } from './options.ts';
import type { HuntAnswer, HuntOrder } from './order.ts';

type Result = Extract<HuntAnswer, { readonly report: unknown } | { readonly is: 'shrunk' }>;

/** Has an order done; the exit code when there is no result. */
export async function ask(
  order: HuntOrder,
  entry: URL,
  { color, quiet = false }: Pick<HuntOptions, 'color' | 'quiet'>,
): Promise<Result | Exit> {
  const draws = process.stderr.isTTY === true && !quiet && !process.env.CI;
  const engine = new Engine(entry, draws);
  const answer = await engine.hunt(order).finally(() => engine.end());
  const paint = paintFor(process.stderr, color);
  if ('problems' in answer) tellProblems(order.file, answer.problems, paint, false);
  switch (answer.is) {
    case 'mistakes':
      return Exit.usage;
    case 'misused':
      throw new UsageError(answer.says, answer.hint);
    case 'broken':
      reportBug(answer.stack, order.file, answer.run);
      return Exit.bug;
    case 'unread':
      return Exit.bug;
    default:
      return answer;
  }
}

/** How a scenario that we wrote begins: the only kind of file that is written over. */
const HEAD = '# lost-ack: shrunk from ';

export function refuseToSave(path: string | undefined): void {
  if (path !== undefined) refuseForeign(path, HEAD, 'shrunk scenario');
}

/** Writes a shrunk scenario down, with where it comes from. */
export function save(path: string | undefined, file: string, text: string | undefined): void {
  if (path === undefined || text === undefined) return;
  writeAll(path, `${HEAD}${file}\n${text}`);
  err(`wrote ${path}\n`);
}

type Of = 'shrink' | 'explain' | 'turn';

/** The order for a file, or for what a token holds. */
export async function orderFor(
  hunt: Of,
  word: string,
  options: HuntOptions,
): Promise<HuntOrder | undefined> {
  const isToken = /^\s*la\d+\./.test(word);
  return isToken ? ofToken(hunt, word, options) : ofFile(hunt, word, options);
}

async function ofFile(
  hunt: Of,
  path: string,
  options: HuntOptions,
): Promise<HuntOrder | undefined> {
  const text = await open(path, paintFor(process.stderr, options.color));
  if (text === undefined) return undefined;
  return orderOf({ hunt, text, file: nameOf(path) }, options);
}

/** A token has everything: its settings come before those of the command line. */
function ofToken(hunt: Of, word: string, options: HuntOptions): HuntOrder {
  const reading = readToken(word);
  if (reading.is === 'unreadable') throw new UsageError(reading.says, reading.hint);
  refuseOwnCode(reading.ticket);
  const { text, file, seed, set, variant, overrides } = reading.ticket;
  if (overrides.length > 0) {
    throw new UsageError('the token overrides choices, which are no faults of its scenario');
  }
  const own = { seed, set: [...set, ...(options.set ?? [])] };
  const chosen = variant === '' ? {} : { variant };
  const asked = { hunt, text, file: file === '' ? '-' : file };
  return orderOf(asked, { ...options, ...own, ...chosen });
}
