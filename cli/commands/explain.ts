import { explanationReport } from '../../reports/explanation.ts';
import { turnJson, turnReport } from '../../reports/turn.ts';
import { Exit, exitOf, UsageError } from '../exit.ts';
import { ask, orderFor } from '../hunt/door.ts';
import type { HuntOptions } from '../hunt/options.ts';
import { out, paintFor } from '../streams.ts';

/** `lost-ack explain`: why a run came out as it did, by reruns. */
export async function explain(word: string, options: HuntOptions, entry: URL): Promise<Exit> {
  if (options.pointOfNoReturn === true) return await turn(word, options, entry);
  refuseCurveOptions(options);
  const order = await orderFor('explain', word, options);
  if (order === undefined) return Exit.usage;
  const answer = await ask(order, entry, options);
  if (typeof answer === 'number') return answer;
  if (answer.is !== 'explained') return Exit.bug;
  const { report } = answer;
  out(`${explanationReport(report, paintFor(process.stdout, options.color))}\n`);
  return exitOf(report.view.run.verdict);
}

/** What speaks of the curve alone. */
function refuseCurveOptions({ faults, runs, json }: HuntOptions): void {
  const given = { '--faults': faults, '--runs': runs, '--json': json };
  for (const [flag, value] of Object.entries(given)) {
    if (value === undefined) continue;
    throw new UsageError(`${flag} has no meaning here`, 'it goes with --point-of-no-return');
  }
}

/** When the run was lost. */
async function turn(word: string, options: HuntOptions, entry: URL): Promise<Exit> {
  const order = await orderFor('turn', word, options);
  if (order === undefined) return Exit.usage;
  const answer = await ask(order, entry, options);
  if (typeof answer === 'number') return answer;
  if (answer.is !== 'turned') return Exit.bug;
  const { report } = answer;
  if (options.json === true) out(turnJson(report));
  else out(`${turnReport(report, paintFor(process.stdout, options.color))}\n`);
  return report.curve.stopped === 'interrupted' ? Exit.interrupted : Exit.failed;
}
