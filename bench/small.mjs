// Sweeps and searches are many runs of small scenarios: building and judging count as well.
import { runKafka } from './kafka.mjs';
import { median } from './median.mjs';

export async function measure({ rounds }) {
  const rates = [];
  let events = 0;
  const plan = { count: 10, every: '10ms', warm: 10, runs: 400 };
  for (let round = 0; round < rounds; round++) {
    const run = runKafka(plan);
    rates.push(plan.runs / run.seconds);
    events = run.events;
  }
  return {
    'small scenario, runs/s of one core': median(rates),
    'small scenario, events a run': events,
  };
}
