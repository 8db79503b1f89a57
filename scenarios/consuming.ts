import type { ConsumerPlan } from '../models/parts/system.ts';
import type { Micros } from '../sim/kernel/time.ts';
import type { Process } from './form.ts';
import type { Reader } from './read.ts';
import { keySpan, type Path } from './tree.ts';

/** `checkpoints:` of a stream processor. */
export function readCheckpoints(
  { checkpoints, produce }: Process,
  path: Path,
  reader: Reader,
): Pick<ConsumerPlan, 'checkpoints'> {
  if (checkpoints === undefined) return {};
  if (produce === undefined) {
    const says = 'a job with checkpoints has an output that they are about';
    const span = keySpan(reader.root, path);
    reader.complaints.add('SCN025', span, says, 'write `produce: { to: ... }`');
  }
  const at = (key: string) => [...path, key];
  const why = 'a job that does nothing but checkpoints';
  return {
    checkpoints: {
      every: reader.positive(checkpoints.every, at('every'), 60_000_000, why),
      timeout: reader.duration(checkpoints.timeout, at('timeout'), 600_000_000),
      restartDelay: reader.duration(checkpoints['restart-delay'], at('restart-delay'), 1_000_000),
      expired: checkpoints.expired ?? 'fail',
    },
  };
}

/** `starts:`, when each instance of a consumer starts; -1 for never. */
export function readStarts(
  given: unknown,
  instances: number,
  path: Path,
  reader: Reader,
): Micros[] {
  const one = (start: unknown, at: Path) =>
    start === 'never' ? -1 : reader.duration(start as string | 0 | undefined, at, 0);
  if (!Array.isArray(given)) return new Array<number>(instances).fill(one(given, path));
  if (given.length !== instances) {
    const says = `${given.length} starts for ${instances} instances`;
    const hint = 'give one for each instance, or a single one for all';
    reader.complaints.add('SCN025', keySpan(reader.root, path), says, hint);
  }
  const starts = given.map((start, i) => one(start, [...path, i]));
  return Array.from({ length: instances }, (_, i) => starts[i] ?? 0);
}
