import { traceHeader, traceLine, TraceWriter } from '../reports/trace.ts';
import type { Execution } from '../scenarios/execute.ts';
import { ENGINE } from '../scenarios/version.ts';
import { conduct, legendOf } from './conduct.ts';
import type { Job } from './job.ts';
import { LineSink } from './outfile.ts';
import type { Pulse } from './pulse.ts';
import { err } from './streams.ts';

/** How every trace file of ours begins. */
export const TRACE_START = '{"format":"lost-ack/trace/';

/**
 * Writes the trace of the scenario's own run to a file, or to stdout for "-"; false when it was
 * interrupted. It is a run of its own, so that nobody pays for a trace who did not ask for one.
 */
export async function writeTrace(job: Job, path: string, pulse: Pulse): Promise<boolean> {
  const { scenario, seed, file } = job;
  const { name, variant } = scenario;
  const sink = new LineSink(path);
  sink.write(traceHeader({ engine: ENGINE, scenario: name, file, variant, seed }));
  let running: Execution | undefined;
  const legend = legendOf(scenario, () => running as Execution);
  const trace = new TraceWriter(legend, (entry) => sink.write(traceLine(entry)));
  const ended = await conduct(
    scenario,
    { seed, trace },
    pulse,
    (execution) => (running = execution),
  );
  sink.close();
  pulse.clear();
  if (path !== '-')
    err(`wrote ${path}${ended === undefined ? ', cut where it was interrupted' : ''}\n`);
  return ended !== undefined;
}
