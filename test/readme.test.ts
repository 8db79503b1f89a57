import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadScenario } from '../scenarios/load.ts';
import { ENGINE } from '../scenarios/version.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const README = `${ROOT}README.md`;
const readme = (): string => readFileSync(README, 'utf8');

/** The text of the first fenced block of a kind. */
function block(text: string, kind: string): string {
  return new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``).exec(text)?.[1] ?? '';
}

test('the output in the README is what the command prints', () => {
  const [command] = block(readme(), 'console').split('\n');
  const words = command.replace('$ npx lost-ack ', '').split(' ');
  const output = execFileSync(process.execPath, ['dist/cli/main.js', ...words], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const shown = `${command}\n${output}`;
  if (process.env.LOST_ACK_UPDATE === '1') {
    writeFileSync(
      README,
      readme().replace(block(readme(), 'console'), () => shown),
    );
  }
  expect(block(readme(), 'console')).toBe(shown);
});

test('the scenario in the README is valid', () => {
  const { problems } = loadScenario(block(readme(), 'yaml'), 'README.md', { strict: true });
  expect(problems).toEqual([]);
});

test('the engine version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
    version: string;
  };
  expect(ENGINE).toBe(version);
});
