import type { Fault } from '../../kernel/fault.ts';
import type { Outcome, Placement, RunPlan, Runner } from './space.ts';

/**
 * A planned fault as a text of a placement. Labels of offers begin with the kind of a site, these
 * with a brace: so a placement may hold both.
 */
export const planned = (fault: Fault<string>): string => JSON.stringify(fault);

export function plannedFault(label: string): Fault<string> | undefined {
  return label.startsWith('{') ? (JSON.parse(label) as Fault<string>) : undefined;
}

/** The run with just these faults. Questions are asked only when one of them is an offer. */
export function place(run: Runner, faults: Placement, more: RunPlan = {}): Outcome {
  const plans = faults.flatMap((label) => plannedFault(label) ?? []);
  const wanted = new Set(faults);
  const take = plans.length === faults.length ? {} : { take: wantedBy(wanted) };
  return run({ ...take, ...more, faults: plans });
}

/** The same, with every question asked. */
export function placeAsking(run: Runner, faults: Placement): Outcome {
  return place(run, faults, { take: wantedBy(new Set(faults)) });
}

const wantedBy = (wanted: ReadonlySet<string>) => (offer: { label: string }) =>
  wanted.has(offer.label);
