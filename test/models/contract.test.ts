import { describe, expect, test } from 'vitest';
import { SYSTEMS } from '../../models/registry.ts';
import { Execution, type ExecuteOptions } from '../../scenarios/execute.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { SelfCheck } from '../../sim/kernel/choices.ts';

const RESTARTS = 'restart: 3s';

/** One producer, one reader, all defaults: what every system must be able to do. */
function scenarioOf(system: (typeof SYSTEMS)[number], faults = '[]'): Scenario {
  const text = `
scenario: contract
system: ${system.name}
${system.channels}: { orders: {} }
producers: { checkout: { to: orders, send: { count: 20, every: 50ms, keys: 3 } } }
consumers: { reader: { from: orders, process: { takes: 5ms, acknowledge: after } } }
limits: { until: 2h }
faults: ${faults}
`;
  const { scenario, problems } = loadScenario(text, `${system.name}.yaml`);
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  return scenario;
}

function run(scenario: Scenario, options: Partial<ExecuteOptions> = {}) {
  const execution = new Execution(scenario, { seed: 'contract', ...options });
  while (!execution.advance(Infinity));
  return execution;
}

describe.each(SYSTEMS.map((system) => [system.name, system] as const))('%s', (_, system) => {
  const quiet = scenarioOf(system);
  const { deployment } = quiet.systems[0];

  test('without faults every message is delivered and applied once, and the run drains', () => {
    const record = run(quiet).record();
    expect(record.ended).toBe('drained');
    expect(record.producers.checkout).toEqual({ invoked: 20, ok: 20, failed: 0, unknown: 0 });
    expect(record.subscriptions.reader).toMatchObject({
      owed: 20,
      effects: 20,
      lost: 0,
      pending: 0,
      duplicates: { stored: 0, delivered: 0, effects: 0 },
      guarantee: 'exactly-once',
    });
  });

  test('deploys just the nodes that it announces', () => {
    const { world } = new Execution(quiet, { seed: '1' });
    const names = Array.from({ length: world.size }, (_, id) => world.nameOf(id));
    expect(names.sort()).toEqual([...system.nodes(deployment)].sort());
  });

  test('is the same run twice, and asks nothing twice', () => {
    let check: SelfCheck | undefined;
    const first = run(quiet, {
      instrument: (choices, names) => (check = new SelfCheck(names, choices)),
    });
    expect(check?.repeated).toEqual([]);
    expect(run(quiet).record()).toEqual(first.record());
  });

  test.each(system.messages)(
    'survives the loss of its first %s: nothing acknowledged is lost',
    (type) => {
      const scenario = scenarioOf(system, `[{ lose: ${type}, nth: 1 }]`);
      const record = run(scenario).record();
      expect(record.subscriptions.reader.lost).toBe(0);
      expect(['drained', 'quiet']).toContain(record.ended);
      expect(record.subscriptions.reader.pending).toBe(0);
    },
  );

  test.each(system.nodes(deployment))('survives a crash of %s', (node) => {
    const scenario = scenarioOf(system, `[{ crash: ${node}, at: 400ms, ${RESTARTS} }]`);
    const record = run(scenario).record();
    expect(record.faults[0].fired).toBe(1);
    expect(record.subscriptions.reader).toMatchObject({ lost: 0, pending: 0 });
    expect(record.producers.checkout.invoked).toBe(20);
  });

  test.each(system.nodes(deployment))('survives a clean stop of %s', (node) => {
    const scenario = scenarioOf(system, `[{ stop: ${node}, at: 400ms, ${RESTARTS} }]`);
    expect(run(scenario).record().subscriptions.reader).toMatchObject({ lost: 0, pending: 0 });
  });

  test('has a sentence and a valid default for each of its keys', () => {
    const tables = [...Object.values(system.keys), system.shape, system.clusterShape];
    for (const key of tables.flat()) {
      expect(key.says.length, key.name).toBeGreaterThan(0);
      if (typeof key.default !== 'number') continue;
      expect(key.default, key.name).toBeGreaterThanOrEqual(key.min ?? -Infinity);
      expect(key.default, key.name).toBeLessThanOrEqual(key.max ?? Infinity);
    }
  });
});
