import { shrinkReport } from '../../reports/hunt.ts';
import { jsonDocument } from '../../reports/json.ts';
import { Exit } from '../exit.ts';
import { ask, orderFor, refuseToSave, save } from '../hunt/door.ts';
import type { HuntOptions } from '../hunt/options.ts';
import { out, paintFor } from '../streams.ts';

/** `lost-ack shrink`: a smaller scenario that fails in the same way. */
export async function shrink(word: string, options: HuntOptions, entry: URL): Promise<Exit> {
  refuseToSave(options.save);
  const order = await orderFor('shrink', word, options);
  if (order === undefined) return Exit.usage;
  const answer = await ask(order, entry, options);
  if (typeof answer === 'number') return answer;
  if (answer.is !== 'shrunk') return Exit.bug;
  const { shrunk, anomaly } = answer;
  if (options.json === true) out(jsonDocument([shrunk.view.run], false));
  else
    out(`${shrinkReport(order.file, anomaly, shrunk, paintFor(process.stdout, options.color))}\n`);
  save(options.save, order.file, shrunk.text);
  return Exit.failed;
}
