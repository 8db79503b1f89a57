import type { OwnCode, Tools } from '../models/parts/handler.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Heard } from './heard.ts';
import type { SubjectOptions } from './subject.ts';

/** The scenario with own code in the place of what its `process:` describes. */
export function withCode(scenario: Scenario, options: SubjectOptions, heard: Heard): Scenario {
  const { handlers = {}, services = {}, values = () => undefined } = options;
  const plans = scenario.systems.flatMap(({ deployment }) => deployment.producers);
  const producers: string[] = [];
  for (const { name, workload } of plans) producers[workload.producer] = name;
  const code: OwnCode = {
    producers,
    valueOf: values,
    onThrow: (thrown, process, message) => heard.threw(thrown, process, message),
    // Where they are is known once a run is built.
    sinks: { database: -1, api: -1 },
  };
  const systems = scenario.systems.map(({ system, deployment }) => {
    const consumers = deployment.consumers.map((consumer) => {
      const start = Object.hasOwn(handlers, consumer.name) ? handlers[consumer.name] : undefined;
      if (start === undefined) return consumer;
      const { handling } = consumer;
      const effect = handling.effect === 'output' ? handling.effect : 'local';
      const own = { ...code, start: noting(heard, consumer.name, start) };
      return { ...consumer, handling: { ...handling, effect, own } } as const;
    });
    return { system, deployment: { ...deployment, consumers } };
  });
  const consumers = systems.flatMap(({ deployment }) => deployment.consumers);
  return {
    ...scenario,
    systems,
    services: Object.entries(services).flatMap(([name, { of, run }]) => {
      const consumer = consumers.find((c) => c.name === of);
      if (consumer === undefined) return [];
      const { subscription, handling } = consumer;
      const start = noting(heard, name, run);
      return [{ ...code, name, start, subscription, timeout: handling.timeout }];
    }),
  };
}

function noting<Started>(heard: Heard, name: string, start: (tools: Tools) => Started) {
  return (tools: Tools): Started => {
    heard.started.add(name);
    return start(tools);
  };
}
