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

/** Says on stderr what is wrong with a scenario; `quiet`: no warnings. */
export function tellProblems(
  file: string,
  problems: readonly Problem[],
  paint: Paint,
  quiet: boolean,
): void {
  const errors = problems.filter((p) => p.severity === 'error');
  for (const problem of quiet ? errors : problems) err(`${problemText(problem, paint)}\n`);
  if (errors.length > 1) err(`${visible(file)}: ${plural(errors.length, 'mistake')}\n`);
}
