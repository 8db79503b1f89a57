import { Chalk } from 'chalk';
import { PLAIN, type Paint } from '../reports/text.ts';

interface Stream {
  readonly isTTY?: boolean;
}

/**
 * May this stream be coloured? A flag decides; then NO_COLOR (when not empty), FORCE_COLOR,
 * TERM=dumb; then whether it is a terminal. chalk tests neither NO_COLOR nor each stream by itself.
 */
export function coloured(
  stream: Stream,
  flag: boolean | undefined,
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  if (flag !== undefined) return flag;
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (env.TERM === 'dumb') return false;
  return stream.isTTY === true;
}

export function paintFor(stream: Stream, flag: boolean | undefined): Paint {
  if (!coloured(stream, flag)) return PLAIN;
  const chalk = new Chalk({ level: 1 });
  return {
    good: (text) => chalk.green(text),
    bad: (text) => chalk.red(text),
    unsure: (text) => chalk.yellow(text),
    dim: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
  };
}

/** A reader that has seen enough (`| head`) is no error: what was decided so far is the answer. */
export function leaveQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      if (stream === process.stdout) {
        err(`error: stdout: cannot be written (${error.code ?? error.message})\n`);
      }
      process.exit(2);
    });
  }
}

export const out = (text: string): boolean => process.stdout.write(text);
export const err = (text: string): boolean => process.stderr.write(text);
