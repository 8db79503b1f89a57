import type { MessageId } from '../../../sim/kernel/node.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { Reason } from '../protocol.ts';
import type { BrokerIndex } from '../queue.ts';
import {
  channelOf,
  type Checkout,
  type Command,
  type ConsumerKey,
  type Dequeue,
  type Enqueue,
  type FifoConfig,
  type FifoRules,
  type NodeChange,
  type RegisterEnqueuer,
  type Settle,
} from './commands.ts';
import { Consumers, type FifoConsumer } from './consumers.ts';
import { DeadLetters } from './dead-letters.ts';
import { EMPTY, OK, type Answer, type Effects } from './effects.ts';
import { Enqueuers } from './enqueuers.ts';
import { expiryOf, hasRoomAgain, isOver } from './limits.ts';
import { Ready, type Held } from './messages.ts';

const NOT_ENQUEUED: Answer = { is: 'not_enqueued' };
const DUPLICATE: Answer = { is: 'duplicate' };
const REJECT_PUBLISH: Answer = { is: 'reject_publish' };

/**
 * `rabbit_fifo`, the state machine of a quorum queue: the same commands in the same order make the
 * same queue on every member. What is to be done about it is said to `Effects`.
 */
export class Fifo {
  readonly #rules: FifoRules;
  #config: FifoConfig;
  #messages: Ready;
  #consumers: Consumers;
  #enqueuers = new Enqueuers();
  #dlx = new DeadLetters();
  #nextPosition = 0;
  /** When the next message to expire does, as told last. */
  #alarm: Micros = -1;
  // Of the command that is being applied.
  #now: Micros = 0;
  #effects: Effects;

  constructor(rules: FifoRules, config: FifoConfig, effects: Effects) {
    this.#rules = rules;
    this.#config = config;
    this.#effects = effects;
    this.#messages = new Ready(rules.priorities);
    this.#consumers = new Consumers(config.singleActive);
  }

  get ready(): number {
    return this.#messages.length;
  }

  /** Of what is ready. */
  get bytes(): number {
    return this.#messages.bytes;
  }

  get consumers(): number {
    return this.#consumers.count;
  }

  /** Applies a command that the leader took at `time` of its clock. */
  apply(command: Command, time: Micros): Answer {
    this.#now = time;
    const answer = this.#execute(command);
    this.#checkout();
    return answer;
  }

