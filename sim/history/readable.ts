import type { MessageId } from '../kernel/node.ts';
import { Bits } from './bits.ts';
import type { SubscriptionPlan } from './subscription.ts';

/** By channel, what its readers can get or could at some time. */
export class Readable {
  /** A dead-letter queue holds messages that were sent elsewhere. */
  readonly all: readonly Bits[];
  /** What readers of committed data can get; the same set where there are none. */
  readonly committed: readonly Bits[];

  constructor(channels: number, subscriptions: readonly SubscriptionPlan[]) {
    this.all = Array.from({ length: channels }, () => new Bits());
    this.committed = this.all.map((readable, channel) => {
      const some = subscriptions.some((s) => s.channel === channel && s.committedOnly);
      return some ? new Bits() : readable;
    });
  }

  /** Has the channel readers of committed data? */
  differs(channel: number): boolean {
    return this.committed[channel] !== this.all[channel];
  }

  by({ channel, committedOnly }: SubscriptionPlan): Bits {
    return committedOnly === true ? this.committed[channel] : this.all[channel];
  }

  /** Out of one channel, into another. */
  move(message: MessageId, from: number, to: number): void {
    for (const readable of [this.all, this.committed]) {
      readable[from].remove(message);
      readable[to].add(message);
    }
  }
}
