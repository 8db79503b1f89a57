import type { MessageId } from '../kernel/node.ts';
import type { Micros } from '../kernel/time.ts';
import { Bits } from './bits.ts';
import type { Evidence } from './evidence.ts';
import { Latencies } from './latencies.ts';
import type { MessageTable } from './message-table.ts';
import { Order } from './order.ts';
import type { OrderScope } from './record.ts';
import { Series } from './series.ts';
import { HOLE, type Stream } from './stream.ts';

export const SCOPES: readonly OrderScope[] = ['key', 'partition', 'queue', 'global'];

/** Whose reading of which channel a subscription is. */
export interface SubscriptionPlan {
  readonly name: string;
  readonly channel: number;
  /** It reads records of committed transactions only; others do not exist for it. */
  readonly committedOnly?: boolean;
}

/** Why a message comes again, as far as the broker or the client said. */
interface Restart {
  readonly position: number;
  readonly reason: string;
}

/**
 * What one queue, consumer group or subscription was owed and got. All of it is counted as it
 * happens.
 */
export class Subscription {
  readonly plan: SubscriptionPlan;
  readonly delivered = new Bits();
  readonly effects = new Bits();
  readonly settled = new Bits();
  readonly dead = new Bits();
  /** Dead letters that were dropped where they had been set aside. */
  readonly deadAndGone = new Bits();
  /** Handled, and given up by the application. */
  readonly skipped = new Bits();
  /** Taken away from this channel on purpose: owed here no more. */
  readonly excused = new Bits();
  /** Settled, dead-lettered or no longer stored: nothing is waited for. */
  readonly cleared = new Bits();
  readonly duplicates = { stored: 0, delivered: 0, effects: 0 };
  readonly order: Readonly<Record<OrderScope, Order>> = {
    key: new Order(),
    partition: new Order(),
    queue: new Order(),
    global: new Order(),
  };
  readonly lagMessages = new Series();
  readonly lagTime = new Series();
  readonly latencies = new Latencies();
  readonly evidence: Evidence;
  phantom = 0;
  /** Readable messages that are not cleared. */
  behind = 0;
  /** Settled and not yet handed over: a client that commits first still holds them. */
  inHand = 0;
  stalled: Micros = 0;
  /** Why messages will come again, until they are settled. */
  readonly returns = new Map<MessageId, string>();
  /** Copies beyond the first that are waited for, of messages that have any. */
  readonly #extra = new Map<MessageId, number>();
  readonly #table: MessageTable;
  readonly #streams: readonly Stream[];
  readonly #producers: number;
  readonly #committedOnly: boolean;
  /** By stream: everything before it is cleared. */
  readonly #pointers: number[] = [];
  readonly #restarts: (Restart | undefined)[] = [];
  /** When something was last done, or when something to do last appeared. */
  #active: Micros = 0;
  #youngestAt: Micros = -1;

  constructor(
    plan: SubscriptionPlan,
    table: MessageTable,
    streams: readonly Stream[],
    producers: number,
    evidence: Evidence,
  ) {
    this.plan = plan;
    this.#table = table;
    this.#streams = streams;
    this.#producers = producers;
    this.#committedOnly = plan.committedOnly === true;
    this.evidence = evidence;
  }

  /**
   * A copy became readable, the first one or (`again`) another; true when the message had been
   * cleared and is waited for anew.
   */
  stored(
    message: MessageId,
    again: boolean,
    stream: number,
    position: number,
    now: Micros,
  ): boolean {
    const pointer = this.#pointers[stream] ?? position;
    this.#pointers[stream] = Math.min(pointer, position);
    this.excused.remove(message);
    this.deadAndGone.remove(message);
    const wasCleared = this.cleared.has(message);
    if (wasCleared && !again) return false; // Settled before it was said to be stored.
    if (wasCleared) this.cleared.remove(message);
    else if (again) this.#extra.set(message, (this.#extra.get(message) ?? 0) + 1);
    if (this.behind++ === 0) this.#active = now;
    this.lagMessages.peak(this.behind);
    return wasCleared;
  }

  /** Put here out of another channel; true when it had been cleared and is waited for anew. */
  moved(message: MessageId, stream: number, position: number, now: Micros): boolean {
    this.dead.remove(message);
    this.settled.remove(message);
    this.returns.set(message, 'moved back');
    return this.stored(message, this.cleared.has(message), stream, position, now);
  }

  /** Something was dropped by a channel: was it there that a dead letter had been set aside? */
  isGone(message: MessageId, channel: number): boolean {
    return channel !== this.plan.channel && this.dead.has(message) && this.deadAndGone.add(message);
  }

  deliver(message: MessageId, stream: number, position: number, now: Micros): boolean {
    const first = this.delivered.add(message);
    if (first && this.settled.has(message)) this.inHand--;
    this.#ordered(message, stream, first, now);
    if (first) this.#done(now);
    else {
      this.duplicates.delivered++;
      this.#deliveredAgain(message, stream, position, now);
    }
    return first;
  }

  /** True for the first effect of a message. */
  effect(message: MessageId, now: Micros): boolean {
    if (!this.effects.add(message)) {
      this.duplicates.effects++;
      const says = 'applied again, not recognised as a repeat';
      this.evidence.add('duplicates.effects', message, now, says);
      return false;
    }
    const at = this.#table.at(message);
    if (at >= 0) this.latencies.add(now - at);
    this.#done(now);
    return true;
  }

