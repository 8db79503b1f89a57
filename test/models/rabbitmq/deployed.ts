import { Execution } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { RunRecord } from '../../../sim/history/record.ts';

/** Parts of a scenario, as YAML would have them. */
export type Parts = Readonly<Record<string, unknown>>;

/** One node, a durable queue, a publisher and a consumer, unless `parts` says otherwise. */
export function textOf(parts: Parts): string {
  return JSON.stringify({
    scenario: 'a test',
    system: 'rabbitmq',
    queues: { orders: {} },
    producers: { checkout: { to: 'orders', send: { count: 20, every: '10ms' } } },
    consumers: {
      reader: {
        from: 'orders',
        config: { prefetch: 10 },
        process: { takes: '1ms', acknowledge: 'after' },
      },
    },
    network: { latency: '1ms' },
    ...parts,
  });
}

/** A run of it, before its first event. */
export function begun(parts: Parts, seed = '1'): Execution {
  const { scenario, problems } = loadScenario(textOf(parts), 'test.json');
  if (scenario === undefined) throw new Error(problems.map(({ says }) => says).join('\n'));
  return new Execution(scenario, { seed });
}

export function run(parts: Parts, seed = '1'): RunRecord {
  const execution = begun(parts, seed);
  while (!execution.advance(Infinity));
  return execution.record();
}

/** What the loader complains of. */
export function complaints(parts: Parts): string[] {
  return loadScenario(textOf(parts), 'test.json').problems.map(({ says }) => says);
}
