import type { Micros } from '../../../sim/kernel/time.ts';
import { assert } from '../../../sim/kernel/assert.ts';
import type { QueueIndex } from '../protocol.ts';
import type { ChannelEnd, Consumer, QueueDelivery, Settlement, Unsettled } from '../queue.ts';
import type { Broker } from './broker.ts';
import { type Confirms } from './confirms.ts';
import type { Connection } from './connection.ts';

/** A delivery that the client has not settled. */
interface Outstanding extends Unsettled {
  readonly tag: number;
  readonly since: Micros;
}

/** A channel on the broker's side (`rabbit_channel`). */
export class Channel implements ChannelEnd {
  readonly id: number;
  readonly number: number;
  readonly connection: Connection;
  readonly node: number;
  readonly #broker: Broker;
  /** Undefined unless in confirm mode. */
  confirms: Confirms | undefined;
  /** Prefetch of consumers to come, and of the whole channel; 0: unlimited. */
  prefetch = 0;
  globalPrefetch = 0;
  readonly consumers = new Map<number, { consumer: Consumer; queue: QueueIndex }>();
  /** By delivery tag, ascending. */
  readonly #unacked = new Map<number, Outstanding>();
  #lastTag = 0;
  /** Deliveries to consumers that count against the prefetch of the channel. */
  #held = 0;
  /** Queues that had something of this channel: they hear of its end. */
  readonly touched = new Set<QueueIndex>();
  /** Queues that let it publish no more (credit flow). */
  readonly blockedBy = new Set<QueueIndex>();
  isOpen = true;
  /** Something is to be told to the client when the handler is done. */
  isDirty = false;

  constructor(broker: Broker, connection: Connection, number: number, id: number) {
    this.#broker = broker;
    this.connection = connection;
    this.number = number;
    this.id = id;
    this.node = broker.node;
  }

  // --- What queues tell it ---

  get hasRoom(): boolean {
    return this.globalPrefetch === 0 || this.#held < this.globalPrefetch;
  }

  deliver(consumer: Consumer, queue: QueueIndex, delivery: QueueDelivery): void {
    const tag = this.#newTag(consumer, queue, delivery, consumer.noAck);
    this.#broker.sendDelivery(this, consumer.tag, tag, queue, delivery);
  }

  /** basic.get: the delivery has a tag like others. */
  got(queue: QueueIndex, delivery: QueueDelivery, noAck: boolean, left: number): void {
    const tag = this.#newTag(undefined, queue, delivery, noAck);
    this.#broker.sendDelivery(this, -1, tag, queue, delivery, left);
  }

  #newTag(
    consumer: Consumer | undefined,
    queue: QueueIndex,
    { handle }: QueueDelivery,
    noAck: boolean,
  ): number {
    const { layout, out } = this.#broker;
    const tag = ++this.#lastTag;
    layout.audit.settled.delivers(this.connection, queue, handle, out.now);
    if (noAck) {
      layout.audit.settled.settles(this.connection, queue, handle);
      return tag;
    }
    this.touched.add(queue);
    this.#unacked.set(tag, { tag, queue, handle, consumer, since: out.now });
    if (consumer !== undefined) this.#held++;
    layout.audit.holds(this, consumer, 1, out.now);
    return tag;
  }

  confirmed(queue: QueueIndex, seq: number): void {
    if (!this.isOpen || this.confirms === undefined) return;
    this.confirms.answered(queue, seq, false);
    this.#dirty();
  }

  rejected(queue: QueueIndex, seq: number): void {
    if (!this.isOpen || this.confirms === undefined) return;
    this.confirms.answered(queue, seq, true);
    this.#dirty();
  }

  #dirty(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    this.#broker.dirty.push(this);
  }

  /** A publish that went to no queue, or not yet, is confirmed as well. */
  publishedNowhere(): void {
    if (this.confirms === undefined) return;
    this.confirms.publish(0);
    this.#dirty();
  }

  block(queue: QueueIndex): void {
    this.blockedBy.add(queue);
    this.#broker.flow(this.connection);
  }

  unblock(queue: QueueIndex): void {
    this.blockedBy.delete(queue);
    this.#broker.flow(this.connection);
  }

  cancelled(consumer: Consumer, why: string): void {
    if (!this.isOpen || !this.consumers.delete(consumer.tag)) return;
    this.#broker.sendCancel(this, consumer.tag, why);
  }

  // --- Settlement ---

  /**
   * basic.ack and its kin. False: no such delivery is unsettled here, which closes the channel.
   * Tag 0 with `multiple` means all.
   */
  settle(tag: number, multiple: boolean, how: Settlement): boolean {
    if (!multiple) {
      const one = this.#unacked.get(tag);
      if (one === undefined) return false;
      ALONE[0] = one;
      this.#settleAt(one.queue, how, ALONE);
      return true;
    }
    if (tag === 0 && this.#unacked.size === 0) return true;
    if (tag !== 0 && !this.#unacked.has(tag)) return false;
    const byQueue = new Map<QueueIndex, Outstanding[]>();
    for (const [other, delivery] of this.#unacked) {
      if (tag !== 0 && other > tag) break;
      const list = byQueue.get(delivery.queue);
      if (list === undefined) byQueue.set(delivery.queue, [delivery]);
      else list.push(delivery);
    }
    for (const [queue, list] of byQueue) this.#settleAt(queue, how, list);
    return true;
  }

  #settleAt(queue: QueueIndex, how: Settlement, list: readonly Outstanding[]): void {
    const hadRoom = this.hasRoom;
    const { layout, out } = this.#broker;
    for (const { tag, consumer, handle } of list) {
      this.#unacked.delete(tag);
      if (consumer !== undefined) this.#held--;
      layout.audit.holds(this, consumer, -1, out.now);
      if (how === 'ack') layout.audit.settled.settles(this.connection, queue, handle);
    }
    assert(this.#held >= 0, 'what is settled was held');
    this.#broker.queues[queue]?.settle(this, how, list);
    if (hadRoom || !this.hasRoom) return;
    for (const other of this.touched) this.#broker.queues[other]?.hasRoomAgain(this);
  }

  /** The oldest unsettled delivery, for `consumer_timeout`. */
  get oldest(): { readonly since: Micros; readonly queue: QueueIndex } | undefined {
    for (const delivery of this.#unacked.values()) return delivery;
    return undefined;
  }

  /** The channel is no more: what was unsettled goes back. */
  end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#unacked.clear();
    this.consumers.clear();
    for (const queue of this.touched) this.#broker.queues[queue]?.channelDown(this);
  }
}

/** Most settlements are of one delivery: no list is made for it. */
const ALONE: Outstanding[] = [];
