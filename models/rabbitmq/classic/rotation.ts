import { assert } from '../../../sim/kernel/assert.ts';
import type { ChannelEnd, Consumer } from '../queue.ts';

/** A consumer of a queue, and what it has. */
export interface Holder {
  /** Undefined: a channel that took messages by basic.get. */
  readonly consumer: Consumer | undefined;
  readonly channel: ChannelEnd;
  /** Deliveries that are not settled. */
  unacked: number;
  /** In the rotation, that is, not known to be blocked. */
  isActive: boolean;
}

/**
 * Who gets the next message (`rabbit_queue_consumers`): the head of the rotation of the highest
 * priority, which then goes to its tail. A consumer that is found blocked leaves the rotation and
 * comes back at the tail.
 */
export class Rotation {
  readonly holders: Holder[] = [];
  /** By priority, highest first. */
  readonly #turns: { readonly priority: number; readonly queue: Holder[] }[] = [];
  readonly #isSingle: boolean;
  /** The single active consumer, if the queue has that rule. */
  #single: Holder | undefined;

  constructor(isSingle: boolean) {
    this.#isSingle = isSingle;
  }

  get size(): number {
    return this.holders.length;
  }

  add(consumer: Consumer): void {
    const holder: Holder = { consumer, channel: consumer.channel, unacked: 0, isActive: false };
    this.holders.push(holder);
    if (this.#isSingle && this.#single === undefined) this.#single = holder;
    this.#activate(holder);
  }

  /** It gets nothing more; what it has it keeps. */
  remove(holder: Holder): void {
    const place = this.holders.indexOf(holder);
    assert(place >= 0, 'a consumer is removed once');
    this.holders.splice(place, 1);
    this.#deactivate(holder);
    if (this.#single === holder) this.#single = this.holders[0];
  }

  find(consumer: Consumer): Holder | undefined {
    return this.holders.find((holder) => holder.consumer === consumer);
  }

  /** Something of it was settled, or its channel has room again. */
  unblock(holder: Holder): void {
    if (holder.consumer !== undefined && !holder.isActive && this.holders.includes(holder)) {
      this.#activate(holder);
    }
  }

  /** Whoever is to get the next message, moved to the tail of the rotation; undefined: nobody. */
  next(): Holder | undefined {
    if (this.#isSingle) {
      const single = this.#single;
      return single !== undefined && hasRoom(single) ? single : undefined;
    }
    for (const { queue } of this.#turns) {
      while (queue.length > 0) {
        const holder = queue[0];
        if (hasRoom(holder)) {
          if (queue.length > 1) {
            queue.shift();
            queue.push(holder);
          }
          return holder;
        }
        holder.isActive = false;
        queue.shift();
      }
    }
    return undefined;
  }

  #activate(holder: Holder): void {
    holder.isActive = true;
    const priority = holder.consumer?.priority ?? 0;
    let turn = this.#turns.find((t) => t.priority === priority);
    if (turn === undefined) {
      turn = { priority, queue: [] };
      this.#turns.push(turn);
      this.#turns.sort((a, b) => b.priority - a.priority);
    }
    turn.queue.push(holder);
  }

  #deactivate(holder: Holder): void {
    holder.isActive = false;
    for (const { queue } of this.#turns) {
      const place = queue.indexOf(holder);
      if (place >= 0) queue.splice(place, 1);
    }
  }
}

/** Its own prefetch and that of its channel; with automatic acknowledgement there is none. */
function hasRoom({ consumer, channel, unacked }: Holder): boolean {
  if (consumer === undefined || consumer.noAck) return true;
  if (consumer.prefetch > 0 && unacked >= consumer.prefetch) return false;
  return channel.hasRoom;
}
