// Sweeps and searches are many runs of small scenarios: building and judging count as well.
import { median } from './median.mjs';
import { runKafka } from './kafka.mjs';

const PLAN = { count: 10, every: '10ms', warm: 10 };

export async function measure({ rounds, long }) {
  const rates = [];
  const times = [];
  let events = 0;
  for (let round = 0; round < rounds; round++) {
    const run = runKafka({ ...PLAN, runs: 4_000 });
    rates.push(run.runs / run.seconds);
    times.push((1000 * run.cpu) / run.runs);
    events = run.events / run.runs;
  }
  // Nothing of a run is left when it is over.
  const runs = long ? 100_000 : 8_000;
  const many = runKafka({ ...PLAN, runs }, ['--expose-gc']);
  return {
    'small scenario, runs/s of one core': median(rates),
    'small scenario, CPU time of a run, its collector included (ms)': median(times),
    'small scenario, events a run': events,
    [`small scenario, heap grown in ${runs.toLocaleString('en')} runs (bytes a run)`]:
      many.grown / many.runs,
  };
}
