import { explorationReport } from '../../reports/hunt.ts';
import { explorationJson } from '../../reports/hunt-json.ts';
import { open } from '../door.ts';
import { Exit } from '../exit.ts';
import { ask, refuseToSave, save } from '../hunt/door.ts';
import { orderOf, type HuntOptions } from '../hunt/options.ts';
import { nameOf } from '../named.ts';
import { out, paintFor } from '../streams.ts';

/** `lost-ack explore`: searches for faults under which a scenario is not as it expects to be. */
export async function explore(path: string, options: HuntOptions, entry: URL): Promise<Exit> {
  refuseToSave(options.save);
  const text = await open(path, paintFor(process.stderr, options.color));
  if (text === undefined) return Exit.usage;
  const order = orderOf({ hunt: 'explore', text, file: nameOf(path) }, options);
  const answer = await ask(order, entry, options.color);
  if (typeof answer === 'number') return answer;
  if (answer.is !== 'explored') return Exit.bug;
  const { report } = answer;
  if (options.json === true) out(explorationJson(report));
  else out(`${explorationReport(report, paintFor(process.stdout, options.color))}\n`);
  save(options.save, order.file, report.finding?.shrunk?.text);
  if (report.finding !== undefined) return Exit.failed;
  if (report.searches.some((search) => search.stopped === 'interrupted')) return Exit.interrupted;
  const proved = report.searches.some((s) => s.exhausted && s.unproved === 0);
  return proved ? Exit.asExpected : Exit.inconclusive;
}
