import { traceHeader, traceLine, TraceWriter } from '../reports/trace.ts';
import type { Execution } from '../scenarios/execute.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { ENGINE } from '../scenarios/version.ts';
import { conduct, legendOf } from '../runs/conduct.ts';
import type { Order } from './order.ts';
import { LineSink } from './outfile.ts';
import type { Pulse } from './pulse.ts';

/**
 * Writes the trace of the scenario's own run to a file, or to stdout for "-"; false when it was
 * interrupted. It is a run of its own, so that nobody pays for a trace who did not ask for one.
 */
export function writeTrace(job: TraceJob, scenario: Scenario, path: string, pulse: Pulse): boolean {
  const { seed, file, overrides } = job;
  const { name, variant } = scenario;
  const sink = new LineSink(path);
  sink.write(traceHeader({ engine: ENGINE, scenario: name, file, variant, seed }));
  let running: Execution | undefined;
  const legend = legendOf(scenario, () => running as Execution);
  const trace = new TraceWriter(legend, (entry) => sink.write(traceLine(entry)));
  const options = { seed, overrides: new Map(overrides), trace };
  const ended = conduct(scenario, options, pulse, (execution) => (running = execution));
  sink.close();
  return ended !== undefined;
}

type TraceJob = Pick<Order, 'file' | 'overrides'> & { readonly seed: string };
