import type { Exploration } from '../../reports/hunt.ts';
import { execute } from '../../scenarios/execute.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Problem } from '../../scenarios/problem.ts';
import { anomalies, runnerOf, withExpectation } from '../../scenarios/runner.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { shrinkFailing } from '../../scenarios/shrink.ts';
import { groundOf } from '../../scenarios/space.ts';
import { search, type Search } from '../../sim/explore/search/search.ts';
import { UsageError } from '../exit.ts';
import type { Pulse } from '../pulse.ts';
import { answerTo, choose } from '../work.ts';
import { explainRun } from './explain.ts';
import { enoughAfter, findingOf, metered, spaceOf, viewOf, type Job } from './job.ts';
import type { HuntAnswer, HuntOrder } from './order.ts';
import { tellApart } from './pair.ts';
import { turnOf } from './turn.ts';
import { verify } from './verify.ts';

/** Does what is ordered. Whatever happens becomes an answer; nothing is thrown. */
export function hunt(order: HuntOrder, pulse: Pulse): HuntAnswer {
  try {
    const { text, file, set, strict } = order;
    const { scenario, problems } = loadScenario(text, file, { set, strict });
    if (scenario === undefined) return { is: 'mistakes', problems };
    const chosen = choose(scenario, order.variant);
    const seed = order.seed ?? chosen.seed;
    if (order.hunt === 'shrink') return shrink(chosen, seed, order, pulse, problems);
    if (order.hunt === 'explain') {
      return { is: 'explained', report: explainRun(chosen, seed, order, pulse), problems };
    }
    if (order.hunt === 'tell-apart') {
      return { is: 'told-apart', report: tellApart(chosen, seed, order, pulse), problems };
    }
    if (order.hunt === 'turn') {
      return { is: 'turned', report: turnOf(chosen, seed, order, pulse), problems };
    }
    const held = withExpectation(chosen, seed);
    if (held === undefined) {
      const says = `${file}: expects nothing, and without faults nothing is delivered either`;
      throw new UsageError(says, 'write what shall hold: expect: { loss: 0 }');
    }
    const job: Job = { scenario: held, seed, order, pulse };
    if (order.hunt === 'verify') return { is: 'verified', report: verify(job), problems };
    return { is: 'explored', report: explore(job), problems };
  } catch (error) {
    return answerTo(error);
  }
}

function explore(job: Job): Exploration {
  const { scenario, seed, order, pulse } = job;
  const { maxFaults, runs, searchSeed } = order;
  const meter = { hunt: '', runs: 0, runsMax: runs };
  const enough = enoughAfter(order.budgetMs, pulse, () => meter);
  const run = metered(
    runnerOf(scenario, seed, order.space, () => enough() !== ''),
    meter,
  );
  const ground = groundOf(scenario, order.space);
  const searches: Search[] = [];
  for (const strategy of order.strategies) {
    Object.assign(meter, { hunt: strategy, runs: 0 });
    const done = search(strategy, run, { ground, maxFaults, runs, seed: searchSeed, enough });
    searches.push(done);
    if (done.found !== undefined || done.exhausted || enough() !== '') break;
  }
  const found = searches.find((done) => done.found !== undefined)?.found;
  return {
    space: spaceOf(job),
    // What goes to another thread and on to a report is no list of all questions.
    searches: searches.map((s) => ({ ...s, found: s.found && { ...s.found, offers: [] } })),
    finding: found === undefined ? undefined : findingOf(job, found),
  };
}

function shrink(
  scenario: Scenario,
  seed: string,
  order: HuntOrder,
  pulse: Pulse,
  problems: readonly Problem[],
): HuntAnswer {
  const run = execute(scenario, { seed });
  const [anomaly] = anomalies(run, scenario.expectations);
  const again = scenario.variants.length > 0 ? 'a variant is chosen with --variant' : '';
  if (anomaly === undefined) {
    const comesOut = run.verdict === 'pass' ? 'is as expected' : `is ${run.verdict}`;
    const says = `${order.file}: nothing to shrink, with seed ${seed} its run ${comesOut}`;
    throw new UsageError(says, again || 'shrinking needs an expectation that is violated');
  }
  let asked = 0;
  const mark = () => ({ hunt: 'shrink', runs: asked++, runsMax: Infinity });
  const enough = enoughAfter(order.budgetMs, pulse, mark);
  const options = { seed, anomaly, enough: () => enough() !== '' };
  const shrunk = shrinkFailing(scenario, options);
  const job = { scenario, seed, order, pulse };
  const view = shrunk && viewOf(job, shrunk);
  if (view === undefined) {
    const says = `${order.file}: what chance did cannot be written down as faults that are counted`;
    throw new UsageError(says, `replay it as it is: lost-ack run ${order.file} --seed ${seed}`);
  }
  return { is: 'shrunk', anomaly, shrunk: view, problems };
}
