// Where the time of a run goes, or its memory:
//   node bench/profile.mjs [kafka|batches|small|FILE.yaml] [--memory] [--by file] [--top 15]
// Prints the share of each folder (or file), of garbage collection, and of the dearest functions.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { BIN } from './kernel.mjs';
import { text } from './scenario.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUNDLE = `${BIN}profiled.mjs`;
/** Every so many microseconds, or bytes, a sample. */
const EVERY = { time: 200, memory: 4096 };

const PLANS = {
  kafka: { count: 50_000, every: '1ms', runs: 1 },
  batches: { count: 300_000, every: '20us', linger: '5', runs: 1 },
  small: { count: 10, every: '10ms', runs: 3_000 },
};

/** The text of what is run, that of what warms the compiler up, and how often it is run. */
function planOf(name) {
  if (existsSync(name)) {
    const file = readFileSync(name, 'utf8');
    return { measured: file, warm: file, runs: 1_000 };
  }
  const plan = Object.hasOwn(PLANS, name) ? PLANS[name] : undefined;
  if (plan === undefined) {
    console.error(`"${name}" is no file and no plan; plans: ${Object.keys(PLANS).join(', ')}`);
    process.exit(2);
  }
  const warm = text({ ...plan, count: Math.min(plan.count, 5_000) });
  return { measured: text(plan), warm, runs: plan.runs };
}

/** Bundles the library with a source map, and loads both. */
async function load() {
  mkdirSync(BIN, { recursive: true });
  await build({
    entryPoints: [path.join(ROOT, 'index.ts')],
    outfile: BUNDLE,
    bundle: true,
    sourcemap: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const map = new SourceMap(JSON.parse(readFileSync(`${BUNDLE}.map`, 'utf8')));
  return { map, ...(await import(pathToFileURL(BUNDLE).href)) };
}

/** The file of a function, from the root of the repository; V8's own doings are in brackets. */
function fileOf(map, { url, functionName, lineNumber, columnNumber }) {
  if (url === '') return functionName.startsWith('(') ? functionName : '(engine)';
  if (!url.endsWith(path.basename(BUNDLE))) return '(node)';
  const { originalSource } = map.findEntry(lineNumber, columnNumber);
  if (originalSource === undefined) return '(bundle)';
  const parts = path.relative(ROOT, path.resolve(BIN, originalSource)).split(path.sep);
  const library = parts.lastIndexOf('node_modules');
  return library < 0 ? parts.join('/') : `library/${parts[library + 1]}`;
}

const folderOf = (file) => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : file);

/** Calls `run` under a profiler: pairs of a function and its microseconds, or its bytes. */
async function profiled(memory, run) {
  const session = new Session();
  session.connect();
  if (memory) {
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: EVERY.memory,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    run();
    const { profile } = await session.post('HeapProfiler.stopSampling');
    const all = (node) => [[node.callFrame, node.selfSize], ...node.children.flatMap(all)];
    return all(profile.head);
  }
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: EVERY.time });
  await session.post('Profiler.start');
  run();
  const { profile } = await session.post('Profiler.stop');
  const nodes = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  return (
    profile.samples
      .map((id, i) => [nodes.get(id), profile.timeDeltas[i]])
      // The start of the profiler itself.
      .filter(([frame]) => frame.functionName !== 'dispatch' || frame.url !== '')
  );
}

function table(title, shares, total, count) {
  console.log(`\n${title}`);
  const sorted = [...shares].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  for (const [what, share] of sorted.slice(0, count)) {
    console.log(`${((100 * share) / total).toFixed(1).padStart(6)} %  ${what}`);
  }
}

const { values, positionals } = parseArgs({
  options: {
    memory: { type: 'boolean', default: false },
    by: { type: 'string', default: 'folder' },
    top: { type: 'string', default: '15' },
  },
  allowPositionals: true,
});
const [name = 'kafka'] = positionals;
const { measured, warm, runs } = planOf(name);
const { map, loadScenario, execute } = await load();
const scenarioOf = (source) => {
  const { scenario, problems } = loadScenario(source, '');
  if (scenario === undefined) throw new Error(JSON.stringify(problems, null, 2));
  return scenario;
};
const [scenario, first] = [scenarioOf(measured), scenarioOf(warm)];
for (let i = 0; i < Math.max(1, runs / 4); i++) execute(first, { seed: `warm ${i}` });
let events = 0;
const samples = await profiled(values.memory, () => {
  for (let i = 0; i < runs; i++) events += execute(scenario, { seed: String(i) }).events;
});

const [places, functions] = [new Map(), new Map()];
let total = 0;
for (const [frame, share] of samples) {
  const file = fileOf(map, frame);
  const place = values.by === 'file' ? file : folderOf(file);
  const called = `${frame.functionName || '(anonymous)'}  ${file}`;
  places.set(place, (places.get(place) ?? 0) + share);
  functions.set(called, (functions.get(called) ?? 0) + share);
  total += share;
}
const each = (total / events).toFixed(values.memory ? 0 : 2);
console.log(`${name}: ${events} events, ${each} ${values.memory ? 'bytes' : 'us'} each`);
table(`by ${values.by}`, places, total, values.by === 'file' ? Number(values.top) : Infinity);
table('by function', functions, total, Number(values.top));
