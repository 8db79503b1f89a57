// Prints the digest of every scenario of the library, one a line, by the Node that runs this file.
// `npm run test:nodes` compares what several Nodes print. An argument limits it to files that
// contain it, such as `sqs/`.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const scenarios = readdirSync(path.join(root, 'scenarios'), { recursive: true })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => path.posix.join('scenarios', file.split(path.sep).join('/')))
  .filter((file) => file.includes(process.argv[2] ?? ''))
  .sort((a, b) => (a < b ? -1 : 1));

/** The JSON of a run; a scenario that ends as it should not is still a run with a digest. */
function record(file) {
  const args = ['dist/cli/main.js', 'run', file, '--json'];
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  try {
    return JSON.parse(execFileSync(process.execPath, args, options));
  } catch (error) {
    if (typeof error.stdout === 'string' && error.stdout.startsWith('{')) {
      return JSON.parse(error.stdout);
    }
    throw error;
  }
}

if (scenarios.length === 0) throw new Error('no scenario was found');
for (const file of scenarios) {
  const run = record(file);
  console.log(`${run.digest} ${file}`);
  for (const variant of run.variants ?? []) {
    console.log(`${variant.digest} ${file} ${variant.variant}`);
  }
}
