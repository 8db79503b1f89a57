import { assert } from '../kernel/assert.ts';
import { Fact, type Observer } from '../kernel/entry.ts';
import type { NameId, Names } from '../kernel/names.ts';
import type { MessageId, NodeId } from '../kernel/node.ts';
import type { Micros } from '../kernel/time.ts';
import type { Progress } from '../run.ts';
import { Agreement } from './agreement.ts';
import { Alarm, type AlarmPlan } from './alarm.ts';
import { Bits } from './bits.ts';
import { Evidence } from './evidence.ts';
import { MessageTable } from './message-table.ts';
import { Operations } from './operations.ts';
import { Readable } from './readable.ts';
import { Routes } from './routes.ts';
import { Sampler } from './sampler.ts';
import { Stream } from './stream.ts';
import { Subscription, type SubscriptionPlan } from './subscription.ts';
import { Work } from './work.ts';

/** Who takes part; numbers in facts are indices into these lists. */
export interface LedgerPlan {
  readonly names: Names;
  readonly producers: readonly string[];
  /** The channel that each producer sends to, and how many channels there are. */
  readonly channels: readonly number[];
  readonly channelCount: number;
  readonly subscriptions: readonly SubscriptionPlan[];
  readonly alarms: readonly AlarmPlan[];
}

const SKIPPED = 2; // Index of 'skipped' in OUTCOMES of the application layer.

/**
 * The read side of a run: hears every fact and keeps counts, so its memory follows messages in
 * flight; of a settled message a few bits remain.
 */
export class Ledger implements Observer, Progress {
  readonly plan: LedgerPlan;
  readonly operations: Operations;
  readonly subscriptions: readonly Subscription[];
  readonly streams: Stream[] = [];
  readonly agreement: Agreement;
  readonly alarms: readonly Alarm[];
  readonly evidence: Evidence;
  readonly counters = new Map<NameId, number>();
  readonly appended = new Bits();
  readonly #readable: Readable;
  /** Why a copy is gone, for messages that somebody may still be owed. */
  readonly drops = new Map<MessageId, NameId>();
  lastProgress: Micros = 0;
  readonly #table = new MessageTable();
  readonly #retries = new Map<MessageId, NameId>();
  readonly #work = new Work();
  readonly #routes: Routes;
  /** Acknowledged, and neither readable nor known to be gone. */
  #awaited = 0;
  readonly #sampler: Sampler;
  /** Channel -> how many subscriptions read it. */
  readonly #readers: readonly number[];

  constructor(plan: LedgerPlan) {
    this.plan = plan;
    this.#readers = Array.from(
      { length: plan.channelCount },
      (_, channel) => plan.subscriptions.filter((s) => s.channel === channel).length,
    );
    this.#routes = new Routes(plan.channelCount);
    this.#readable = new Readable(plan.channelCount, plan.subscriptions);
    this.operations = new Operations(plan.producers.length);
    this.evidence = new Evidence((m) => this.nameOf(m));
    const { length } = plan.producers;
    this.subscriptions = plan.subscriptions.map((s) => {
      const evidence = new Evidence((m) => this.nameOf(m));
      return new Subscription(s, this.#table, this.streams, length, evidence);
    });
    this.agreement = new Agreement(plan.subscriptions);
    this.alarms = plan.alarms.map((alarm) => new Alarm(alarm));
    this.#sampler = new Sampler(this.subscriptions, this.streams, this.alarms);
  }

  /** A number for a partition or queue of a channel. */
  addStream(name: string, channel: number): number {
    this.#routes.announced(channel);
    return this.streams.push(new Stream(name, channel)) - 1;
  }

  /** "checkout/17". */
  nameOf(message: MessageId): string {
    const producers = this.plan.producers;
    return `${producers[message % producers.length]}/${Math.floor(message / producers.length)}`;
  }

  /** The channel of a message: that of its producer. */
  channelOf(message: MessageId): number {
    return this.plan.channels[message % this.plan.producers.length];
  }

  /** Was it sent to this channel, or routed there? */
  owns(channel: number, message: MessageId): boolean {
    return this.channelOf(message) === channel || this.#routes.isRouted(message, channel);
  }

  /** The messages that this subscription could get at some time. */
  readableBy(plan: SubscriptionPlan): Bits {
    return this.#readable.by(plan);
  }

  /** Messages that are remembered one by one. */
  get inFlight(): number {
    return this.#table.size;
  }

  get produced(): boolean {
    return this.operations.done;
  }

