import type { MessageId } from '../kernel/node.ts';
import type { Micros } from '../kernel/time.ts';
import type { SubscriptionPlan } from './subscription.ts';

interface Channel {
  /** First deliveries in the order of whoever is ahead, from `base` on. */
  readonly order: MessageId[];
  base: number;
  /** Subscription -> how many first deliveries it has made. */
  readonly places: Map<number, number>;
}

/** Did all subscriptions of a channel see its messages in one order? */
export class Agreement {
  /** Subscriptions and places at which the order differed from the one seen first. */
  disagreements = 0;
  firstAt: Micros = -1;
  firstMessage: MessageId = -1;
  readonly #channels = new Map<number, Channel>();
  readonly #of: readonly (Channel | undefined)[];

  constructor(subscriptions: readonly SubscriptionPlan[]) {
    subscriptions.forEach(({ channel }, subscription) => {
      const entry = this.#channels.get(channel) ?? { order: [], base: 0, places: new Map() };
      entry.places.set(subscription, 0);
      this.#channels.set(channel, entry);
    });
    this.#of = subscriptions.map(({ channel }) => {
      const entry = this.#channels.get(channel);
      return entry !== undefined && entry.places.size > 1 ? entry : undefined;
    });
  }

  /** At least two subscriptions read one channel, so there is something to agree on. */
  get applies(): boolean {
    return this.#of.some((channel) => channel !== undefined);
  }

  delivered(subscription: number, message: MessageId, now: Micros): void {
    const channel = this.#of[subscription];
    if (channel === undefined) return;
    const place = channel.places.get(subscription) ?? 0;
    channel.places.set(subscription, place + 1);
    const index = place - channel.base;
    if (index === channel.order.length) channel.order.push(message);
    else if (channel.order[index] !== message) {
      if (this.disagreements++ === 0) {
        this.firstAt = now;
        this.firstMessage = message;
      }
    }
    const slowest = Math.min(...channel.places.values());
    if (slowest - channel.base > 1024) {
      channel.order.splice(0, slowest - channel.base);
      channel.base = slowest;
    }
  }
}
