import type { Micros } from '../kernel/time.ts';
import type { Subscription } from './subscription.ts';

/** "> 60 s for 5 min". */
export interface AlarmPlan {
  readonly name: string;
  /** Name of the subscription; "" for each. */
  readonly subscription: string;
  readonly lag: 'time' | 'messages';
  /** Microseconds or messages. */
  readonly above: number;
  readonly for: Micros;
}

/**
 * Watches lags at the moments at which they are sampled, so it sees what a monitoring system sees.
 */
export class Alarm {
  readonly plan: AlarmPlan;
  /** When it first fired, or -1. */
  firedAt: Micros = -1;
  /** Total time above the threshold, over all subscriptions. */
  above: Micros = 0;
  readonly #since = new Map<Subscription, Micros>();
  readonly #last = new Map<Subscription, Micros>();

  constructor(plan: AlarmPlan) {
    this.plan = plan;
  }

  sample(subscription: Subscription, now: Micros): void {
    const { plan } = this;
    if (plan.subscription !== '' && plan.subscription !== subscription.plan.name) return;
    const value = plan.lag === 'time' ? subscription.age(now) : subscription.behind;
    const last = this.#last.get(subscription) ?? now;
    this.#last.set(subscription, now);
    if (value <= plan.above) {
      this.#since.delete(subscription);
      return;
    }
    // An age grows evenly, so the moment of crossing is known; a count has stood since the last
    // fact.
    const crossed = plan.lag === 'time' ? now - (value - plan.above) : last;
    const since = this.#since.get(subscription) ?? Math.max(crossed, last);
    this.#since.set(subscription, since);
    this.above += now - Math.max(since, last);
    if (now - since >= plan.for && this.firedAt < 0) this.firedAt = since + plan.for;
  }
}
