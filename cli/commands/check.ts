import { plural, visible } from '../../reports/text.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { open, tellProblems } from '../door.ts';
import { Exit, worst } from '../exit.ts';
import { refuseTwoStdins } from '../input.ts';
import { nameOf } from '../named.ts';
import type { Assignment } from '../../scenarios/scenario.ts';
import { out, paintFor } from '../streams.ts';

export interface CheckOptions {
  readonly set?: readonly Assignment[];
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** `lost-ack check`: all mistakes of all files; runs nothing. */
export async function check(files: readonly string[], options: CheckOptions): Promise<Exit> {
  const paint = paintFor(process.stdout, options.color);
  refuseTwoStdins(files);
  const codes: Exit[] = [];
  const errorPaint = paintFor(process.stderr, options.color);
  const { set = [], strict = false, quiet = false } = options;
  for (const file of files) {
    const text = await open(file, errorPaint);
    const name = nameOf(file);
    const loaded = text === undefined ? undefined : loadScenario(text, name, { set, strict });
    if (loaded !== undefined) tellProblems(name, loaded.problems, errorPaint, quiet, true);
    const scenario = loaded?.scenario;
    codes.push(scenario === undefined ? Exit.usage : Exit.asExpected);
    process.exitCode = worst(codes);
    if (scenario === undefined || quiet) continue;
    const parts = [
      plural(scenario.faults.length, 'fault'),
      plural(scenario.expectations.length, 'expectation'),
      ...(scenario.variants.length > 0 ? [plural(scenario.variants.length, 'variant')] : []),
      ...(scenario.warnings.length > 0 ? [plural(scenario.warnings.length, 'warning')] : []),
    ];
    out(`${paint.good('ok')}  ${visible(name)}  ${parts.join(', ')}\n`);
  }
  return worst(codes);
}
