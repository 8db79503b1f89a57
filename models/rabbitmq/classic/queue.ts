import { assert } from '../../../sim/kernel/assert.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import type { QueuePlan } from '../layout.ts';
import type { Content, QueueIndex, QueueMessage } from '../protocol.ts';
import type {
  BrokerIndex,
  ChannelEnd,
  Consumer,
  Publisher,
  QueueDelivery,
  QueueHost,
  QueueProcess,
  Refusal,
  Settlement,
  Unsettled,
} from '../queue.ts';
import { stateArrival } from '../arrival.ts';
import { Place, newEntry, type Entry } from './entry.ts';
import { Exits, priorityOf } from './exits.ts';
import { Guests } from './guests.ts';
import { expiryOf, isFull, isOver } from './limits.ts';
import type { ToHome } from './messages.ts';
import { Numbers } from './numbers.ts';
import { ReadyList } from './ready.ts';
import { Rotation, type Holder } from './rotation.ts';
import { type Clean, fileOf, Store } from './store.ts';
import { Wake } from './wake.ts';

const Timer = { flush: 0, synced: 1, expiry: 2, unused: 3 } as const;

/** Deliveries of one copy within one life of its node, at most: keeps names apart. */
const COUNTS = 100_000;

const IN_USE: Refusal = {
  code: 403,
  name: 'ACCESS_REFUSED',
  says: 'queue in exclusive use',
};

/**
 * A classic queue on its home node (`rabbit_amqqueue_process`): one ordered sequence of messages.
 * Everything that changes what is ready ends in `#settleHead`: expiry, then limits, then dispatch.
 */
export class ClassicQueue implements QueueProcess {
  readonly index: QueueIndex;
  readonly isAvailable = true;
  readonly #host: QueueHost;
  #plan: QueuePlan;
  readonly #ready: ReadyList;
  readonly #unacked = new Map<number, Entry>();
  #unackedBytes = 0;
  readonly #rotation: Rotation;
  /** Of a durable queue. */
  readonly #store: Store | undefined;
  readonly #exits: Exits;
  readonly #guests: Guests;
  readonly #numbers: Numbers;
  readonly #expiry: Wake;
  readonly #unused: Wake;
  #hadConsumer = false;

  constructor(host: QueueHost, plan: QueuePlan) {
    this.#host = host;
    this.#plan = plan;
    this.index = plan.index;
    this.#ready = new ReadyList(plan.limits.maxPriority);
    this.#rotation = new Rotation(plan.limits.singleActiveConsumer);
    const file = fileOf(plan.name);
    this.#numbers = new Numbers(host.out.disk, `${file}.numbers`);
    this.#store = plan.durable ? new Store(host, plan.index, file, Timer.flush) : undefined;
    this.#exits = new Exits(host, plan.index, this.#store);
    this.#guests = new Guests(host, this);
    this.#expiry = new Wake(host, plan.index, Timer.expiry);
    this.#unused = new Wake(host, plan.index, Timer.unused);
    host.layout.audit.fifo.starts(plan.index);
    this.#used();
  }

