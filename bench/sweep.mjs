// A sweep of a small scenario from the command line: runs a second, and how it scales over threads.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { median } from './median.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCENARIO = 'scenarios/kafka/lost-ack-retried.yaml';

/** Seconds of a sweep over `count` seeds. */
function seconds(count, threads) {
  const words = ['sweep', SCENARIO, '--variant', 'with idempotence', '--quiet'];
  const args = ['dist/cli/main.js', ...words, '--count', String(count), '-j', String(threads)];
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve((performance.now() - start) / 1000);
      else reject(new Error(`the sweep ended with ${code}`));
    });
  });
}

/**
 * Runs a second without the start of the process. Twice the threads get twice the seeds, so that
 * each has compiled as much when it counts: what a long sweep comes to.
 */
export async function measure({ rounds, seconds: effort }) {
  const short = 400;
  const long = short + Math.round(8_000 * effort);
  const threads = Math.min(2, availableParallelism());
  const one = [];
  const two = [];
  for (let round = 0; round < Math.min(rounds, 5); round++) {
    one.push((long - short) / ((await seconds(long, 1)) - (await seconds(short, 1))));
    const [more, few] = [long * threads, short * threads];
    two.push((more - few) / ((await seconds(more, threads)) - (await seconds(few, threads))));
  }
  const scaling = median(two.map((rate, i) => rate / one[i]));
  return {
    'sweep of a small Kafka scenario, one thread (runs/s)': median(one),
    [`the same on ${threads} threads against one (x)`]: scaling,
  };
}
