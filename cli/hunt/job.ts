import type { Finding, ShrunkView, Space } from '../../reports/hunt.ts';
import { plural } from '../../reports/text.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { shrinkFound, type Shrunk } from '../../scenarios/shrink.ts';
import type { Outcome } from '../../sim/explore/search/space.ts';
import type { Pulse } from '../pulse.ts';
import { perform } from '../work.ts';
import type { HuntOrder } from './order.ts';

/** A search whose scenario and seed are settled. */
export interface Job {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly order: HuntOrder;
  readonly pulse: Pulse;
}

/** The bound that is reached first, as a word; asked before each run. */
export function enoughAfter(budgetMs: number, pulse: Pulse): () => string {
  const until = Date.now() + budgetMs;
  return () => {
    if (pulse.stopped) return 'interrupted';
    return Date.now() >= until ? `${budgetMs / 1000} s` : '';
  };
}

export function spaceOf({ scenario, seed, order }: Job, quiet: Outcome): Space {
  return {
    scenario: scenario.name,
    file: order.file,
    seed,
    expects: scenario.expectations.map(({ subscription, measure, expected }) => {
      return `${subscription === '' ? '' : `${subscription}.`}${measure} ${expected}`;
    }),
    kinds: order.space.kinds,
    maxFaults: order.maxFaults,
    places: quiet.offers.length,
    bounds: order.bounds,
  };
}

/** Shrinking has a budget of its own: what took long to find deserves it. */
const SHRINK_MS = 10_000;

export function findingOf(job: Job, found: Outcome): Finding {
  const { scenario, seed, order, pulse } = job;
  const anomaly = found.violated[0];
  const enough = enoughAfter(SHRINK_MS, pulse);
  const options = { seed, anomaly, enough: () => enough() !== '' };
  const shrunk = shrinkFound(scenario, found, order.space, options);
  return {
    anomaly,
    placed: found.placed,
    shrunk: shrunk && viewOf(job, shrunk, found.placed.length),
  };
}

/** The shrunk scenario's own run, with its report and a token. */
export function viewOf(
  { scenario, seed, order, pulse }: Job,
  shrunk: Shrunk,
  added = 0,
): ShrunkView | undefined {
  const answer = perform(
    {
      text: shrunk.text,
      file: order.file,
      seed,
      set: [],
      strict: false,
      variant: undefined,
      alone: true,
      overrides: [],
      explains: 'always',
      showsToken: 'always',
      trace: undefined,
    },
    pulse,
  );
  if (answer.is !== 'done') return undefined;
  const view = { ...answer.views[0], replay: 'lost-ack replay TOKEN' };
  const { text, runs, complete } = shrunk;
  const says = `from ${sizeOf(scenario, added)} to ${sizeOf(shrunk.scenario, 0)}`;
  return { text, runs, complete, says, view };
}

function sizeOf({ systems, faults }: Scenario, added: number): string {
  const messages = systems
    .flatMap(({ deployment }) => deployment.producers)
    .reduce((sum, producer) => sum + producer.workload.count, 0);
  return `${plural(messages, 'message')} and ${plural(faults.length + added, 'fault')}`;
}