  /** What the file has is ready again; what was handed out before, only a clean shutdown knows. */
  recover(): void {
    const { out, boot } = this.#host;
    const file = fileOf(this.#plan.name);
    const clean = out.disk.read<Clean | undefined>(`${file}.clean`);
    out.disk.write(`${file}.clean`, undefined);
    const known = clean === undefined ? undefined : new Set(clean.redelivered);
    const why = out.names.id(`recovered by start ${boot} of its node`);
    for (const { seqId, content, expiry } of this.#store?.recover() ?? []) {
      const redelivered = known?.has(seqId) ?? true;
      const entry = newEntry(seqId, content, expiry, redelivered);
      entry.place = Place.file;
      this.#ready.push(entry);
      this.#exits.state(this.#plan, Fact.returned, content.message, why);
    }
    this.#settleHead();
  }

  get ready(): number {
    return this.#ready.size;
  }

  get memory(): number {
    return this.#ready.bytes + this.#unackedBytes;
  }

  get disk(): number {
    return this.#store?.bytes ?? 0;
  }

  get consumers(): number {
    return this.#rotation.size;
  }

  publish(content: Content, publisher: Publisher | undefined, seq: number): void {
    const { out } = this.#host;
    const { limits } = this.#plan;
    if (limits.overflow !== 'drop-head' && isFull(limits, this.#ready, content)) {
      return this.#exits.refuse(this.#plan, content, publisher, seq);
    }
    const seqId = this.#numbers.next();
    const entry = newEntry(seqId, content, expiryOf(limits, content, out.now), false);
    stateArrival(this.#host, this.#plan, content, seqId);
    this.#ready.push(entry);
    const isKept = this.#store !== undefined && content.persistent;
    if (isKept && seq > 0) {
      entry.publisher = publisher;
      entry.publishSeq = seq;
    }
    // Whoever is ready gets what an empty queue takes in, also when its time is 0.
    if (this.#ready.size === 1) this.#dispatch();
    this.#settleHead();
    // What went straight to a consumer with automatic acknowledgement is never written.
    if (isKept && entry.place !== Place.gone) {
      this.#store?.write(entry);
      this.#exits.credit(publisher);
    }
    if (!isKept && seq > 0) publisher?.confirmed(this.index, seq);
  }

  consume(consumer: Consumer, answer: (refusal: Refusal | undefined) => void): void {
    const { holders } = this.#rotation;
    const taken = holders.some((holder) => holder.consumer?.exclusive === true);
    if (taken || (consumer.exclusive && holders.length > 0)) {
      answer(IN_USE);
      return;
    }
    answer(undefined);
    this.#rotation.add(consumer);
    this.#hadConsumer = true;
    this.#used();
    this.#settleHead();
  }

  cancel(consumer: Consumer): void {
    const holder = this.#rotation.find(consumer);
    if (holder === undefined) return;
    this.#rotation.remove(holder);
    if (!this.#leftByLast()) this.#settleHead();
  }

  get(
    channel: ChannelEnd,
    noAck: boolean,
    answer: (got: QueueDelivery | undefined, left: number) => void,
  ): void {
    this.#used();
    this.#dropExpired();
    if (this.#ready.size === 0) return answer(undefined, 0);
    const entry = this.#ready.shift();
    const holder: Holder = { consumer: undefined, channel, unacked: 0, isActive: false };
    const delivery = this.#take(entry, holder, noAck);
    answer(delivery, this.#ready.size);
    this.#settleHead();
  }

  settle(channel: ChannelEnd, how: Settlement, deliveries: readonly Unsettled[]): void {
    for (const { handle } of deliveries) {
      const entry = this.#unacked.get(handle);
      // A queue that was deleted and declared anew knows nothing of earlier deliveries.
      if (entry === undefined || entry.holder?.channel !== channel) continue;
      this.#unacked.delete(handle);
      this.#unackedBytes -= entry.content.bytes;
      this.#release(entry);
      if (how === 'ack') this.#exits.settled(this.#plan, entry);
      else if (how === 'discard') this.#exits.leave(this.#plan, entry, 'rejected');
      else this.#requeue(entry, 'it was requeued by its consumer');
    }
    this.#settleHead();
  }

  channelDown(channel: ChannelEnd): void {
    const before = this.#rotation.size;
    for (const holder of this.#rotation.holders.filter((h) => h.channel === channel)) {
      this.#rotation.remove(holder);
    }
    for (const [handle, entry] of this.#unacked) {
      if (entry.holder?.channel !== channel) continue;
      this.#unacked.delete(handle);
      this.#unackedBytes -= entry.content.bytes;
      entry.holder = undefined;
      this.#requeue(entry, 'its channel was closed');
    }
    if (before > this.#rotation.size && this.#leftByLast()) return;
    this.#settleHead();
  }

  hasRoomAgain(channel: ChannelEnd): void {
    for (const holder of this.#rotation.holders) {
      if (holder.channel === channel) this.#rotation.unblock(holder);
    }
    this.#settleHead();
  }

  purge(answer: (count: number) => void): void {
    const count = this.#ready.size;
    while (this.#ready.size > 0)
      this.#exits.drop(this.#plan, this.#ready.shift(), 'the queue was purged');
    answer(count);
  }

  remove(why: string): void {
    while (this.#ready.size > 0) this.#exits.drop(this.#plan, this.#ready.shift(), why);
    for (const entry of this.#unacked.values()) this.#exits.drop(this.#plan, entry, why);
    this.#unacked.clear();
    this.#unackedBytes = 0;
    this.#exits.flow();
    for (const { consumer } of [...this.#rotation.holders]) {
      consumer?.channel.cancelled(consumer, why);
    }
    this.#store?.erase();
    this.#expiry.cancel();
    this.#unused.cancel();
    this.#host.forget(this.index);
  }

  configured(): void {
    this.#plan = this.#host.plan(this.index);
    this.#used();
    this.#settleHead();
  }

  onMessage(from: BrokerIndex, message: QueueMessage): void {
    this.#guests.onMessage(from, message as ToHome);
  }

  onTimer(code: number, data: unknown): void {
    switch (code) {
      case Timer.flush:
        return this.#flushed(this.#store?.onTimer());
      case Timer.synced:
        this.#store?.synced();
        this.#exits.flow();
        for (const entry of data as readonly Entry[]) this.#exits.confirm(entry);
        return;
      case Timer.expiry:
        this.#expiry.came();
        return this.#settleHead();
      default:
        this.#unused.came();
        if (this.#rotation.size === 0) this.remove('the queue expired');
    }
  }

  #flushed(written: readonly Entry[] | undefined): void {
    if (written !== undefined && written.length > 0) this.#store?.sync(Timer.synced, written);
  }

  nodeDown(node: BrokerIndex): void {
    this.#guests.nodeDown(node);
  }

  nodeUp(): void {}

  stop(): void {
    const { out } = this.#host;
    if (this.#store === undefined) return;
    this.#store.flush();
    const redelivered: number[] = [];
    this.#ready.visit((entry) => {
      if (entry.redelivered) redelivered.push(entry.seqId);
    });
    for (const seqId of this.#unacked.keys()) redelivered.push(seqId);
    out.disk.write(`${fileOf(this.#plan.name)}.clean`, { redelivered } satisfies Clean);
  }

  visit(see: (message: MessageId) => void): void {
    this.#ready.visit((entry) => see(entry.content.message));
    for (const entry of this.#unacked.values()) see(entry.content.message);
  }

  // --- The head of the queue ---

  #settleHead(): void {
    this.#dropExpired();
    this.#dispatch();
    const { limits } = this.#plan;
    if (limits.overflow === 'drop-head') {
      while (isOver(limits, this.#ready))
        this.#exits.leave(this.#plan, this.#ready.shift(), 'maxlen');
    }
    // Who came within the limits may be over its time: with a TTL of 0 it is now or never.
    this.#dropExpired();
    this.#armExpiry();
  }

  #dispatch(): void {
    while (this.#ready.size > 0) {
      const holder = this.#rotation.next();
      if (holder === undefined) return;
      const entry = this.#ready.shift();
      const { consumer, channel } = holder;
      assert(consumer !== undefined, 'who is in the rotation consumes');
      const delivery = this.#take(entry, holder, consumer.noAck);
      channel.deliver(consumer, this.index, delivery);
    }
  }

  /** Takes the entry out of what is ready, for a consumer or for good. */
  #take(entry: Entry, holder: Holder, noAck: boolean): QueueDelivery {
    const { boot } = this.#host;
    const { seqId, content, redelivered } = entry;
    const count = (boot - 1) * COUNTS + ++entry.count;
    if (noAck) this.#exits.settled(this.#plan, entry);
    else {
      this.#unacked.set(seqId, entry);
      this.#unackedBytes += content.bytes;
      entry.holder = holder;
      holder.unacked++;
    }
    const { layout, out } = this.#host;
    layout.audit.fifo.delivers(this.index, priorityOf(this.#plan, entry), seqId, out.now);
    return { handle: seqId, content, redelivered, position: seqId, count };
  }

  #release(entry: Entry): void {
    const { holder } = entry;
    if (holder === undefined) return;
    entry.holder = undefined;
    holder.unacked--;
    assert(holder.unacked >= 0, 'what is given back was handed out');
    this.#rotation.unblock(holder);
  }

  #requeue(entry: Entry, why: string): void {
    entry.redelivered = true;
    const { audit } = this.#host.layout;
    audit.fifo.returns(this.index, priorityOf(this.#plan, entry), entry.seqId);
    const reason = this.#host.out.names.id(why);
    this.#exits.state(this.#plan, Fact.returned, entry.content.message, reason);
    this.#ready.requeue(entry);
  }

  #dropExpired(): void {
    const { now } = this.#host.out;
    for (;;) {
      const head = this.#ready.peek();
      if (head === undefined || head.expiry < 0 || head.expiry > now) return;
      this.#exits.leave(this.#plan, this.#ready.shift(), 'expired');
    }
  }

  /** A timer for the head alone: what stands behind it waits, whatever its own time is. */
  #armExpiry(): void {
    const expiry = this.#ready.peek()?.expiry ?? -1;
    if (expiry >= 0) this.#expiry.at(expiry);
  }

  // --- The life of the queue ---

  /** The last consumer left; true when the queue was deleted for that. */
  #leftByLast(): boolean {
    this.#used();
    if (!this.#plan.autoDelete || !this.#hadConsumer || this.#rotation.size > 0) return false;
    this.remove('the last consumer of an auto-delete queue left');
    return true;
  }

  /** Whoever declares it, reads it or leaves it puts its expiry off. */
  #used(): void {
    const { expires } = this.#plan.limits;
    this.#unused.cancel();
    if (expires >= 0) this.#unused.at(this.#host.out.now + expires);
  }

  /** queue.declare of what is there already. */
  declared(): void {
    this.#used();
  }
}
