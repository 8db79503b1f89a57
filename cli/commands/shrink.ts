import { shrinkReport } from '../../reports/hunt.ts';
import { jsonDocument } from '../../reports/json.ts';
import { open } from '../door.ts';
import { Exit, UsageError } from '../exit.ts';
import { ask, refuseToSave, save } from '../hunt/door.ts';
import { orderOf, type HuntOptions } from '../hunt/options.ts';
import type { HuntOrder } from '../hunt/order.ts';
import { nameOf } from '../named.ts';
import { out, paintFor } from '../streams.ts';
import { readToken } from '../token.ts';

/** `lost-ack shrink`: a smaller scenario that fails in the same way. */
export async function shrink(word: string, options: HuntOptions, entry: URL): Promise<Exit> {
  refuseToSave(options.save);
  const order = /^\s*la\d+\./.test(word) ? ofToken(word, options) : await ofFile(word, options);
  if (order === undefined) return Exit.usage;
  const answer = await ask(order, entry, options.color);
  if (typeof answer === 'number') return answer;
  if (answer.is !== 'shrunk') return Exit.bug;
  const { shrunk, anomaly } = answer;
  if (options.json === true) out(jsonDocument([shrunk.view.run], false));
  else
    out(`${shrinkReport(order.file, anomaly, shrunk, paintFor(process.stdout, options.color))}\n`);
  save(options.save, order.file, shrunk.text);
  return Exit.failed;
}

async function ofFile(path: string, options: HuntOptions): Promise<HuntOrder | undefined> {
  const text = await open(path, paintFor(process.stderr, options.color));
  if (text === undefined) return undefined;
  return orderOf({ hunt: 'shrink', text, file: nameOf(path) }, options);
}

/** A token has everything: its settings come before those of the command line. */
function ofToken(word: string, options: HuntOptions): HuntOrder {
  const reading = readToken(word);
  if (reading.is === 'unreadable') throw new UsageError(reading.says, reading.hint);
  const { text, file, seed, set, variant, overrides } = reading.ticket;
  if (overrides.length > 0) {
    throw new UsageError('the token overrides choices, which are no faults of its scenario');
  }
  const own = { seed, set: [...set, ...(options.set ?? [])] };
  const chosen = variant === '' ? {} : { variant };
  const asked = { hunt: 'shrink', text, file: file === '' ? '-' : file } as const;
  return orderOf(asked, { ...options, ...own, ...chosen });
}
