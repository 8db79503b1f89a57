import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { play, versionAt } from './play.ts';
import { MODEL_VERSION, playToModel } from './model.ts';
import { difference, transcript } from './script.ts';
import { SCRIPTS } from './scripts/index.ts';
import { findServer, Server } from './server.ts';

/** What no run could decide: here, that there is no broker to ask. */
const INCONCLUSIVE = 3;
const OBSERVED = 'test/models/rabbitmq/observed';

const { values, positionals } = parseArgs({
  options: { record: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const binary = findServer();
if (binary === undefined) {
  console.error('rabbitmq-server is not installed: nothing was compared.');
  console.error('Debian and Ubuntu have it: apt-get install rabbitmq-server');
  process.exit(INCONCLUSIVE);
}

const scripts = SCRIPTS.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);
const server = await Server.start(binary);
let differences = 0;
try {
  const version = await versionAt(server.port);
  console.log(`${version}; the model has the rules of ${MODEL_VERSION}\n`);
  for (const script of scripts) {
    const seen = await play(script, server.port);
    if (values.record) {
      mkdirSync(OBSERVED, { recursive: true });
      writeFileSync(path.join(OBSERVED, `${script.name}.txt`), transcript(version, seen));
    }
    const differs = difference(seen, playToModel(script, MODEL_VERSION));
    if (differs.length > 0) differences++;
    console.log(`${differs.length === 0 ? 'same  ' : 'DIFFER'}  ${script.name}`);
    for (const line of differs) console.log(`          ${line}`);
  }
} finally {
  await server.stop();
}
console.log(`\n${scripts.length - differences} of ${scripts.length} scripts come out the same`);
process.exitCode = differences > 0 ? 1 : 0;
