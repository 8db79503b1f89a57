// npm run bench -- [--record] [--rounds 5] [--seconds 0.5] [--long]
// Only ratios within one run mean anything; they are compared with those of the recorded run.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, ratio } from './median.mjs';
import { bytesPerPendingEvent, rawRates } from './raw.mjs';

const RECORDED = fileURLToPath(new URL('results/recorded.json', import.meta.url));

const { values } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.5' },
    long: { type: 'boolean', default: false },
  },
});
const effort = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  long: values.long,
};

/** Name of a figure -> its value; `x` is a ratio, other units are their own. */
const figures = {};
const round = (value) => Number(value.toPrecision(3));

const raw = await rawRates(effort);
for (const [pending, { bare, queue, world, cpp }] of Object.entries(raw)) {
  const n = `${Number(pending).toLocaleString('en')} pending`;
  if (cpp !== undefined) {
    figures[`EventQueue against C++ priority_queue, ${n} (x)`] = round(ratio(queue, cpp));
    figures[`World.step against C++ priority_queue, ${n} (x)`] = round(ratio(world, cpp));
  }
  figures[`EventQueue against a bare heap, ${n} (x)`] = round(ratio(queue, bare));
  figures[`World.step against a bare heap, ${n} (x)`] = round(ratio(world, bare));
  figures[`World.step, ${n} (million events/s)`] = round(median(world) / 1e6);
}
figures['memory of a pending event (bytes)'] = bytesPerPendingEvent();

// Each further file exports `measure(effort, raw)`, which returns such figures.
for (const file of ['kafka.mjs', 'queues.mjs', 'small.mjs', 'sweep.mjs', 'cli.mjs']) {
  if (!existsSync(new URL(file, import.meta.url))) continue;
  const { measure } = await import(new URL(file, import.meta.url).href);
  for (const [name, value] of Object.entries(await measure(effort, raw))) {
    figures[name] = round(value);
  }
}

const recorded = existsSync(RECORDED) ? JSON.parse(readFileSync(RECORDED, 'utf8')).figures : {};
const width = Math.max(...Object.keys(figures).map((name) => name.length));
console.log(`${'figure'.padEnd(width)} ${'now'.padStart(9)} ${'recorded'.padStart(9)}`);
for (const [name, value] of Object.entries(figures)) {
  const before = recorded[name] === undefined ? '-' : String(recorded[name]);
  console.log(`${name.padEnd(width)} ${String(value).padStart(9)} ${before.padStart(9)}`);
}

if (values.record) {
  const machine = { node: process.version, cores: cpus().length, ...effort };
  mkdirSync(fileURLToPath(new URL('results/', import.meta.url)), { recursive: true });
  writeFileSync(RECORDED, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
  console.log('recorded');
}
