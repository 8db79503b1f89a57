import { problemText } from '../reports/problems.ts';
import { plural, visible, type Paint } from '../reports/text.ts';
import { loadScenario, type Loaded } from '../scenarios/load.ts';
import type { Assignment, Scenario } from '../scenarios/scenario.ts';
import { Broken } from './bug.ts';
import { UsageError } from './exit.ts';
import { readScenario } from './input.ts';
import { nameOf } from './named.ts';
import { err } from './streams.ts';
import { tellUsage } from './tell.ts';

/** A scenario file read and checked; undefined once its mistakes have been told on stderr. */
export async function openScenario(
  path: string,
  options: { readonly set?: readonly Assignment[]; readonly strict?: boolean },
  paint: Paint,
  quiet = false,
): Promise<Scenario | undefined> {
  let text: string;
  try {
    text = await readScenario(path);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    tellUsage(error, paint);
    return undefined;
  }
  return checkText(text, nameOf(path), options, paint, quiet);
}

export function checkText(
  text: string,
  name: string,
  options: { readonly set?: readonly Assignment[]; readonly strict?: boolean },
  paint: Paint,
  quiet = false,
): Scenario | undefined {
  const { set = [], strict = false } = options;
  const { scenario, problems } = load(text, name, set, strict);
  const errors = problems.filter((p) => p.severity === 'error');
  const shown = quiet ? errors : problems;
  for (const problem of shown) err(`${problemText(problem, paint)}\n`);
  if (errors.length > 1) err(`${visible(name)}: ${plural(errors.length, 'mistake')}\n`);
  return errors.length > 0 ? undefined : scenario;
}

/** The loader takes any text; when it does not, that is no mistake of the text. */
export function load(
  text: string,
  name: string,
  set: readonly Assignment[],
  strict: boolean,
): Loaded {
  try {
    return loadScenario(text, name, { set, strict });
  } catch (error) {
    throw new Broken(name, error);
  }
}