  get drained(): boolean {
    if (this.#work.total > 0 || this.#awaited > 0 || this.#routes.underWay) return false;
    for (const s of this.subscriptions) if (s.behind > 0 || s.inHand > 0) return false;
    return true;
  }

  fact(time: Micros, node: NodeId, fact: number, a: number, b: number, c: number, d: number): void {
    if (time >= this.#sampler.due) this.#sampler.sample(time);
    switch (fact) {
      case Fact.invoked:
        return this.#invoked(time, a, b, c);
      case Fact.retried:
        this.#retries.set(a, c);
        return;
      case Fact.ok:
        this.#retries.delete(a);
        return this.#ok(time, a);
      case Fact.failed:
      case Fact.unknown:
        return this.#notOk(time, a, fact === Fact.failed);
      case Fact.finished:
        this.operations.finished(a);
        return;
      case Fact.appended:
        this.appended.add(a);
        return;
      case Fact.stored:
        return this.#stored(time, a, b, c, d);
      case Fact.committed:
        return this.#resolve(time, a, b, c, true);
      case Fact.aborted:
        return this.#resolve(time, a, b, c, false);
      case Fact.dropped:
        return this.#dropped(time, a, b, c, d);
      case Fact.returned:
        this.subscriptions[b].returns.set(a, this.plan.names.text(c));
        return;
      case Fact.settled:
        return this.#settled(time, a, this.subscriptions[b]);
      case Fact.settledTo:
        return this.subscriptions[a].before(b, c, time, this.#passedOver);
      case Fact.deadLettered:
        this.subscriptions[b].dead.add(a);
        this.evidence.add('deadLettered', a, time, this.plan.names.text(c));
        this.#routes.arrived(a, this.subscriptions[b].plan.channel);
        return this.#cleared(time, a, this.subscriptions[b]);
      case Fact.routed:
        return this.#routed(a, this.streams[b].channel);
      case Fact.moved:
        return this.#moved(time, a, b, c, d);
      case Fact.assigned:
        this.subscriptions[a].restarted(b, c, this.plan.names.text(d));
        return;
      case Fact.delivered:
        return this.#delivered(time, node, a, b, c, d);
      case Fact.handled:
        this.#work.add(node, -1);
        if (c === SKIPPED) this.subscriptions[b].skipped.add(a);
        return;
      case Fact.effect:
        if (this.subscriptions[b].effect(a, time)) this.lastProgress = time;
        return;
      case Fact.crashed:
        this.#work.stop(a);
        return;
      case Fact.counted:
        this.counters.set(a, (this.counters.get(a) ?? 0) + b);
    }
  }

  #invoked(time: Micros, message: MessageId, channel: number, key: number): void {
    this.operations.invoked(message);
    this.#table.put(message, time, key, 1 + this.#readers[channel]);
    this.lastProgress = time;
  }

  #ok(time: Micros, message: MessageId): void {
    if (!this.operations.ok(message)) return;
    if (this.#isAwaitable(message) && !this.drops.has(message)) this.#awaited++;
    this.#resolved(time, message);
  }

  #resolved(time: Micros, message: MessageId): void {
    this.#table.close(message, 1);
    this.lastProgress = time;
  }

  #notOk(time: Micros, message: MessageId, certain: boolean): void {
    this.#retries.delete(message);
    if (!this.operations.notOk(message, certain)) return;
    this.#resolved(time, message);
    if (!certain) return;
    for (const s of this.subscriptions)
      if (s.delivered.has(message)) this.#phantom(s, message, time);
  }

