import type { Content, QueueIndex } from '../protocol.ts';
import type {
  ChannelEnd,
  Consumer,
  Publisher,
  QueueDelivery,
  Settlement,
  Unsettled,
} from '../queue.ts';
import { consumerKey, type Command, type ConsumerKey } from './commands.ts';
import type { Answer } from './effects.ts';
import type { Held } from './messages.ts';

/** Commands on their way before the channel is blocked (`quorum_commands_soft_limit`). */
const SOFT_LIMIT = 32;
/** A consumer without prefetch gets this many at most. */
const UNLIMITED_PREFETCH = 2000;

/** A command that no leader has answered. */
export interface Pending {
  readonly corr: number;
  readonly command: Command;
  attempt: number;
  readonly onAnswer: ((answer: Answer) => void) | undefined;
}

/** How commands get to the leader. */
export interface Outgoing {
  readonly queue: QueueIndex;
  send(client: QuorumClient, pending: Pending): void;
  /** A channel asks whether the queue takes messages: it waits for that so long and no longer. */
  asks(client: QuorumClient): void;
  /** A delivery is missing: all that the channel should have is to be sent again. */
  misses(client: QuorumClient): void;
}

interface Known {
  readonly consumer: Consumer;
  nextId: number;
  /** Deliveries before that which have not come. */
  readonly missing: Set<number>;
}

interface Taken {
  readonly key: ConsumerKey;
  readonly id: number;
}

/**
 * One channel's side of a quorum queue (`rabbit_fifo_client`): numbers its commands, keeps each
 * until it is answered, and sends all of them anew to a new leader, in their order.
 */
export class QuorumClient {
  readonly id: number;
  readonly #publisher: Publisher;
  readonly #out: Outgoing;
  readonly #node: number;
  readonly #pending = new Map<number, Pending>();
  #nextCorr = 1;
  #oldest = 0;
  #nextSeqno = 1;
  /** Has the queue said whether it takes messages? */
  #status: 'unknown' | 'asked' | 'go' | 'reject_publish' = 'unknown';
  /** Publishes that wait for that. */
  #waiting: { readonly content: Content; readonly seq: number }[] = [];
  #isBlocked = false;
  readonly #consumers = new Map<ConsumerKey, Known>();
  /** What the channel has, by position. */
  readonly #taken = new Map<number, Taken>();
  /** The channel is gone; what is left is to see that the queue knows it. */
  isDown = false;

  constructor(publisher: Publisher, node: number, out: Outgoing) {
    this.id = publisher.id;
    this.#publisher = publisher;
    this.#node = node;
    this.#out = out;
  }

  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  /** Is the oldest command without an answer the same as when this was asked last? */
  isStuck(): boolean {
    const [oldest = 0] = this.#pending.keys();
    const isSame = oldest > 0 && oldest === this.#oldest;
    this.#oldest = oldest;
    return isSame;
  }

