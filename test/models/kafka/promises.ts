import fc from 'fast-check';
import { type Rules, rulesOf } from '../../../models/kafka/versions.ts';
import { execute } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { RunRecord, SubscriptionMeasures } from '../../../sim/history/record.ts';
import { type Plan, shown } from './plans.ts';

/** What a run of a plan came to. */
export interface Outcome {
  readonly record: RunRecord;
  readonly group: SubscriptionMeasures;
  /** Whoever reads what the group makes, if it makes anything. */
  readonly ledger: SubscriptionMeasures | undefined;
  readonly producer: RunRecord['producers'][string];
  readonly version: string;
}

export function runPlan({ scenario: text, seed }: Plan): Outcome {
  const { version } = text;
  const { scenario, problems } = loadScenario(JSON.stringify(text), 'plan.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  const record = execute(scenario, { seed });
  const { subscriptions, producers } = record;
  const { fulfilment: group, ledger } = subscriptions;
  return { record, group, ledger, producer: producers.checkout, version };
}

/** Says in words how a run breaks a promise; undefined when it keeps it. */
export type Promised = (outcome: Outcome) => string | undefined;

/**
 * No plan breaks a promise, nor a claim about Kafka's inside. A failure shows the smallest plan as
 * a scenario file, and its seed.
 */
export function never(
  arbitrary: fc.Arbitrary<Plan>,
  numRuns: number,
  promises: readonly Promised[],
): void {
  fc.assert(
    fc.property(arbitrary, (plan) => {
      const outcome = runPlan(plan);
      for (const promise of [...promises, claims]) {
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

// --- Claims ---

/** Rules of old versions that break a claim about their inside, as their KIPs and issues tell. */
const BROKEN_BY: Readonly<Record<string, (rules: Rules) => boolean>> = {
  /** KIP-101, KIP-279, KAFKA-7128: a replica that may lead lacks what was committed. */
  'kafka.committed-survives': (rules) => !rules.epochEndNamesEpoch || !rules.joinsIsrInEpoch,
  /** KIP-101, KIP-279: replicas truncate too little. */
  'kafka.log-matching': (rules) => !rules.epochEndNamesEpoch,
  /** KAFKA-14704: a deposed leader's high watermark may rise before it truncates. */
  'kafka.uncommitted-unread': (rules) => !rules.divergenceMovesNoWatermark,
  /** KIP-890: what comes late belongs to the next transaction of its producer (T21, T22). */
  'kafka.aborted-unread': (rules) => !rules.epochPerTransaction,
};

/** Kafka's own claims hold, unless a documented rule of the version breaks them. */
export const claims: Promised = ({ record, version }) => {
  for (const { name, verdict, witnesses } of record.model ?? []) {
    if (verdict !== 'violated' || BROKEN_BY[name]?.(rulesOf(version)) === true) continue;
    return `${name}: ${witnesses[0].says}`;
  }
  return undefined;
};

/** Is this claim broken, as the rules of the version allow? */
export const broken =
  (name: string) =>
  ({ record }: Outcome): boolean =>
    record.model?.some((finding) => finding.name === name && finding.verdict === 'violated') ===
    true;

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

/**
 * The same, where nothing may be lost. A commit that comes late takes the committed offset back, so
 * that tools see a lag for ever; all of it was settled before.
 */
export const drained: Promised = (outcome) => {
  const { record, group } = outcome;
  const settled = group.settled === group.owed;
  return record.ended === 'drained' || (record.ended === 'quiet' && settled)
    ? nothingPending(outcome)
    : `ended ${record.ended}, ${group.pending} pending`;
};

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

/** What is made of the records is stored once, and is there for whoever reads it. */
export const madeOnce: Promised = ({ group, ledger }) => {
  if (ledger === undefined) return 'nothing was made';
  if (ledger.duplicates.stored > 0) return `${ledger.duplicates.stored} made twice`;
  if (ledger.lost > 0) return `lost of what was made: ${JSON.stringify(ledger.lostBy)}`;
  return ledger.effects < group.settled ? `${ledger.effects} made of ${group.settled}` : undefined;
};

export const happily: Promised = (outcome) =>
  noLoss(outcome) ?? storedOnce(outcome) ?? appliedOnce(outcome) ?? inOrder(outcome);
