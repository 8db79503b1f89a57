// Does every scenario come out with other seeds too? `node test/seeds.mjs 200 sqs`: so many seeds,
// and only scenarios with that in their name.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [seeds = '50', part = ''] = process.argv.slice(2);
/** A told outcome may rest on a race; it is still what happens. In percent of the seeds. */
const MAY_FAIL = 5;

execFileSync(process.execPath, ['build.mjs'], { cwd: root, stdio: 'inherit' });
const files = readdirSync(path.join(root, 'scenarios'), { recursive: true })
  .map((file) => path.posix.join('scenarios', file.replaceAll(path.sep, '/')))
  .filter((file) => file.endsWith('.yaml') && file.includes(part));
let bad = 0;
for (const file of files.sort()) {
  const args = ['dist/cli/main.js', 'sweep', file, '--seeds', `1..${seeds}`, '--quiet', '--json'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  for (const { name, runs, firstFailing } of JSON.parse(stdout).configurations) {
    const failed = runs.done - runs.passed;
    if (failed === 0) continue;
    const many = failed * 100 > MAY_FAIL * runs.done;
    if (many) bad++;
    const first = firstFailing === null ? '' : `, first seed ${firstFailing.seed}`;
    const words = `${failed} of ${runs.done} otherwise${first}`;
    console.log(`${many ? 'FAIL' : 'luck'}  ${file}${name === '' ? '' : ` [${name}]`}: ${words}`);
  }
}
console.log(`${files.length} scenarios, ${seeds} seeds each: ${bad} with too many other outcomes`);
process.exitCode = bad === 0 ? 0 : 1;
