import type { Certificate } from '../../reports/hunt.ts';
import { runnerOf } from '../../scenarios/runner.ts';
import { groundOf } from '../../scenarios/space.ts';
import { search } from '../../sim/explore/search/search.ts';
import { Tally } from '../../sim/explore/search/tally.ts';
import { enoughAfter, findingOf, metered, spaceOf, type Job } from './job.ts';

/** All placements of up to `maxFaults` faults; stops at the first, and so smallest, violation. */
export function verify(job: Job): Certificate {
  const { scenario, seed, order, pulse } = job;
  const { maxFaults, runs, searchSeed } = order;
  const meter = { hunt: 'verify', runs: 0, runsMax: runs };
  const enough = enoughAfter(order.budgetMs, pulse, () => meter);
  const run = metered(
    runnerOf(scenario, seed, order.space, () => enough() !== ''),
    meter,
  );
  const ground = groundOf(scenario, order.space);
  const tally = new Tally();
  const done = search(
    'exhaustive',
    run,
    { ground, maxFaults, runs, seed: searchSeed, enough },
    (outcome) => {
      tally.add(outcome);
      return outcome.violated.length > 0;
    },
  );
  return {
    space: spaceOf(job),
    sizes: tally.sizes,
    runs: done.runs,
    events: tally.events,
    measured: tally.lines(),
    unproved: done.unproved,
    exhausted: done.exhausted,
    stopped: done.stopped,
    finding: done.found === undefined ? undefined : findingOf(job, done.found),
  };
}
