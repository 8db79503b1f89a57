import type { Summary, SubscriptionSummary } from '../history/summary.ts';
import type { Witness } from '../history/record.ts';

/** What an invariant read off a run, and whether that reading can carry a verdict. */
export interface Reading {
  readonly value: number | string;
  /** As a person reads it. */
  readonly actual: string;
  /**
   * `exact`: the number is what happened. `at-least`: the run was cut, there may be more. Otherwise
   * the reason why the run proves nothing.
   */
  readonly proof: 'exact' | 'at-least' | { readonly nothing: string };
  readonly witnesses: readonly Witness[];
}

/** One property that is measured in every run. Reads the history only. */
export interface Invariant {
  /** First word of the measures it answers for. */
  readonly name: string;
  readonly claim: string;
  /**
   * The measures below it, such as `stored` of `duplicates`; the first is meant when only the name
   * is written. A `*` stands for a name of the scenario's.
   */
  readonly parts: readonly string[];
  /** `over`: the subscriptions spoken of. `part`: one of `parts`, or what the `*` stands for. */
  read(summary: Summary, over: readonly SubscriptionSummary[], part: string): Reading;
}

/** Was the run cut by a bound, so that what did not happen might still have happened? */
export function isCut(summary: Summary): boolean {
  return summary.end === 'time' || summary.end === 'events';
}

/**
 * The proof of a count that only ever grows: violations of a cut run are real, its zeros are not.
 */
export function proofOfCount(summary: Summary): Reading['proof'] {
  return isCut(summary) ? 'at-least' : 'exact';
}

export function total(
  over: readonly SubscriptionSummary[],
  read: (s: SubscriptionSummary) => number,
): number {
  return over.reduce((sum, s) => sum + read(s), 0);
}

export function witnesses(over: readonly SubscriptionSummary[], kind: string): Witness[] {
  return over.flatMap((s) => s.evidence.of(kind));
}