  /** The broker will not hand it out again, to whoever has it. */
  settle(message: MessageId): void {
    if (this.settled.add(message) && !this.delivered.has(message)) this.inHand++;
  }

  /** One copy is waited for no more; true when it was the last one. */
  clear(message: MessageId, isStored: boolean, now: Micros): boolean {
    const extra = this.#extra.get(message);
    if (extra !== undefined) {
      if (extra === 1) this.#extra.delete(message);
      else this.#extra.set(message, extra - 1);
      this.behind--;
      this.#done(now);
      return false;
    }
    if (!this.cleared.add(message)) return false;
    this.returns.delete(message);
    if (isStored) {
      this.behind--;
      const at = this.#table.at(message);
      if (at >= 0) this.lagTime.peak(now - at);
    }
    this.#done(now);
    return true;
  }

  /** Visits every message of a stream before `position` that was not settled yet. */
  before(
    stream: number,
    position: number,
    now: Micros,
    visit: (message: MessageId, subscription: this, now: Micros) => void,
  ): void {
    const log = this.#streams[stream];
    const from = Math.max(this.#pointers[stream] ?? log.base, log.base);
    const to = Math.min(position, log.end);
    for (let p = from; p < to; p++) {
      const message = this.#at(log, p);
      if (message !== HOLE) visit(message, this, now);
    }
    if (to > from) this.#pointers[stream] = to;
  }

  restarted(stream: number, position: number, reason: string): void {
    this.#restarts[stream] = { position, reason };
  }

  /** The first position of a stream that this subscription still waits for. */
  pointer(stream: number): number {
    const log = this.#streams[stream];
    let p = Math.max(this.#pointers[stream] ?? log.base, log.base);
    while (p < log.end) {
      const message = this.#at(log, p);
      if (message !== HOLE && !this.cleared.has(message)) break;
      if (this.#committedOnly && log.isOpen(p)) break;
      p++;
    }
    this.#pointers[stream] = p;
    return p;
  }

  /** Age of the oldest readable message that is not cleared, 0 when there is none. */
  age(now: Micros): Micros {
    if (this.behind === 0) return 0;
    let oldest = now;
    this.#streams.forEach((log, stream) => {
      if (log.channel !== this.plan.channel) return;
      const message = this.#firstOwed(log, this.pointer(stream));
      const at = message === HOLE ? -1 : this.#table.at(message);
      if (at >= 0 && at < oldest) oldest = at;
    });
    return now - oldest;
  }

  /** Behind an open transaction there may be messages that are readable by themselves. */
  #firstOwed(log: Stream, from: number): MessageId {
    for (let p = from; p < log.end; p++) {
      const message = this.#at(log, p);
      if (message !== HOLE && !this.cleared.has(message)) return message;
    }
    return HOLE;
  }

  #at(log: Stream, position: number): MessageId {
    return this.#committedOnly ? log.committedAt(position) : log.at(position);
  }

  sample(now: Micros): void {
    this.lagMessages.add(now, this.behind);
    this.lagTime.add(now, this.age(now));
  }

  /** Closes the books on the longest time with something pending and nothing done. */
  finish(now: Micros): void {
    if (this.behind > 0) this.stalled = Math.max(this.stalled, now - this.#active);
  }

  #done(now: Micros): void {
    if (this.behind > 0) this.stalled = Math.max(this.stalled, now - this.#active);
    this.#active = now;
  }

  #ordered(message: MessageId, stream: number, first: boolean, now: Micros): void {
    const producer = message % this.#producers;
    const key = this.#table.key(message);
    if (key >= 0) this.#track('key', key * this.#producers + producer, message, first, now);
    if (stream >= 0) {
      this.#track('partition', stream * this.#producers + producer, message, first, now);
    }
    this.#track('queue', producer, message, first, now);
    this.#global(message, first);
  }

  #track(scope: OrderScope, track: number, message: MessageId, first: boolean, now: Micros): void {
    const order = this.order[scope];
    if (first && order.first(track, message)) {
      const says = 'first delivered after a younger message';
      this.evidence.add(`ordering.${scope}.inversions`, message, now, says);
    } else if (!first && order.again(track, message)) {
      const says = 'delivered again after a younger message';
      this.evidence.add(`ordering.${scope}.rewinds`, message, now, says);
    }
  }

  /** Over all producers, by the time of invocation; messages of one instant have no order. */
  #global(message: MessageId, first: boolean): void {
    const at = this.#table.at(message);
    const order = this.order.global;
    if (at < 0) return;
    if (at >= this.#youngestAt) this.#youngestAt = at;
    else if (first) order.inversions++;
    else order.rewinds++;
  }

  // Of its own: V8 would make a context for each call of the method that this stood in.
  #deliveredAgain(message: MessageId, stream: number, position: number, now: Micros): void {
    const why = () => this.#why(message, stream, position);
    this.evidence.add('duplicates.delivered', message, now, why);
  }

  #why(message: MessageId, stream: number, position: number): string {
    const returned = this.returns.get(message);
    const where = stream >= 0 ? ` from ${this.#streams[stream].name}/${position}` : '';
    if (returned !== undefined) return `delivered again${where}: ${returned}`;
    const restart = this.#restarts[stream];
    if (restart !== undefined && restart.position <= position) {
      return `delivered again${where}: reading restarted at ${restart.position}, ${restart.reason}`;
    }
    return `delivered again${where}`;
  }
}
