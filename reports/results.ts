import type { ExpectationResult, RunRecord } from '../sim/history/record.ts';
import type { SourceProblem } from './problems.ts';
import type { RunView } from './terminal.ts';

/** What became of one file, for reports that other programs read. */
export interface FileResult {
  readonly file: string;
  /** The scenario's own run and those of its variants; none when it was not run. */
  readonly views: readonly RunView[];
  readonly problems: readonly SourceProblem[];
  /** A bug of ours ended it. */
  readonly stack?: string;
}

/** One expectation of one run: what a test case is elsewhere. */
export interface Case {
  readonly view: RunView;
  readonly expectation: ExpectationResult | undefined;
  readonly name: string;
  readonly verdict: 'pass' | 'fail' | 'unsure';
  readonly says: string;
}

/** A run that proves nothing proves none of its expectations; without any it is one case. */
export function casesOf({ views }: FileResult): Case[] {
  return views.flatMap((view) => {
    const { run } = view;
    const prefix = run.variant === undefined ? '' : `${run.variant}: `;
    if (run.expectations.length === 0) {
      const sure = run.verdict === 'pass';
      const verdict = sure ? 'pass' : 'unsure';
      const says = sure ? 'nothing is expected of it' : doubtOf(run);
      return [{ view, expectation: undefined, name: `${prefix}runs`, verdict, says } as const];
    }
    return run.expectations.map((expectation): Case => {
      const { name, expected, actual } = expectation;
      const unsure = run.verdict === 'inconclusive' || expectation.verdict === 'unknown';
      const violated = expectation.verdict === 'violated';
      return {
        view,
        expectation,
        name: `${prefix}${name} ${expected}`,
        verdict: unsure ? 'unsure' : violated ? 'fail' : 'pass',
        says: unsure ? (expectation.why ?? doubtOf(run)) : `expected ${expected}, got ${actual}`,
      };
    });
  });
}

function doubtOf({ faults, actions = [], ended }: RunRecord): string {
  const silent = faults.find((fault) => fault.fired === 0);
  if (silent !== undefined) return `never fired: ${silent.fault}`;
  const undone = actions.find((action) => !action.done);
  return undone === undefined ? `the run was cut (${ended})` : `not done: ${undone.action}`;
}
