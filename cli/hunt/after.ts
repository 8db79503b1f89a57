import { smallestLines } from '../../reports/hunt.ts';
import type { Paint } from '../../reports/text.ts';
import type { Assignment } from '../../scenarios/scenario.ts';
import type { Engine } from '../engine.ts';
import { orderOf } from './options.ts';

/** A run that failed, as it was asked for. */
export interface Failed {
  readonly text: string;
  readonly file: string;
  readonly seed: string;
  readonly set: readonly Assignment[];
  readonly variant: string | undefined;
}

/** Nobody asked for it: it may take as long as a reader takes for the report above it. */
const BUDGET = '5s';

/** For the end of a report: the smallest scenario that fails in the same way; "" if none does. */
export async function smallest(engine: Engine, failed: Failed, paint: Paint): Promise<string> {
  const { text, file, seed, set, variant } = failed;
  const settings = { seed, set, budget: BUDGET, ...(variant === undefined ? {} : { variant }) };
  const answer = await engine.hunt(orderOf({ hunt: 'shrink', text, file }, settings));
  // What breaks on the way is told when somebody asks for it by `lost-ack shrink`.
  return answer.is === 'shrunk' ? `\n${smallestLines(answer.shrunk, paint).join('\n')}\n` : '';
}
