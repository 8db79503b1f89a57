import { certificateReport } from '../../reports/hunt.ts';
import { certificateJson } from '../../reports/hunt-json.ts';
import { open } from '../door.ts';
import { Exit } from '../exit.ts';
import { ask, refuseToSave, save } from '../hunt/door.ts';
import { orderOf, type HuntOptions } from '../hunt/options.ts';
import { nameOf } from '../named.ts';
import { out, paintFor } from '../streams.ts';

/** `lost-ack verify`: every placement of a few faults, and a certificate or a counterexample. */
export async function verify(path: string, options: HuntOptions, entry: URL): Promise<Exit> {
  refuseToSave(options.save);
  const text = await open(path, paintFor(process.stderr, options.color));
  if (text === undefined) return Exit.usage;
  const order = orderOf({ hunt: 'verify', text, file: nameOf(path) }, options);
  const answer = await ask(order, entry, options);
  if (typeof answer === 'number') return answer;
  if (answer.is !== 'verified') return Exit.bug;
  const { report } = answer;
  if (options.json === true) out(certificateJson(report));
  else out(`${certificateReport(report, paintFor(process.stdout, options.color))}\n`);
  save(options.save, order.file, report.finding?.shrunk?.text);
  if (report.finding !== undefined) return Exit.failed;
  if (report.stopped === 'interrupted') return Exit.interrupted;
  return report.exhausted && report.unproved === 0 ? Exit.asExpected : Exit.inconclusive;
}
