// A zoo of known anomalies: each starts from the setting that is dangerous and from no faults at
// all, and a search has to find them. See bench/README.md.
//   node bench/zoo.mjs [--seeds 20] [--only T07,T13] [--strategies mixed,lineage,feedback,random]
//     [--runs 2000] [--others 500] [--max-faults 4] [--shrink 10] [--seconds 120] [--threads 2]
//     [--record] [--verbose]
// The first strategy gets --runs and is shrunk for --shrink seconds; the others get --others runs.
// Ctrl-C ends it with what there is.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { BIN } from './kernel.mjs';
import { report } from './zoo/report.mjs';
import { TABLE } from './zoo/table.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    strategies: { type: 'string', default: 'mixed,lineage,feedback,random' },
    runs: { type: 'string', default: '2000' },
    others: { type: 'string', default: '500' },
    'max-faults': { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
    shrink: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '120' },
    record: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const only = values.only.split(',').filter((id) => id !== '');
const strategies = values.strategies.split(',');
const seeds = Number(values.seeds);

const orders = [];
for (let seed = 1; seed <= seeds; seed++) {
  for (const row of TABLE) {
    if (only.length > 0 && !only.includes(row.id)) continue;
    for (const strategy of strategies) {
      const first = strategy === strategies[0];
      orders.push({
        row,
        strategy,
        seed: String(seed),
        runs: Number(first ? values.runs : values.others),
        maxFaults: Number(values['max-faults']),
        shrinkMs: first ? Number(values.shrink) * 1000 : 0,
        seconds: Number(values.seconds),
      });
    }
  }
}

mkdirSync(BIN, { recursive: true });
const outfile = `${BIN}zoo.mjs`;
await build({
  entryPoints: [fileURLToPath(new URL('zoo/trial.mjs', import.meta.url))],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as _require } from 'node:module'; const require = _require(import.meta.url);",
  },
});

const results = [];
const started = performance.now();
let next = 0;

/** A thread that takes one order after the other. */
function work() {
  return new Promise((resolve) => {
    const worker = new Worker(outfile);
    const give = () => {
      if (next < orders.length) return worker.postMessage(orders[next++]);
      void worker.terminate();
      resolve();
    };
    worker.on('message', (result) => {
      results.push(result);
      tell(result);
      give();
    });
    give();
  });
}

function tell(result) {
  const seconds = Math.round((performance.now() - started) / 1000);
  if (!values.verbose) {
    process.stderr.write(`\r${results.length} of ${orders.length}, ${seconds} s `);
    return;
  }
  const { id, strategy, seed, found, runs, by, shrunk, byHand, plan = [], error, other } = result;
  const end = found
    ? `${runs} runs, ${by} faults, left ${shrunk} of ${byHand}`
    : `${runs} runs, not found`;
  console.error(
    `${id} ${strategy} ${seed}: ${error ?? end} (${other} other) [${plan.join(' | ')}]`,
  );
}

process.on('SIGINT', () => (next = orders.length));
process.on('SIGTERM', () => {
  finish();
  process.exit(1);
});
await Promise.all(Array.from({ length: Number(values.threads) }, work));
finish();

function finish() {
  const text = report(results, TABLE, { ...values, strategies });
  console.log(text);
  if (!values.record) return;
  const at = (name) => fileURLToPath(new URL(`results/${name}`, import.meta.url));
  writeFileSync(at('zoo.md'), text);
  const order = (a, b) =>
    a.id.localeCompare(b.id) || a.strategy.localeCompare(b.strategy) || a.seed - b.seed;
  writeFileSync(at('zoo.json'), `${JSON.stringify(results.sort(order), null, 1)}\n`);
}
