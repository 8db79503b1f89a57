import fc from 'fast-check';
import { execute } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { RunRecord, SubscriptionMeasures } from '../../../sim/history/record.ts';
import { type Plan, shown } from './plans.ts';

/** What a run of a plan came to. */
export interface Outcome {
  readonly record: RunRecord;
  readonly group: SubscriptionMeasures;
  readonly producer: RunRecord['producers'][string];
}

export function runPlan({ scenario: text, seed }: Plan): Outcome {
  const { scenario, problems } = loadScenario(JSON.stringify(text), 'plan.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  const record = execute(scenario, { seed });
  return { record, group: record.subscriptions.fulfilment, producer: record.producers.checkout };
}

/** Says in words how a run breaks a promise; undefined when it keeps it. */
export type Promised = (outcome: Outcome) => string | undefined;

/** No plan breaks a promise. A failure shows the smallest plan as a scenario file, and its seed. */
export function never(
  arbitrary: fc.Arbitrary<Plan>,
  numRuns: number,
  promises: readonly Promised[],
): void {
  fc.assert(
    fc.property(arbitrary, (plan) => {
      const outcome = runPlan(plan);
      for (const promise of promises) {
        const says = promise(outcome);
        if (says !== undefined) throw new Error(`${says}\n${shown(plan)}`);
      }
    }),
    { numRuns: Math.ceil(numRuns) },
  );
}

/** Some plan shows it: what is not promised does happen. */
export function sometimes(
  arbitrary: fc.Arbitrary<Plan>,
  happens: (outcome: Outcome) => boolean,
  most = 400,
): void {
  for (const plan of fc.sample(arbitrary, { numRuns: most, seed: 11 })) {
    if (happens(runPlan(plan))) return;
  }
  throw new Error(`none of ${most} plans showed it`);
}

// --- Promises ---

/** Every send ends in one outcome, and what failed for certain is never delivered. */
export const outcomes: Promised = ({ producer, group }) => {
  const { invoked, ok, failed, unknown } = producer;
  if (invoked !== ok + failed + unknown) return `outcomes: ${JSON.stringify(producer)}`;
  return group.phantom > 0 ? `${group.phantom} delivered though their send failed` : undefined;
};

export const noLoss: Promised = ({ group }) =>
  group.lost > 0 ? `lost: ${JSON.stringify(group.lostBy)}` : undefined;

/** Once all is healed, whatever can still be handed out is. */
export const nothingPending: Promised = ({ record, group }) => {
  const cut = record.ended === 'time' || record.ended === 'events';
  return cut || group.pending > 0 ? `ended ${record.ended}, ${group.pending} pending` : undefined;
};

/** The same, where nothing may be lost. */
export const drained: Promised = (outcome) =>
  outcome.record.ended === 'drained'
    ? nothingPending(outcome)
    : `ended ${outcome.record.ended}, ${outcome.group.pending} pending`;

export const storedOnce: Promised = ({ group }) =>
  group.duplicates.stored > 0 ? `${group.duplicates.stored} stored again` : undefined;

export const appliedOnce: Promised = ({ group }) =>
  group.duplicates.effects > 0 ? `${group.duplicates.effects} applied again` : undefined;

/** First deliveries follow the order of sends, for each key and each partition. */
export const inOrder: Promised = ({ group }) => {
  const { key, partition } = group.ordering.by;
  const inversions = Math.max(key.inversions, partition.inversions);
  return inversions > 0 ? `${inversions} delivered after a younger one` : undefined;
};

export const happily: Promised = (outcome) =>
  noLoss(outcome) ?? storedOnce(outcome) ?? appliedOnce(outcome) ?? inOrder(outcome);
