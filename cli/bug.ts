import { visible } from '../reports/text.ts';
import { ENGINE } from '../scenarios/version.ts';
import { err } from './streams.ts';

/** A bug of ours while we were at a file: the file, and what makes it happen again. */
export class Broken extends Error {
  override name = 'Broken';
  readonly file: string;
  readonly run: { readonly seed: string; readonly token: string } | undefined;

  constructor(file: string, cause: unknown, run?: Broken['run']) {
    super(`${file} broke lost-ack`, { cause });
    this.file = file;
    this.run = run;
  }
}

/** A bug of ours: everything that makes it happen again, and where to take it. */
export function reportBug(error: unknown): void {
  const cause = error instanceof Broken ? error.cause : error;
  const stack = cause instanceof Error ? (cause.stack ?? String(cause)) : String(cause);
  err(`This is a bug of lost-ack ${ENGINE} (node ${process.version}), not of your scenario.\n`);
  err('Please report it, with everything below.\n\n');
  if (error instanceof Broken) err(`${whereabouts(error)}\n\n`);
  err(`${stack.split('\n').map(visible).join('\n')}\n`);
}

function whereabouts({ file, run }: Broken): string {
  const lines = [`  file   ${visible(file)}`];
  if (run !== undefined) {
    const token = run.token.length <= 4096 ? run.token : '(too long: attach the scenario)';
    lines.push(`  seed   ${visible(run.seed)}`, `  token  ${token}`);
  }
  return lines.join('\n');
}
