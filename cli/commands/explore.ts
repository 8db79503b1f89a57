import { explorationReport } from '../../reports/hunt.ts';
import { explorationJson } from '../../reports/hunt-json.ts';
import { open } from '../door.ts';
import { pairJson, pairReport } from '../../reports/pair.ts';
import { Exit, UsageError } from '../exit.ts';
import { ask, refuseToSave, save } from '../hunt/door.ts';
import { orderOf, type HuntOptions } from '../hunt/options.ts';
import { nameOf } from '../named.ts';
import { out, paintFor } from '../streams.ts';

/** `lost-ack explore`: searches for faults under which a scenario is not as it expects to be. */
export async function explore(path: string, options: HuntOptions, entry: URL): Promise<Exit> {
  refuseToSave(options.save);
  const text = await open(path, paintFor(process.stderr, options.color));
  if (text === undefined) return Exit.usage;
  if (options.indistinguishable !== undefined) {
    return await tellApart(path, text, options.indistinguishable, options, entry);
  }
  const order = orderOf({ hunt: 'explore', text, file: nameOf(path) }, options);
  const answer = await ask(order, entry, options);
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

/** Searches for two runs that are one to a client and need different things of it. */
async function tellApart(
  path: string,
  text: string,
  client: string,
  options: HuntOptions,
  entry: URL,
): Promise<Exit> {
  if (options.strategy !== undefined || options.save !== undefined) {
    const flag = options.save === undefined ? '--strategy' : '--save';
    const says = `${flag} does not go with --indistinguishable`;
    throw new UsageError(
      says,
      'placements are tried in turn, the smaller ones first; leave it out',
    );
  }
  const order = orderOf({ hunt: 'tell-apart', text, file: nameOf(path), client }, options);
  const answer = await ask(order, entry, options);
  if (typeof answer === 'number') return answer;
  if (answer.is !== 'told-apart') return Exit.bug;
  const { report } = answer;
  if (options.json === true) out(pairJson(report));
  else out(`${pairReport(report, paintFor(process.stdout, options.color))}\n`);
  if (report.pair !== undefined) return Exit.failed;
  if (report.stopped === 'interrupted') return Exit.interrupted;
  return report.exhausted ? Exit.asExpected : Exit.inconclusive;
}
