import type { MessageId } from '../kernel/node.ts';
import { Bits } from './bits.ts';
import type { Ledger } from './ledger.ts';
import type { Subscription } from './subscription.ts';

/** What became of the messages that a subscription was owed and that had no effect. */
export interface Losses {
  readonly owed: number;
  /** Those of them that must not be lost: acknowledged, or moved here by another channel. */
  readonly owedSurely: number;
  readonly lost: number;
  readonly pending: number;
  /** Cause -> how many; their sum is `lost`. */
  readonly causes: ReadonlyMap<string, number>;
}

/**
 * Lost: acknowledged to the producer, and at the end neither applied, nor still stored for this
 * subscription, nor dead-lettered (and kept there). A message that was handed over, settled and
 * never applied (the process died in between) is lost too: no copy will come. `remaining` visits
 * what is still stored.
 */
export function losses(
  ledger: Ledger,
  subscription: Subscription,
  remaining: (visit: (message: MessageId) => void) => void,
  now: number,
): Losses {
  const stored = new Bits();
  let pending = 0;
  remaining((message) => {
    if (stored.add(message) && !subscription.settled.has(message)) pending++;
  });
  let owed = 0;
  let owedSurely = 0;
  let lost = 0;
  const causes = new Map<string, number>();
  const { channel } = subscription.plan;
  const readable = ledger.readableBy(subscription.plan);
  const { acked } = ledger.operations;
  const judge = (message: MessageId): void => {
    if (subscription.excused.has(message)) return;
    owedSurely++;
    if (subscription.effects.has(message)) return;
    if (subscription.dead.has(message) && !subscription.deadAndGone.has(message)) return;
    if (stored.has(message) && !subscription.settled.has(message)) return;
    lost++;
    const cause = causeOf(ledger, subscription, message);
    causes.set(cause, (causes.get(cause) ?? 0) + 1);
    subscription.evidence.add('loss', message, now, cause);
  };
  acked.eachOutside([], (message) => {
    if (!ledger.owns(channel, message)) return;
    owed++;
    judge(message);
  });
  readable.eachOutside([], (message) => {
    const own = ledger.owns(channel, message);
    if (own && acked.has(message)) return;
    owed++;
    // What another channel moved here (a dead-letter queue) is owed as if it had been acknowledged.
    if (!own) judge(message);
  });
  return { owed, owedSurely, lost, pending, causes };
}

function causeOf(ledger: Ledger, subscription: Subscription, message: MessageId): string {
  const drop = ledger.drops.get(message);
  if (drop !== undefined) return ledger.plan.names.text(drop);
  if (!ledger.readableBy(subscription.plan).has(message)) {
    return ledger.appended.has(message)
      ? 'written by one server, never replicated'
      : 'never stored';
  }
  const settled = subscription.settled.has(message);
  if (subscription.skipped.has(message)) return 'given up by the application';
  if (subscription.delivered.has(message)) {
    return settled
      ? 'acknowledged, and its handler never finished'
      : 'gone from the broker while its handler was at work';
  }
  return settled ? 'skipped by a commit' : 'no longer stored';
}