  command(command: Command, onAnswer?: (answer: Answer) => void): void {
    const pending = { corr: this.#nextCorr++, command, attempt: 0, onAnswer };
    this.#pending.set(pending.corr, pending);
    this.#out.send(this, pending);
  }

  /** There is a new leader, or the one before it may not have got what was sent. */
  resend(): void {
    for (const pending of [...this.#pending.values()]) {
      const { command, corr, onAnswer } = pending;
      // Asked again, a get would take another message.
      if (command.is === 'dequeue') {
        this.#pending.delete(corr);
        onAnswer?.({ is: 'empty' });
      } else this.#out.send(this, pending);
    }
  }

  answered(corr: number, answer: Answer): void {
    // What came out of sequence is sent again with all the rest.
    if (answer.is === 'not_enqueued') return this.resend();
    const pending = this.#pending.get(corr);
    if (pending === undefined) return;
    this.#pending.delete(corr);
    pending.onAnswer?.(answer);
    if (!this.#isBlocked || this.#pending.size >= SOFT_LIMIT) return;
    this.#isBlocked = false;
    this.#publisher.unblock(this.#out.queue);
  }

  // --- Publishing ---

  publish(content: Content, seq: number): void {
    if (this.#status === 'reject_publish') return this.#publisher.rejected(this.#out.queue, seq);
    if (this.#status === 'go') return this.#enqueue(content, seq);
    this.#waiting.push({ content, seq });
    if (this.#status === 'asked') return;
    this.#status = 'asked';
    const { id } = this;
    this.command({ is: 'register_enqueuer', channel: id, node: this.#node }, ({ is }) => {
      this.setStatus(is === 'reject_publish');
    });
    this.#out.asks(this);
  }

  #enqueue(content: Content, seq: number): void {
    const { queue } = this.#out;
    const seqno = this.#nextSeqno++;
    this.command({ is: 'enqueue', channel: this.id, seqno, content }, () => {
      this.#publisher.confirmed(queue, seq);
    });
    if (this.#isBlocked || this.#pending.size < SOFT_LIMIT) return;
    this.#isBlocked = true;
    this.#publisher.block(queue);
  }

  /** The queue is full, or takes messages. */
  setStatus(refuses: boolean): void {
    this.#status = refuses ? 'reject_publish' : 'go';
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { content, seq } of waiting) this.publish(content, seq);
  }

  /** Nobody said whether the queue takes messages: what was never sent is safely refused. */
  giveUp(): void {
    if (this.#status !== 'asked') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { seq } of waiting) this.#publisher.rejected(this.#out.queue, seq);
  }

  // --- Consuming ---

  consume(consumer: Consumer, onAnswer: () => void): void {
    const { tag, prefetch, priority } = consumer;
    const key = consumerKey(this.id, tag);
    this.#consumers.set(key, { consumer, nextId: 0, missing: new Set() });
    this.command(
      {
        is: 'checkout',
        key,
        node: this.#node,
        prefetch: prefetch === 0 ? UNLIMITED_PREFETCH : prefetch,
        priority,
      },
      onAnswer,
    );
  }

  cancel({ tag }: Consumer): void {
    const key = consumerKey(this.id, tag);
    this.#consumers.delete(key);
    this.command({ is: 'cancel', key });
  }

  get(noAck: boolean, onAnswer: (got: QueueDelivery | undefined, left: number) => void): void {
    const key = consumerKey(this.id, -1);
    this.command({ is: 'dequeue', key, node: this.#node, settled: noAck }, (answer) => {
      if (answer.is !== 'got') return onAnswer(undefined, 0);
      const { id, held, ready } = answer;
      if (!noAck) this.#taken.set(held.position, { key, id });
      onAnswer(deliveryOf(held), ready);
    });
  }

  /** What comes a second time, from the log of a new leader, is known by its number. */
  delivered(key: ConsumerKey, id: number, held: Held): void {
    const known = this.#consumers.get(key);
    // Its consumer was cancelled while this was on its way: it goes back.
    if (known === undefined) {
      if (!this.isDown) this.command({ is: 'return', key, ids: [id], failed: false });
      return;
    }
    if (id < known.nextId && !known.missing.delete(id)) return;
    if (id > known.nextId) this.#out.misses(this);
    while (known.nextId < id) known.missing.add(known.nextId++);
    known.nextId = Math.max(known.nextId, id + 1);
    const { consumer } = known;
    if (!consumer.noAck) this.#taken.set(held.position, { key, id });
    consumer.channel.deliver(consumer, this.#out.queue, deliveryOf(held));
    if (consumer.noAck) this.command({ is: 'settle', key, ids: [id], failed: false });
  }

  settle(how: Settlement, deliveries: readonly Unsettled[]): void {
    const byConsumer = new Map<ConsumerKey, number[]>();
    for (const { handle } of deliveries) {
      const taken = this.#taken.get(handle);
      if (taken === undefined) continue;
      this.#taken.delete(handle);
      const ids = byConsumer.get(taken.key);
      if (ids === undefined) byConsumer.set(taken.key, [taken.id]);
      else ids.push(taken.id);
    }
    const is = how === 'ack' ? 'settle' : how === 'discard' ? 'discard' : 'return';
    const failed = how === 'reject-requeue';
    for (const [key, ids] of byConsumer) this.command({ is, key, ids, failed });
  }

  /** The queue is no more. */
  deleted(why: string): void {
    this.#pending.clear();
    for (const { consumer } of this.#consumers.values()) consumer.channel.cancelled(consumer, why);
    this.#consumers.clear();
  }

  /** The channel has ended: what is under way goes on, nobody hears of it any more. */
  close(channel: ChannelEnd | Publisher): void {
    this.isDown = true;
    this.#consumers.clear();
    this.#taken.clear();
    this.#waiting = [];
    this.command({ is: 'down', channel: channel.id });
  }
}

function deliveryOf({ position, content, acquired }: Held): QueueDelivery {
  return { handle: position, content, redelivered: acquired > 0, position, count: acquired + 1 };
}
