import { Biography } from '../reports/biography.ts';
import type { RunView } from '../reports/terminal.ts';
import { TraceWriter } from '../reports/trace.ts';
import type { Execution, ExecuteOptions } from '../scenarios/execute.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { ExpectationResult, RunRecord, Witness } from '../sim/history/record.ts';
import { conduct, legendOf, type Watch } from './conduct.ts';

/** A second run with a trace costs a second run; of a very long one nobody waits for it. */
const STORY_EVENTS = 2_000_000;
const BUT_FOR_EVENTS = 200_000;
const BUT_FOR_FAULTS = 5;

/** Why a run came out as it did: reruns, never guesses. */
export function explain(
  scenario: Scenario,
  options: ExecuteOptions,
  run: RunRecord,
  watch: Watch,
): Pick<RunView, 'story' | 'butFor'> {
  const finding = findingOf(run);
  if (finding === undefined) return { butFor: [] };
  const witness = finding.witnesses[0];
  const story =
    witness === undefined || run.events > STORY_EVENTS
      ? undefined
      : tell(scenario, options, witness, watch);
  const butFor = run.events < BUT_FOR_EVENTS ? without(scenario, options, run, finding, watch) : [];
  return { ...(story === undefined ? {} : { story }), butFor };
}

/**
 * What a reader wants explained: the first violation, or else the first thing there is proof of.
 */
export function findingOf(run: RunRecord): ExpectationResult | undefined {
  const proved = run.expectations.filter((e) => e.witnesses.length > 0);
  return (
    proved.find((e) => e.verdict === 'violated') ??
    run.expectations.find((e) => e.verdict === 'violated') ??
    proved[0]
  );
}

function tell(
  scenario: Scenario,
  options: ExecuteOptions,
  witness: Witness,
  watch: Watch,
): RunView['story'] {
  const biography = new Biography(witness.message);
  let running: Execution | undefined;
  const legend = legendOf(scenario, () => running as Execution);
  const trace = new TraceWriter(legend, (entry) => biography.take(entry));
  const ended = conduct(scenario, { ...options, trace }, watch, (e) => (running = e));
  if (ended === undefined) return undefined;
  return { witness, steps: biography.steps(), believed: biography.believed(witness.atUs) };
}

function without(
  scenario: Scenario,
  options: ExecuteOptions,
  run: RunRecord,
  finding: ExpectationResult,
  watch: Watch,
): string[] {
  const place = run.expectations.indexOf(finding);
  const fired = run.faults.flatMap((fault, index) => (fault.fired > 0 ? [index] : []));
  const says: string[] = [];
  for (const index of fired.slice(0, BUT_FOR_FAULTS)) {
    const ended = conduct(scenario, { ...options, without: [index] }, watch);
    if (ended === undefined) break;
    const other = ended.record().expectations[place];
    const change =
      other.actual === finding.actual ? `is ${other.actual} all the same` : changed(finding, other);
    says.push(`fault #${index + 1}: ${finding.name} ${change}`);
  }
  return says;
}

function changed(finding: ExpectationResult, other: ExpectationResult): string {
  const better = finding.verdict === 'violated' && other.verdict === 'holds';
  const nothing =
    other.verdict === 'unknown' ? `, which proves nothing: ${other.why ?? 'unknown'}` : '';
  return `would be ${other.actual}${better ? ', as expected' : nothing}`;
}