  #execute(command: Command): Answer {
    switch (command.is) {
      case 'enqueue':
        return this.#enqueue(command);
      case 'settle':
        return this.#settle(command);
      case 'return':
        return this.#return(command);
      case 'discard':
        return this.#discard(command);
      case 'checkout':
        return this.#addConsumer(command);
      case 'cancel':
        return this.#cancel(command);
      case 'dequeue':
        return this.#dequeue(command);
      case 'register_enqueuer':
        return this.#register(command);
      case 'purge':
        return this.#purge();
      case 'down':
        return this.#down(command);
      case 'noconnection':
      case 'disconnected_timeout':
        return this.#disconnected(command);
      case 'nodeup':
        return this.#nodeUp(command);
      case 'update_config':
        this.#config = command.config;
        return OK;
      case 'dlx_checkout':
        this.#dlx.checkout();
        return OK;
      case 'dlx_settle':
        this.#dlx.settle(command.ids);
        return OK;
      case 'expire_msgs':
        this.#alarm = -1;
        return OK;
      case 'noop':
        return OK;
    }
  }

  // --- Publishers ---

  #register(command: RegisterEnqueuer): Answer {
    const isFull = this.#config.overflow === 'reject_publish' && this.#isOverLimit();
    this.#enqueuers.register(command, isFull);
    return isFull ? REJECT_PUBLISH : OK;
  }

  #enqueue(command: Enqueue): Answer {
    const verdict = this.#enqueuers.accept(command);
    if (verdict !== 'ok') return verdict === 'duplicate' ? DUPLICATE : NOT_ENQUEUED;
    const { content } = command;
    const expiry = expiryOf(this.#config, content, this.#now);
    const held = { position: this.#nextPosition++, content, failed: 0, acquired: 0, expiry };
    this.#effects.stored(held);
    this.#messages.push(held);
    return OK;
  }

  // --- Consumers ---

  #addConsumer({ key, node, prefetch, priority }: Checkout): Answer {
    if (this.#consumers.get(key) !== undefined) return OK;
    const checked = new Map<number, Held>();
    this.#consumers.add({ key, node, prefetch, priority, checked, nextId: 0, status: 'up' });
    return OK;
  }

  /** It gets nothing more and keeps what it has. */
  #cancel({ key }: { readonly key: ConsumerKey }): Answer {
    const consumer = this.#consumers.get(key);
    if (consumer === undefined) return OK;
    consumer.status = 'cancelled';
    if (consumer.checked.size === 0) this.#consumers.remove(consumer);
    else this.#consumers.elect();
    return OK;
  }

  /** basic.get: a consumer that takes one message and no more. */
  #dequeue({ key, node, settled }: Dequeue): Answer {
    this.#expireHeads();
    const held = this.#messages.take();
    if (held === undefined) return EMPTY;
    let getter = this.#consumers.get(key);
    if (getter === undefined) {
      const checked = new Map<number, Held>();
      getter = { key, node, prefetch: 0, priority: 0, checked, nextId: 0, status: 'cancelled' };
      this.#consumers.add(getter);
    }
    const id = getter.nextId++;
    getter.checked.set(id, held);
    // Answered before it is settled: whoever hears of it then knows that it was delivered.
    const answer: Answer = { is: 'got', id, held, ready: this.ready };
    if (settled) this.#finish(getter, [id]);
    return answer;
  }

  #settle({ key, ids }: Settle): Answer {
    const consumer = this.#consumers.get(key);
    if (consumer !== undefined) this.#finish(consumer, ids);
    return OK;
  }

  #finish(consumer: FifoConsumer, ids: readonly number[]): void {
    for (const id of ids) {
      const held = consumer.checked.get(id);
      if (held === undefined) continue;
      consumer.checked.delete(id);
      this.#effects.settled(held);
    }
    this.#freed(consumer);
  }

  /** Something of it was settled or taken back. */
  #freed(consumer: FifoConsumer): void {
    if (consumer.status === 'cancelled' && consumer.checked.size === 0) {
      // One that takes by basic.get keeps its place: its deliveries go on being numbered.
      if (consumer.prefetch > 0) this.#consumers.remove(consumer);
      return;
    }
    this.#consumers.activate(consumer);
  }

  #discard({ key, ids }: Settle): Answer {
    const consumer = this.#consumers.get(key);
    if (consumer === undefined) return OK;
    for (const id of ids) {
      const held = consumer.checked.get(id);
      if (held === undefined) continue;
      consumer.checked.delete(id);
      this.#deadLetter(held, 'rejected');
    }
    this.#freed(consumer);
    return OK;
  }

  #return({ key, ids, failed }: Settle): Answer {
    const consumer = this.#consumers.get(key);
    if (consumer === undefined) return OK;
    const counts = this.#rules.everyReturnFails || failed;
    for (const id of ids) {
      const held = consumer.checked.get(id);
      if (held === undefined) continue;
      consumer.checked.delete(id);
      // Without a limit nothing would end its rounds: it goes behind all others.
      const atTail = this.#config.deliveryLimit < 0;
      this.#giveBack(held, counts, atTail, 'requeued');
    }
    this.#freed(consumer);
    return OK;
  }

  #giveBack(held: Held, fails: boolean, atTail: boolean, why: string): void {
    const failed = held.failed + (fails ? 1 : 0);
    const { deliveryLimit } = this.#config;
    if (deliveryLimit >= 0 && failed > deliveryLimit) {
      return this.#deadLetter(held, 'delivery_limit');
    }
    const again = { ...held, failed, acquired: held.acquired + 1 };
    this.#effects.returned(again, why);
    if (atTail) this.#messages.push(again);
    else this.#messages.giveBack(again);
  }

  /** Takes back all that it holds, in the order of delivery. */
  #returnAll(consumer: FifoConsumer, fails: boolean, why: string): void {
    const held = [...consumer.checked.values()];
    consumer.checked.clear();
    for (const one of held) this.#giveBack(one, fails, false, why);
  }

  // --- Channels and nodes that come and go ---

  #down({ channel }: { readonly channel: number }): Answer {
    this.#enqueuers.remove(channel);
    for (const consumer of [...this.#consumers.values()]) {
      if (channelOf(consumer.key) !== channel) continue;
      this.#returnAll(consumer, true, 'channel closed');
      this.#consumers.remove(consumer);
    }
    return OK;
  }

  #disconnected({ is, node }: NodeChange): Answer {
    const keeps = is === 'noconnection' && this.#rules.disconnectedTimeout >= 0;
    for (const consumer of [...this.#consumers.values()]) {
      if (consumer.node !== node) continue;
      if (is === 'disconnected_timeout' && consumer.status !== 'suspected') continue;
      const isCancelled = consumer.status === 'cancelled';
      if (!isCancelled) consumer.status = 'suspected';
      if (!keeps) this.#returnAll(consumer, this.#rules.everyReturnFails, 'node unreachable');
      if (isCancelled && consumer.checked.size === 0) this.#consumers.remove(consumer);
    }
    this.#consumers.elect();
    return OK;
  }

  #nodeUp({ node }: NodeChange): Answer {
    for (const consumer of this.#consumers.values()) {
      if (consumer.node !== node || consumer.status !== 'suspected') continue;
      consumer.status = 'up';
      this.#consumers.activate(consumer);
    }
    return OK;
  }

  // --- Messages that leave, and limits ---

  #purge(): Answer {
    const count = this.ready;
    for (let held = this.#messages.take(); held !== undefined; held = this.#messages.take()) {
      this.#effects.dropped(held, 'purged');
    }
    return { is: 'purged', count };
  }

  #deadLetter(held: Held, reason: Reason): void {
    if (this.#config.deadLetter === 'at_least_once') this.#dlx.discard(held, reason);
    else this.#effects.deadLetter(held, reason);
  }

  #expireHeads(): void {
    for (;;) {
      const head = this.#messages.peek();
      if (head === undefined || head.expiry < 0 || head.expiry > this.#now) return;
      this.#messages.take();
      this.#deadLetter(head, 'expired');
    }
  }

  /** Hands out what can be, then looks at the limits: what follows every command. */
  #checkout(): void {
    for (;;) {
      this.#expireHeads();
      if (this.ready === 0) break;
      const consumer = this.#consumers.take();
      if (consumer === undefined) break;
      const held = this.#messages.take();
      if (held === undefined) break;
      const id = consumer.nextId++;
      consumer.checked.set(id, held);
      this.#effects.deliver(consumer, id, held);
      this.#consumers.activate(consumer);
    }
    if (this.#config.overflow === 'drop_head') this.#dropHeads();
    else this.#tellPublishers();
    this.#dlx.feed(this.#effects);
    this.#setAlarm();
  }

  #dropHeads(): void {
    while (this.#isOverLimit()) {
      const head = this.#messages.take();
      if (head === undefined) return;
      this.#deadLetter(head, 'maxlen');
    }
  }

  /** Publishers learn that the queue is full when it is: what is on its way is still taken. */
  #tellPublishers(): void {
    if (this.#isOverLimit()) this.#enqueuers.tell(true, this.#effects);
    else if (hasRoomAgain(this.#config, this.ready + this.#dlx.count, this.#messages.bytes)) {
      this.#enqueuers.tell(false, this.#effects);
    }
  }

  #isOverLimit(): boolean {
    return isOver(this.#config, this.ready + this.#dlx.count, this.#messages.bytes);
  }

  #setAlarm(): void {
    const expiry = this.#messages.peek()?.expiry ?? -1;
    if (expiry === this.#alarm) return;
    this.#alarm = expiry;
    this.#effects.expiresAt(expiry);
  }

  // --- For whoever leads or looks on ---

  /** When the head expires, for a leader that has just begun; -1: it does not. */
  get alarm(): Micros {
    return this.#alarm;
  }

  /** What the consumers of a channel hold, for a channel that may have missed deliveries. */
  forEachChecked(channel: number, visit: (c: FifoConsumer, id: number, held: Held) => void): void {
    for (const consumer of this.#consumers.values()) {
      if (channelOf(consumer.key) !== channel || consumer.prefetch === 0) continue;
      for (const [id, held] of consumer.checked) visit(consumer, id, held);
    }
  }

  /** Each channel that publishes or consumes here, with its node. */
  channels(): Map<number, BrokerIndex> {
    const channels = new Map<number, BrokerIndex>();
    this.#enqueuers.forEach((channel, node) => channels.set(channel, node));
    for (const { key, node } of this.#consumers.values()) channels.set(channelOf(key), node);
    return channels;
  }

  /** All that is in the queue or can come back to it. */
  visit(see: (message: MessageId) => void): void {
    const one = (held: Held): void => see(held.content.message);
    this.#messages.forEach(one);
    for (const { checked } of this.#consumers.values())
      for (const held of checked.values()) one(held);
    this.#dlx.forEach(one);
  }

  /** Another machine in the same state: a snapshot. */
  copy(effects: Effects): Fifo {
    const copy = new Fifo(this.#rules, this.#config, effects);
    copy.#messages = this.#messages.copy(this.#rules.priorities);
    copy.#consumers = this.#consumers.copy();
    copy.#enqueuers = this.#enqueuers.copy();
    copy.#dlx = this.#dlx.copy();
    copy.#nextPosition = this.#nextPosition;
    copy.#alarm = this.#alarm;
    return copy;
  }
}
