// Time to the first output of a small run, beside a Node that does nothing.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './median.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RUN = ['dist/cli/main.js', 'run', 'scenarios/kafka/lost-ack-retried.yaml'];

/** Milliseconds until the process has said something, or has ended. */
function untilHeard(args) {
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
    const heard = () => resolve(performance.now() - start);
    child.stdout.once('data', heard);
    child.once('exit', heard);
  });
}

export async function measure({ rounds }) {
  const bare = [];
  const first = [];
  for (let round = 0; round < rounds * 2; round++) {
    bare.push(await untilHeard(['-e', '0']));
    first.push(await untilHeard(RUN));
  }
  return { 'first output of a small run, beyond a bare Node (ms)': median(first) - median(bare) };
}
