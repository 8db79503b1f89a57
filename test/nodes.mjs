// One scenario and seed give one digest on every Node: runs the library on several and compares.
// The Nodes are npm's `node` packages, kept outside the tree.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const MAJORS = [20, 22, 24];
const root = fileURLToPath(new URL('..', import.meta.url));
const print = fileURLToPath(new URL('golden/print.mjs', import.meta.url));

/** The executable of a major version, installed when it is not there. */
function nodeOf(major) {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath;
  const folder = path.join(tmpdir(), `lost-ack-node-${major}`);
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const binary = path.join(folder, 'node_modules', 'node', 'bin', name);
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--no-save', '--no-audit', `node@${major}`];
    execFileSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' });
  }
  return binary;
}

execFileSync(process.execPath, ['build.mjs'], { cwd: root, stdio: 'inherit' });
const printed = MAJORS.map((major) => {
  const node = nodeOf(major);
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const args = [print, ...process.argv.slice(2)];
  const lines = execFileSync(node, args, { cwd: root, encoding: 'utf8' }).trim().split('\n');
  console.log(`Node ${version}: ${lines.length} digests`);
  return { version, lines };
});

const [first, ...others] = printed;
let differences = 0;
for (const { version, lines } of others) {
  for (let i = 0; i < Math.max(lines.length, first.lines.length); i++) {
    if (lines[i] === first.lines[i]) continue;
    differences++;
    console.log(`${first.version} ${first.lines[i]}\n${version} ${lines[i]}`);
  }
}
console.log(differences === 0 ? 'all the same' : `${differences} differ`);
process.exitCode = differences === 0 ? 0 : 1;
