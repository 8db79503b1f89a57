// One search for one anomaly: bundled and run in threads by zoo.mjs.
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { parse, stringify } from 'yaml';
import { execute } from '../../scenarios/execute.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { runnerOf } from '../../scenarios/runner.ts';
import { shrinkFound } from '../../scenarios/shrink.ts';
import { groundOf, KINDS, SPACE } from '../../scenarios/space.ts';
import { place } from '../../sim/explore/search/planned.ts';
import { search } from '../../sim/explore/search/search.ts';

const space = { ...SPACE, kinds: KINDS };

/** The file without its faults, held to one promise, with the settings of one of its variants. */
function strip({ file, promise }, name) {
  const { vary = [], faults = [], ...rest } = parse(readFileSync(file, 'utf8'));
  const variant = vary.find((v) => v.name === name);
  if (name !== '' && variant === undefined) throw new Error(`${file}: no variant ${name}`);
  const set = Object.entries(variant?.set ?? {}).map(([path, value]) => {
    return { path, value: stringify(value, { collectionStyle: 'flow' }).trim() };
  });
  const text = stringify({ ...rest, expect: promise });
  const { scenario, problems } = loadScenario(text, file, { set });
  if (scenario === undefined) throw new Error(`${file}: ${problems.map((p) => p.says).join('; ')}`);
  return { scenario, set, byHand: (variant?.faults ?? faults).length };
}

/** What is kept of a shrink shows the anomaly only while the control does not. */
const acceptsWith = (control, safe) => ({
  placement: (faults) => place(safe, faults).violated.length === 0,
  text: (text) => {
    // The dangerous settings are written in: those of the control come over them.
    const { scenario } = loadScenario(text, 'control', { set: control.set });
    return scenario !== undefined && execute(scenario, { seed: scenario.seed }).verdict !== 'fail';
  },
});

/** Runs to find it, and what is left of the plan. */
export function trial({ row, strategy, seed, runs, maxFaults, shrinkMs, seconds }) {
  const { scenario, byHand } = strip(row, row.danger);
  const control = row.control === undefined ? undefined : strip(row, row.control);
  const safe = control && runnerOf(control.scenario, seed, space);
  const run = runnerOf(scenario, seed, space);
  let other = 0;
  const visit = ({ violated, placed }) => {
    if (violated.length === 0) return false;
    if (safe === undefined || place(safe, placed).violated.length === 0) return true;
    other++;
    return false;
  };
  const started = performance.now();
  const enough = () => (performance.now() - started > seconds * 1000 ? 'time' : '');
  const ground = groundOf(scenario, space);
  const bounds = { ground, maxFaults, runs, seed, enough };
  const done = search(strategy, run, bounds, visit);
  const result = {
    id: row.id,
    strategy,
    seed,
    byHand,
    found: done.found !== undefined,
    runs: done.runs,
    ...(done.stopped === '' ? {} : { stopped: done.stopped }),
    ...(done.found?.by === undefined ? {} : { finder: done.found.by }),
    by: done.found?.placed.length,
    // Runs that broke the promise with the control as well: another anomaly.
    other,
  };
  if (done.found === undefined || shrinkMs === 0) return result;
  const until = performance.now() + shrinkMs;
  const anomaly = done.found.violated[0];
  const shrunk = shrinkFound(scenario, done.found, space, {
    seed,
    anomaly,
    enough: () => performance.now() > until,
    accepts: control && acceptsWith(control, safe),
  });
  const left = shrunk?.scenario.faults ?? [];
  return {
    ...result,
    shrunk: shrunk && left.length,
    complete: shrunk?.complete,
    plan: left.map((fault) => fault.text),
  };
}

parentPort?.on('message', (order) => {
  try {
    parentPort.postMessage(trial(order));
  } catch (error) {
    parentPort.postMessage({ ...order, id: order.row.id, found: false, error: error.stack });
  }
});
