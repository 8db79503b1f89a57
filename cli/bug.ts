import { visible } from '../reports/text.ts';
import { ENGINE } from '../scenarios/version.ts';
import { err } from './streams.ts';

/** What a run that broke knows of itself; job.ts throws it. */
interface Broken {
  readonly file: string;
  readonly seed: string;
  readonly token: string;
  readonly cause?: unknown;
}

const isBroken = (error: unknown): error is Error & Broken =>
  error instanceof Error && error.name === 'RunError';

/** A bug of ours: everything that makes it happen again, and where to take it. */
export function reportBug(error: unknown): void {
  const cause = isBroken(error) ? error.cause : error;
  const stack = cause instanceof Error ? (cause.stack ?? String(cause)) : String(cause);
  err(`This is a bug of lost-ack ${ENGINE} (node ${process.version}), not of your scenario.\n`);
  err('Please report it, with everything below.\n\n');
  if (isBroken(error)) {
    err(`  file   ${visible(error.file)}\n  seed   ${visible(error.seed)}\n`);
    err(
      `  token  ${error.token.length <= 4096 ? error.token : '(too long: attach the scenario)'}\n\n`,
    );
  }
  err(`${stack.split('\n').map(visible).join('\n')}\n`);
}
