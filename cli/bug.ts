import { visible } from '../reports/text.ts';
import { ENGINE } from '../scenarios/version.ts';
import type { BrokenRun } from './order.ts';
import { err } from './streams.ts';

export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}

/** A bug of ours: everything that makes it happen again. */
export function reportBug(stack: string, file?: string, run?: BrokenRun): void {
  err(`This is a bug of lost-ack ${ENGINE} (node ${process.version}), not of your scenario.\n`);
  err('Please report it, with everything below.\n\n');
  if (file !== undefined) err(`  file   ${visible(file)}\n`);
  if (run !== undefined) {
    const token = run.token.length <= 4096 ? run.token : '(too long: attach the scenario)';
    err(`  seed   ${visible(run.seed)}\n  token  ${token}\n`);
  }
  if (file !== undefined) err('\n');
  err(`${stack.split('\n').map(visible).join('\n')}\n`);
}
