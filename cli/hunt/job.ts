import type { Finding, ShrunkView, Space } from '../../reports/hunt.ts';
import { plural } from '../../reports/text.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { runnerOf } from '../../scenarios/runner.ts';
import { shrinkFound, type Shrunk } from '../../scenarios/shrink.ts';
import { inline } from '../../scenarios/write.ts';
import { writtenPlan } from '../../scenarios/written.ts';
import { placeAsking, plannedFault } from '../../sim/explore/search/planned.ts';
import type { Outcome, Runner } from '../../sim/explore/search/space.ts';
import type { Pulse } from '../pulse.ts';
import { perform } from '../work.ts';
import type { HuntMark } from '../../runs/conduct.ts';
import type { HuntOrder } from './order.ts';

/** A search whose scenario and seed are settled. */
export interface Job {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly order: HuntOrder;
  readonly pulse: Pulse;
}

/**
 * The bound that is reached first, as a word; asked before each run. On the way it says how far it
 * is: `runs` of at most `runsMax`.
 */
export function enoughAfter(
  budgetMs: number,
  pulse: Pulse,
  mark?: () => Pick<HuntMark, 'hunt' | 'runs' | 'runsMax'>,
): () => string {
  const began = Date.now();
  return () => {
    const spentMs = Date.now() - began;
    if (mark === undefined ? pulse.stopped : !pulse.turn(() => ({ ...mark(), spentMs, budgetMs })))
      return 'interrupted';
    return spentMs >= budgetMs ? `${budgetMs / 1000} s` : '';
  };
}

/** A runner that counts its runs. */
export function metered(run: Runner, meter: { runs: number }): Runner {
  return (plan) => {
    meter.runs++;
    return run(plan);
  };
}

export function spaceOf({ scenario, seed, order }: Job): Space {
  // Asked once more: a search that was cut may not have.
  const quiet = placeAsking(runnerOf(scenario, seed, order.space), []);
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
  let asked = 0;
  const mark = () => ({ hunt: 'shrink', runs: asked++, runsMax: Infinity });
  const enough = enoughAfter(SHRINK_MS, pulse, mark);
  const options = { seed, anomaly, enough: () => enough() !== '' };
  const shrunk = shrinkFound(scenario, found, order.space, options);
  return {
    anomaly,
    placed: found.placed.map(placedText),
    shrunk: shrunk && viewOf(job, shrunk, found.placed.length),
  };
}

/** A planned fault as it would be written, and a label as it is. */
function placedText(label: string): string {
  const fault = plannedFault(label);
  return fault === undefined ? label : inline(writtenPlan(fault));
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
