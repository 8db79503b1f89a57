import { tellProblems } from '../door.ts';
import { reportBug } from '../bug.ts';
import { Engine } from '../engine.ts';
import { Exit, UsageError } from '../exit.ts';
import { refuseForeign, writeAll } from '../outfile.ts';
import { err, paintFor } from '../streams.ts';
import type { HuntAnswer, HuntOrder } from './order.ts';

type Result = Extract<HuntAnswer, { is: 'explored' | 'verified' | 'shrunk' }>;

/** Has an order done; the exit code when there is no result. */
export async function ask(
  order: HuntOrder,
  entry: URL,
  color: boolean | undefined,
): Promise<Result | Exit> {
  const engine = new Engine(entry, false);
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
