import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadScenario } from '../scenarios/load.ts';
import { ENGINE } from '../scenarios/version.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const README = `${ROOT}README.md`;
const readme = (): string => readFileSync(README, 'utf8');

/** The text of each fenced block of a kind. */
function blocks(text: string, kind: string): string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``, 'g'))].map(
    ([, block]) => block,
  );
}

test.each(blocks(readme(), 'console').map((block) => [block.split('\n')[0], block]))(
  'the README shows what it prints: %s',
  (command, block) => {
    const words = command.replace('$ npx lost-ack ', '').split(' ');
    const output = execFileSync(process.execPath, ['dist/cli/main.js', ...words, '--no-color'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const shown = `${command}\n${output}`;
    if (process.env.LOST_ACK_UPDATE === '1') {
      writeFileSync(
        README,
        readme().replace(block, () => shown),
      );
      return;
    }
    expect(block).toBe(shown);
  },
);

test('the scenario in the README is valid', () => {
  const { problems } = loadScenario(blocks(readme(), 'yaml')[0], 'README.md', { strict: true });
  expect(problems).toEqual([]);
});

test('the engine version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
    version: string;
  };
  expect(ENGINE).toBe(version);
});
