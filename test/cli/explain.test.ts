import { expect, test } from 'vitest';
import { perform } from '../../cli/work.ts';
import type { Order } from '../../cli/order.ts';
import { Pulse } from '../../cli/pulse.ts';
import { execute } from '../../scenarios/execute.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { runnerOf } from '../../scenarios/runner.ts';
import { shrinkFound } from '../../scenarios/shrink.ts';
import { groundOf, KINDS, SPACE } from '../../scenarios/space.ts';
import { search } from '../../sim/explore/search/search.ts';

const SCENARIO = `
scenario: Small
system: kafka
cluster: { brokers: 1 }
topics: { orders: { partitions: 1 } }
producers:
  checkout:
    to: orders
    send: { count: 6, every: 5ms }
    config: { enable.idempotence: false, retries: 5, request.timeout.ms: 1000 }
consumers:
  fulfilment:
    from: orders
    config: { enable.auto.commit: false, auto.offset.reset: earliest }
    process: { acknowledge: after, effect: database }
expect: { loss: 0, duplicates: { effects: 0 } }
`;

function load(text: string) {
  const { scenario } = loadScenario(text, 'small.yaml');
  if (scenario === undefined) throw new Error('it loads');
  return scenario;
}

/** What searches with several seeds find, as scenarios that fail. */
function findings(): string[] {
  const scenario = load(SCENARIO);
  const space = { ...SPACE, kinds: KINDS };
  return Array.from({ length: 6 }, (_, i) => String(i)).map((seed) => {
    const run = runnerOf(scenario, seed, space);
    const ground = groundOf(scenario, space);
    const bounds = { ground, maxFaults: 3, runs: 300, seed, enough: () => '' };
    const { found } = search('random', run, bounds);
    if (found === undefined) throw new Error('a scenario without any protection breaks');
    const anomaly = found.violated[0];
    const shrunk = shrinkFound(scenario, found, space, { seed, anomaly, enough: () => false });
    if (shrunk === undefined) throw new Error('what was found can be written');
    return shrunk.text;
  });
}

test('a fault that an explanation names is one without which the verdict is another', () => {
  const pulse = new Pulse(new Int32Array(1), () => {});
  const told = new Set<string>();
  for (const text of findings()) {
    const order: Order = {
      ...{ text, file: 'small.yaml', seed: undefined, set: [], strict: false, variant: undefined },
      ...{ alone: true, overrides: [], trace: undefined },
      ...({ explains: 'always', showsToken: 'never' } as const),
    };
    const answer = perform(order, pulse);
    if (answer.is !== 'done') throw new Error('it runs');
    const [{ run, story, butFor }] = answer.views;
    expect(run.verdict).toBe('fail');
    // Each fault of a shrunk scenario is needed, so each is named; and leaving it out of the file
    // shows everybody that it is so.
    const scenario = load(text);
    expect(butFor.filter((says) => says.endsWith('as expected'))).toHaveLength(run.faults.length);
    for (const index of scenario.faults.keys()) {
      const faults = scenario.faults.filter((_, i) => i !== index);
      const without = execute({ ...scenario, faults }, { seed: scenario.seed });
      expect(without.verdict, text).toBe('pass');
    }
    for (const fault of scenario.faults) told.add(fault.fault.what);
    // A headline, the steps and what the clients believed.
    const lines = 2 + (story?.steps.length ?? 0);
    expect(lines).toBeGreaterThanOrEqual(5);
    expect(lines).toBeLessThanOrEqual(9);
    expect(story?.believed.length).toBeGreaterThan(0);
  }
  expect(told.size).toBeGreaterThan(1);
});
