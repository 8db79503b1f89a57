// Runs every test and ends with one plain line, "N passed, N failed". Arguments go to vitest.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const manifest = createRequire(import.meta.url).resolve('vitest/package.json');
const vitest = path.join(path.dirname(manifest), 'vitest.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'lost-ack-tests-'));
const report = path.join(folder, 'report.json');

const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const args = [vitest, 'run', ...reporters, ...process.argv.slice(2)];
const child = spawn(process.execPath, args, { stdio: 'inherit' });
const code = await new Promise((resolve) => child.on('close', (status) => resolve(status ?? 1)));

let counts = { passed: 0, failed: 0 };
try {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that could not be loaded has no test that could fail, and has failed all the same.
  const broken = testResults.filter((file) => {
    return file.status === 'failed' && file.assertionResults.every((t) => t.status !== 'failed');
  });
  counts = { passed: numPassedTests, failed: numFailedTests + broken.length };
  for (const file of broken) console.log(`could not be run: ${file.name}`);
} catch {
  console.log('vitest ended without a report');
}
rmSync(folder, { recursive: true, force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = code !== 0 || counts.failed > 0 || counts.passed === 0 ? 1 : 0;
