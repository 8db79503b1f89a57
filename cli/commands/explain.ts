import { explanationReport } from '../../reports/explanation.ts';
import { Exit, exitOf } from '../exit.ts';
import { ask, orderFor } from '../hunt/door.ts';
import type { HuntOptions } from '../hunt/options.ts';
import { out, paintFor } from '../streams.ts';

/** `lost-ack explain`: why a run came out as it did, by reruns. */
export async function explain(word: string, options: HuntOptions, entry: URL): Promise<Exit> {
  const order = await orderFor('explain', word, options);
  if (order === undefined) return Exit.usage;
  const answer = await ask(order, entry, options.color);
  if (typeof answer === 'number') return answer;
  if (answer.is !== 'explained') return Exit.bug;
  const { report } = answer;
  out(`${explanationReport(report, paintFor(process.stdout, options.color))}\n`);
  return exitOf(report.view.run.verdict);
}
