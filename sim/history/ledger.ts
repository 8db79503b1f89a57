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
import { Stream } from './stream.ts';
import { Subscription, type SubscriptionPlan } from './subscription.ts';

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
  /** By channel: a dead-letter queue holds messages that were sent elsewhere. */
  readonly #readable: readonly Bits[];
  /** By channel, what readers of committed data can get; the same where there are none. */
  readonly #committed: readonly Bits[];
  /** Why a copy is gone, for messages that somebody may still be owed. */
  readonly drops = new Map<MessageId, NameId>();
  lastProgress: Micros = 0;
  readonly #table = new MessageTable();
  readonly #retries = new Map<MessageId, NameId>();
  /** Handlers at work, by node, and in all. */
  readonly #busy: number[] = [];
  #atWork = 0;
  /** Acknowledged, and neither readable nor known to be gone. */
  #awaited = 0;
  #due: Micros = 0;
  /** Channel -> how many subscriptions read it. */
  readonly #readers: readonly number[];

  constructor(plan: LedgerPlan) {
    this.plan = plan;
    this.#readers = Array.from(
      { length: plan.channelCount },
      (_, channel) => plan.subscriptions.filter((s) => s.channel === channel).length,
    );
    this.#readable = this.#readers.map(() => new Bits());
    this.#committed = this.#readable.map((readable, channel) => {
      const some = plan.subscriptions.some((s) => s.channel === channel && s.committedOnly);
      return some ? new Bits() : readable;
    });
    this.operations = new Operations(plan.producers.length);
    this.evidence = new Evidence((m) => this.nameOf(m));
    this.subscriptions = plan.subscriptions.map(
      (s) =>
        new Subscription(
          s,
          this.#table,
          this.streams,
          plan.producers.length,
          new Evidence((m) => this.nameOf(m)),
        ),
    );
    this.agreement = new Agreement(plan.subscriptions);
    this.alarms = plan.alarms.map((alarm) => new Alarm(alarm));
  }

  /** A number for a partition or queue of a channel. */
  addStream(name: string, channel: number): number {
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

  /** The messages that this subscription could get at some time. */
  readableBy({ channel, committedOnly }: SubscriptionPlan): Bits {
    return committedOnly === true ? this.#committed[channel] : this.#readable[channel];
  }

  /** Messages that are remembered one by one. */
  get inFlight(): number {
    return this.#table.size;
  }

  get produced(): boolean {
    return this.operations.done;
  }

  get drained(): boolean {
    if (this.#atWork > 0 || this.#awaited > 0) return false;
    for (const s of this.subscriptions) if (s.behind > 0 || s.inHand > 0) return false;
    return true;
  }

  fact(time: Micros, node: NodeId, fact: number, a: number, b: number, c: number, d: number): void {
    if (time >= this.#due) this.#sample(time);
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
      case Fact.settledTo: {
        const subscription = this.subscriptions[a];
        return subscription.before(b, c, (message) => {
          // A copy that is gone was not passed over by whoever settled what stood behind it.
          if (this.drops.has(message) && subscription.cleared.has(message)) return;
          this.#settled(time, message, subscription);
        });
      }
      case Fact.deadLettered:
        this.subscriptions[b].dead.add(a);
        this.evidence.add('deadLettered', a, time, () => this.plan.names.text(c));
        return this.#cleared(time, a, this.subscriptions[b]);
      case Fact.assigned:
        this.subscriptions[a].restarted(b, c, this.plan.names.text(d));
        return;
      case Fact.delivered:
        return this.#delivered(time, node, a, b, c, d);
      case Fact.handled:
        this.#work(node, -1);
        if (c === SKIPPED) this.subscriptions[b].skipped.add(a);
        return;
      case Fact.effect:
        if (this.subscriptions[b].effect(a, time)) this.lastProgress = time;
        return;
      case Fact.crashed:
        this.#work(a, -(this.#busy[a] ?? 0));
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
    if (!this.#reached(message) && !this.drops.has(message)) this.#awaited++;
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
    const { channel } = log;
    const again = !this.#readable[channel].add(message);
    log.put(position, message, open !== 0);
    const committed = this.#committed[channel];
    if (committed === this.#readable[channel]) {
      return this.#becameReadable(time, message, stream, position, again);
    }
    this.#tellReaders(time, message, stream, position, again, false);
    if (open === 0) this.#becameCommitted(time, message, stream, position);
  }

  /** In a channel that readers of committed data share with others. */
  #becameCommitted(time: Micros, message: MessageId, stream: number, position: number): void {
    const { channel } = this.streams[stream];
    const again = !this.#committed[channel].add(message);
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
    if (this.#committed[channel] === this.#readable[channel]) return;
    if (committed) return this.#becameCommitted(time, message, stream, position);
    if (this.drops.has(message) || this.#committed[channel].has(message)) return;
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
    const own = log.channel === this.channelOf(message);
    for (const s of this.subscriptions) {
      if (s.plan.channel !== log.channel) continue;
      if (committed !== undefined && (s.plan.committedOnly === true) !== committed) continue;
      if (s.stored(message, again, stream, position, time) && own) this.#table.close(message, -1);
      if (again) {
        s.duplicates.stored++;
        const reason = this.#retries.get(message);
        s.evidence.add('duplicates.stored', message, time, () => {
          const why =
            reason === undefined
              ? 'sent again'
              : `sent again after ${this.plan.names.text(reason)}`;
          return `stored again at ${log.name}/${position}: ${why}`;
        });
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
    let owed = false;
    for (const s of this.subscriptions) {
      if (s.plan.channel !== channel || s.cleared.has(message)) continue;
      if (uncommitted !== 0 && s.plan.committedOnly === true) continue;
      owed = true;
      if (this.readableBy(s.plan).has(message)) this.#cleared(time, message, s);
    }
    if (!owed || this.drops.has(message)) return;
    this.drops.set(message, reason);
    if (this.operations.acked.has(message) && !this.#reached(message)) this.#awaited--;
  }

  /** Did it become readable where its producer sent it? */
  #reached(message: MessageId): boolean {
    return this.#committed[this.channelOf(message)].has(message);
  }

  #settled(time: Micros, message: MessageId, subscription: Subscription): void {
    subscription.settle(message);
    this.#cleared(time, message, subscription);
  }

  #cleared(time: Micros, message: MessageId, subscription: Subscription): void {
    const { channel } = subscription.plan;
    const readable = this.readableBy(subscription.plan).has(message);
    if (!subscription.clear(message, readable, time)) return;
    if (channel === this.channelOf(message)) this.#table.close(message, 1);
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
    this.#work(node, 1);
    const s = this.subscriptions[subscription];
    if (s.deliver(message, stream, position, time)) {
      this.lastProgress = time;
      this.agreement.delivered(subscription, message, time);
    }
    if (this.operations.failed.has(message)) this.#phantom(s, message, time);
  }

  #phantom(s: Subscription, message: MessageId, time: Micros): void {
    s.phantom++;
    s.evidence.add('phantom', message, time, () => 'delivered, though its send certainly failed');
  }

  #work(node: NodeId, by: number): void {
    this.#busy[node] = (this.#busy[node] ?? 0) + by;
    this.#atWork += by;
  }

  #trim(stream: number): void {
    const log = this.streams[stream];
    let base = log.end;
    for (const s of this.subscriptions) {
      if (s.plan.channel === log.channel) base = Math.min(base, s.pointer(stream));
    }
    log.trim(base);
  }

  #sample(time: Micros): void {
    let due = Infinity;
    for (const s of this.subscriptions) {
      s.sample(time);
      due = Math.min(due, s.lagTime.due);
      for (const alarm of this.alarms) alarm.sample(s, time);
    }
    this.#due = due;
    this.streams.forEach((_, stream) => this.#trim(stream));
  }

  /** Nothing more will happen: closes the series at the run's last moment. */
  finish(time: Micros): void {
    this.#sample(time);
    for (const s of this.subscriptions) s.finish(time);
  }
}
