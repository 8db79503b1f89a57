import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { execute } from '../scenarios/execute.ts';
import { LIBRARY, nameOf, runsOf } from './library.ts';

const FILE = fileURLToPath(new URL('golden/digests.json', import.meta.url));

/**
 * A change here is a breaking change: say so in the changelog under "Replay", and renew the file
 * with LOST_ACK_UPDATE=1.
 */
test('every scenario has the digest that it always had', () => {
  const digests: Record<string, string> = {};
  for (const file of LIBRARY) {
    for (const scenario of runsOf(file)) {
      digests[nameOf(scenario)] = execute(scenario, { seed: scenario.seed }).digest;
    }
  }
  if (process.env.LOST_ACK_UPDATE === '1' || !existsSync(FILE)) {
    writeFileSync(FILE, `${JSON.stringify(digests, null, 2)}\n`);
  }
  expect(digests).toEqual(JSON.parse(readFileSync(FILE, 'utf8')));
});