  #stored(time: Micros, message: MessageId, stream: number, position: number, open: number): void {
    const log = this.streams[stream];
    assert(log !== undefined, 'a message is stored in a stream that was announced');
    const again = !this.#readable.all[log.channel].add(message);
    log.put(position, message, open !== 0);
    if (!this.#readable.differs(log.channel)) {
      return this.#becameReadable(time, message, stream, position, again);
    }
    this.#tellReaders(time, message, stream, position, again, false);
    if (open === 0) this.#becameCommitted(time, message, stream, position);
  }

  /** In a channel that readers of committed data share with others. */
  #becameCommitted(time: Micros, message: MessageId, stream: number, position: number): void {
    const { channel } = this.streams[stream];
    const again = !this.#readable.committed[channel].add(message);
    this.#noLongerAwaited(message, channel, again);
    this.#tellReaders(time, message, stream, position, again, true);
  }

  #becameReadable(
    time: Micros,
    message: MessageId,
    stream: number,
    position: number,
    again: boolean,
  ): void {
    this.#noLongerAwaited(message, this.streams[stream].channel, again);
    this.#tellReaders(time, message, stream, position, again, undefined);
  }

  #noLongerAwaited(message: MessageId, channel: number, again: boolean): void {
    if (again || channel !== this.channelOf(message) || this.drops.has(message)) return;
    if (this.operations.acked.has(message)) this.#awaited--;
  }

  /** The transaction of a message that was stored open came to its end. */
  #resolve(
    time: Micros,
    message: MessageId,
    stream: number,
    position: number,
    committed: boolean,
  ): void {
    const log = this.streams[stream];
    const { channel } = log;
    log.resolve(position, committed);
    if (!this.#readable.differs(channel)) return;
    if (committed) return this.#becameCommitted(time, message, stream, position);
    if (this.drops.has(message) || this.#readable.committed[channel].has(message)) return;
    if (channel !== this.channelOf(message)) return;
    this.drops.set(message, this.plan.names.id('its transaction was aborted'));
    if (this.operations.acked.has(message)) this.#awaited--;
  }

  /** `committed`: only to readers of committed data, or only to the others; undefined: to all. */
  #tellReaders(
    time: Micros,
    message: MessageId,
    stream: number,
    position: number,
    again: boolean,
    committed: boolean | undefined,
  ): void {
    const log = this.streams[stream];
    const own = this.owns(log.channel, message);
    this.#routes.arrived(message, log.channel);
    for (const s of this.subscriptions) {
      if (s.plan.channel !== log.channel) continue;
      if (committed !== undefined && (s.plan.committedOnly === true) !== committed) continue;
      if (s.stored(message, again, stream, position, time) && own) this.#table.close(message, -1);
      if (again) {
        s.duplicates.stored++;
        const reason = this.#retries.get(message);
        const why = reason === undefined ? '' : ` after ${this.plan.names.text(reason)}`;
        const says = `stored again at ${log.name}/${position}: sent again${why}`;
        s.evidence.add('duplicates.stored', message, time, says);
      }
    }
  }

  #dropped(
    time: Micros,
    message: MessageId,
    stream: number,
    reason: number,
    uncommitted: number,
  ): void {
    const { channel } = this.streams[stream];
    this.#routes.arrived(message, channel);
    let owed = false;
    for (const s of this.subscriptions) {
      if (s.isGone(message, channel)) this.drops.set(message, reason);
      if (s.plan.channel !== channel || s.cleared.has(message)) continue;
      if (uncommitted !== 0 && s.plan.committedOnly === true) continue;
      owed = true;
      if (this.readableBy(s.plan).has(message)) this.#cleared(time, message, s);
    }
    if (!owed || this.drops.has(message)) return;
    this.drops.set(message, reason);
    if (this.operations.acked.has(message) && this.#isAwaitable(message)) this.#awaited--;
  }

  /** Will it become readable where its producer sent it, and is not yet? */
  #isAwaitable(message: MessageId): boolean {
    const channel = this.channelOf(message);
    return this.#routes.keeps(channel) && !this.#readable.committed[channel].has(message);
  }

  #routed(message: MessageId, channel: number): void {
    if (!this.#routes.routed(message, channel)) return;
    this.#table.close(message, -this.#readers[channel]);
    if (this.#readable.all[channel].has(message)) this.#routes.arrived(message, channel);
  }

  /** Taken out of one stream and put into another: no copy, but the thing itself. */
  #moved(time: Micros, message: MessageId, from: number, to: number, position: number): void {
    const source = this.streams[from].channel;
    const target = this.streams[to];
    for (const s of this.subscriptions) {
      if (s.plan.channel !== source) continue;
      this.#cleared(time, message, s);
      s.excused.add(message);
    }
    this.#readable.move(message, source, target.channel);
    target.put(position, message);
    for (const s of this.subscriptions) {
      if (s.plan.channel !== target.channel) continue;
      const anew = s.moved(message, to, position, time);
      if (anew && this.owns(target.channel, message)) this.#table.close(message, -1);
    }
  }

  // No closure of `fact`: V8 would make a context for each fact there is.
  readonly #passedOver = (message: MessageId, subscription: Subscription, time: Micros): void => {
    // A copy that is gone was not passed over by whoever settled what stood behind it.
    if (this.drops.has(message) && subscription.cleared.has(message)) return;
    this.#settled(time, message, subscription);
  };

  #settled(time: Micros, message: MessageId, subscription: Subscription): void {
    subscription.settle(message);
    this.#cleared(time, message, subscription);
  }

  #cleared(time: Micros, message: MessageId, subscription: Subscription): void {
    const { channel } = subscription.plan;
    const readable = this.readableBy(subscription.plan).has(message);
    if (!subscription.clear(message, readable, time)) return;
    if (this.owns(channel, message)) this.#table.close(message, 1);
    this.lastProgress = time;
  }

  #delivered(
    time: Micros,
    node: NodeId,
    message: MessageId,
    subscription: number,
    stream: number,
    position: number,
  ): void {
    this.#work.add(node, 1);
    const s = this.subscriptions[subscription];
    if (s.deliver(message, stream, position, time)) {
      this.lastProgress = time;
      this.agreement.delivered(subscription, message, time);
    }
    if (this.operations.failed.has(message)) this.#phantom(s, message, time);
  }

  #phantom(s: Subscription, message: MessageId, time: Micros): void {
    s.phantom++;
    s.evidence.add('phantom', message, time, 'delivered, though its send certainly failed');
  }

  /** Nothing more will happen: closes the series at the run's last moment. */
  finish(time: Micros): void {
    this.#sampler.sample(time);
    for (const s of this.subscriptions) s.finish(time);
  }
}
