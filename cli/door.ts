import { problemText } from '../reports/problems.ts';
import { plural, visible, type Paint } from '../reports/text.ts';
import type { Problem } from '../scenarios/problem.ts';
import { UsageError } from './exit.ts';
import { readScenario } from './input.ts';
import { err } from './streams.ts';
import { tellUsage } from './tell.ts';

/** The text of a scenario file; undefined once it has been told why there is none. */
export async function open(path: string, paint: Paint): Promise<string | undefined> {
  try {
    return await readScenario(path);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    tellUsage(error, paint);
    return undefined;
  }
}

/**
 * Says on stderr what is wrong with a scenario; `quiet`: no warnings; `each`: none put together.
 */
export function tellProblems(
  file: string,
  problems: readonly Problem[],
  paint: Paint,
  quiet: boolean,
  each = false,
): void {
  const errors = problems.filter((p) => p.severity === 'error');
  const told = quiet ? errors : each ? problems : together(problems);
  for (const problem of told) err(`${problemText(problem, paint)}\n`);
  if (errors.length > 1) err(`${visible(file)}: ${plural(errors.length, 'mistake')}\n`);
}

/**
 * A pasted configuration has a dozen keys without effect, at four lines each: from three on one
 * warning at the place of the first names them all, and what comes of the run stays on the screen.
 */
function together(problems: readonly Problem[]): Problem[] {
  const idle = problems.filter((p) => p.code === 'SCN031' && p.severity === 'warning');
  if (idle.length < 3) return [...problems];
  const [first] = idle;
  const names = idle.map((p) => p.says.split('"')[1]);
  const says = `${idle.length} keys exist and are not modelled: they have no effect here: `;
  const one = {
    ...first,
    line: 0,
    says: says + names.join(', '),
    hint: 'lost-ack check shows each',
  };
  return problems.flatMap((p) => (p === first ? [one] : idle.includes(p) ? [] : [p]));
}
