import type { Paired } from './pairs.ts';
import type { Measure } from './measures.ts';

/** "lag.p99>+10%": what may not become worse by more than so much. */
export interface RegressionRule {
  /** As written. */
  readonly text: string;
  readonly measure: Measure;
  /** Of the unit, or of hundredths of a percent of what it was. */
  readonly limit: number;
  readonly relative: boolean;
}

export interface RegressionResult {
  readonly rule: string;
  /** Name of the column that is held to it. */
  readonly column: string;
  readonly verdict: 'holds' | 'violated' | 'unknown';
  readonly why?: string;
  readonly paired?: Paired;
}

/**
 * Of seeds that both have run; without any there is nothing to be said. Nor is a rule kept by runs
 * that prove nothing (`inconclusive`).
 */
export function holdTo(
  rule: RegressionRule,
  column: string,
  pairs: Readonly<Record<string, Paired>> | undefined,
  inconclusive = false,
): RegressionResult {
  const head = { rule: rule.text, column };
  const paired = pairs?.[rule.measure.name];
  if (paired === undefined)
    return { ...head, verdict: 'unknown', why: 'the baseline has no such column' };
  if (paired.pairs === 0) return { ...head, verdict: 'unknown', why: 'no seed was run by both' };
  const { baseMilli, meanMilli } = paired;
  const most = rule.relative ? (baseMilli * rule.limit) / 10_000 : rule.limit * 1_000;
  if (meanMilli > most) return { ...head, verdict: 'violated', paired };
  if (inconclusive) return { ...head, verdict: 'unknown', why: 'some of its runs prove nothing' };
  return { ...head, verdict: 'holds', paired };
}
