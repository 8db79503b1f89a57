import { visible, wrap, type Paint } from '../reports/text.ts';
import type { UsageError } from './exit.ts';
import { err } from './streams.ts';

/** "error: x.yaml: no such file", and what to do instead. */
export function tellUsage(error: UsageError, paint: Paint): void {
  const [first, ...rest] = wrap(visible(error.message), 73);
  err(`${paint.bad('error:')} ${[first, ...rest.map((line) => `       ${line}`)].join('\n')}\n`);
  if (error.hint !== '') err(`hint: ${wrap(visible(error.hint), 74).join('\n      ')}\n`);
}
