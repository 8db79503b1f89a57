import type { MessageId } from '../kernel/node.ts';
import type { Micros } from '../kernel/time.ts';
import type { End } from '../run.ts';
import type { Ledger } from './ledger.ts';
import { losses } from './losses.ts';
import type { Guarantee, ModelFinding, OrderScope, SubscriptionMeasures } from './record.ts';
import type { Evidence } from './evidence.ts';
import { SCOPES, type Subscription } from './subscription.ts';

/** A finished run as the invariants see it. */
export interface Summary {
  readonly ledger: Ledger;
  readonly end: End;
  readonly time: Micros;
  readonly subscriptions: readonly SubscriptionSummary[];
  /** What the systems found out about themselves. */
  readonly model: readonly ModelFinding[];
}

export interface SubscriptionSummary {
  readonly name: string;
  readonly measures: SubscriptionMeasures;
  readonly evidence: Evidence;
  /** Messages that it must not lose: acknowledged to a producer, or moved to its channel. */
  readonly acked: number;
}

/** What is still stored for a subscription at the end of a run; a model answers. */
export type Remaining = (subscription: number, visit: (message: MessageId) => void) => void;

/** Closes the books. `scope` says what `ordering` is counted over, by subscription. */
export function summarise(
  ledger: Ledger,
  end: End,
  time: Micros,
  scopes: readonly OrderScope[],
  remaining: Remaining,
  model: readonly ModelFinding[] = [],
): Summary {
  ledger.finish(time);
  const subscriptions = ledger.subscriptions.map((subscription, index) =>
    summariseOne(ledger, subscription, scopes[index], time, (visit) => remaining(index, visit)),
  );
  return { ledger, end, time, subscriptions, model };
}

function summariseOne(
  ledger: Ledger,
  s: Subscription,
  scope: OrderScope,
  time: Micros,
  remaining: (visit: (message: MessageId) => void) => void,
): SubscriptionSummary {
  const { owed, owedSurely, lost, pending, causes } = losses(ledger, s, remaining, time);
  const by = Object.fromEntries(
    SCOPES.map((each) => {
      const { inversions, rewinds } = s.order[each];
      return [each, { inversions, rewinds }];
    }),
  ) as SubscriptionMeasures['ordering']['by'];
  const measures: SubscriptionMeasures = {
    owed,
    delivered: s.delivered.count,
    effects: s.effects.count,
    settled: s.settled.count,
    lost,
    lostBy: Object.fromEntries([...causes].sort(([a], [b]) => (a < b ? -1 : 1))),
    pending,
    deadLettered: s.dead.count,
    duplicates: { ...s.duplicates },
    ordering: { ...by[scope], scope, by },
    lag: {
      messages: s.lagMessages.measures(time, s.behind),
      time: s.lagTime.measures(time, s.age(time)),
    },
    latency: s.latencies.measures(),
    phantom: s.phantom,
    stalledUs: s.stalled,
    guarantee: observed(owedSurely, lost, s.duplicates.effects),
  };
  return {
    name: s.plan.name,
    measures,
    evidence: s.evidence,
    acked: owedSurely,
  };
}

/** The strongest guarantee that this run did not contradict, by effects. */
export function observed(acked: number, lost: number, duplicates: number): Guarantee {
  if (acked === 0) return 'unknown';
  if (lost > 0) return duplicates > 0 ? 'none' : 'at-most-once';
  return duplicates > 0 ? 'at-least-once' : 'exactly-once';
}

/** What all subscriptions together were given. */
export function observedByAll(summaries: readonly SubscriptionSummary[]): Guarantee {
  const sum = (read: (m: SubscriptionMeasures) => number) =>
    summaries.reduce((total, s) => total + read(s.measures), 0);
  const acked = summaries.reduce((total, s) => total + s.acked, 0);
  return observed(
    acked,
    sum((m) => m.lost),
    sum((m) => m.duplicates.effects),
  );
}
