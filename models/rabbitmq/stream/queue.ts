import { Fact } from '../../../sim/kernel/entry.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
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
import type { RaftMessage } from '../quorum/raft-protocol.ts';
import type { StreamLog } from './log.ts';
import { type Listener, StreamMember } from './member.ts';
import type { Append, Write, Written } from './protocol.ts';

const Timer = { retry: 15 } as const;
const RETRY: Micros = seconds(1);
/** Writes of this node without an answer before its publishers are blocked. */
const SOFT_LIMIT = 256;

interface Pending {
  readonly content: Content;
  readonly publisher: Publisher | undefined;
  readonly seq: number;
  attempt: number;
  /** The leader that has it and has not answered; -1: none. */
  at: BrokerIndex;
}

/** A consumer: where it is, and how much more it may be sent. */
interface Reader {
  readonly consumer: Consumer;
  next: number;
  credit: number;
}

/**
 * A stream on one node: a replica of it, which serves the consumers of the node, and the way to its
 * leader for publishers. Reading removes nothing; an acknowledgement is credit for more.
 */
export class StreamQueue implements QueueProcess, Listener {
  readonly index: QueueIndex;
  readonly isAvailable = true;
  readonly member: StreamMember;
  readonly #host: QueueHost;
  #leader: BrokerIndex = -1;
  readonly #pending = new Map<number, Pending>();
  #nextWrite: number;
  readonly #blocked = new Set<Publisher>();
  readonly #readers: Reader[] = [];
  /** Offset and message of what was handed out, by the number of the delivery. */
  readonly #taken = new Map<number, { readonly reader: Reader; readonly message: MessageId }>();
  #deliveries = 0;
  #isRetrying = false;

  constructor(host: QueueHost, { index, node }: QueuePlan) {
    this.#host = host;
    this.index = index;
    this.#nextWrite = host.boot * 1_000_000_000 + 1;
    const { nodes } = host.layout.server;
    const members = Array.from({ length: nodes }, (_, i) => (node + i) % nodes);
    this.member = new StreamMember(host, index, members, this);
  }

  get ready(): number {
    return this.member.log.end - this.member.log.base;
  }

  get consumers(): number {
    return this.#readers.length;
  }

  /** Streams keep next to nothing in memory. */
  get memory(): number {
    return 0;
  }

  get disk(): number {
    return this.member.log.bytes;
  }

  // --- Publishing ---

  publish(content: Content, publisher: Publisher | undefined, seq: number): void {
    const write = this.#nextWrite++;
    const pending = { content, publisher, seq, attempt: 0, at: -1 };
    this.#pending.set(write, pending);
    if (
      this.#pending.size >= SOFT_LIMIT &&
      publisher !== undefined &&
      !this.#blocked.has(publisher)
    ) {
      this.#blocked.add(publisher);
      publisher.block(this.index);
    }
    this.#write(write, pending);
  }

  #write(write: number, pending: Pending): void {
    const attempt = ++pending.attempt;
    pending.at = this.#leader;
    const { node } = this.#host;
    const { content } = pending;
    if (this.#leader < 0) return this.#retryLater();
    if (this.#leader !== node) {
      const carries = [content.message];
      const message = {
        type: 'osiris_write',
        queue: this.index,
        content,
        seq: write,
        attempt,
        carries,
      };
      return this.#host.send(this.#leader, message as Write, write, attempt);
    }
    if (!this.member.raft.isLeader) {
      pending.at = -1;
      return this.#retryLater();
    }
    this.member.append({ content, origin: { node, seq: write, attempt } });
  }

  #retryLater(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#host.timer(this.index, RETRY, Timer.retry);
  }

  /**
   * What a lost leader had passed on is there twice: a writer's numbers, by which `osiris` knows a
   * repeat (`osiris:write` with a writer id), are not modelled.
   */
  #resendAll(): void {
    for (const [write, pending] of [...this.#pending]) this.#write(write, pending);
  }

  /** What a leader has is on its way: sent again it would be there twice. */
  #sendUnsent(): void {
    for (const [write, pending] of [...this.#pending]) {
      if (pending.at < 0) this.#write(write, pending);
    }
  }

  #written(write: number): void {
    const pending = this.#pending.get(write);
    if (pending === undefined) return;
    this.#pending.delete(write);
    pending.publisher?.confirmed(this.index, pending.seq);
    if (this.#blocked.size === 0 || this.#pending.size >= SOFT_LIMIT) return;
    const blocked = [...this.#blocked];
    this.#blocked.clear();
    for (const publisher of blocked) publisher.unblock(this.index);
  }

  // --- Consuming ---

  consume(consumer: Consumer, answer: (refusal: Refusal | undefined) => void): void {
    if (consumer.noAck) return answer(NO_AUTOMATIC_ACK);
    if (consumer.prefetch === 0) return answer(NO_PREFETCH);
    const next = this.member.log.find(consumer.args.get('x-stream-offset'), this.#host.out.clock);
    if (next === undefined) return answer(NO_OFFSET);
    answer(undefined);
    const reader = { consumer, next, credit: consumer.prefetch };
    this.#readers.push(reader);
    this.#feed(reader);
  }

  #feed(reader: Reader): void {
    const { log } = this.member;
    const { consumer } = reader;
    // What retention has removed is skipped.
    reader.next = Math.max(reader.next, log.base);
    while (reader.credit > 0 && reader.next < log.end) {
      const { offset, content } = log.at(reader.next);
      reader.next++;
      reader.credit--;
      const handle = this.#deliveries++;
      this.#taken.set(handle, { reader, message: content.message });
      const count = (this.#host.boot * 100 + this.#host.node) * 1_000_000 + handle + 1;
      const delivery = { handle, content, redelivered: false, position: offset, count };
      consumer.channel.deliver(consumer, this.index, delivery);
    }
  }

  cancel(consumer: Consumer): void {
    const place = this.#readers.findIndex((reader) => reader.consumer === consumer);
    if (place >= 0) this.#readers.splice(place, 1);
  }

  get(
    _channel: ChannelEnd,
    _noAck: boolean,
    answer: (got: QueueDelivery | undefined, left: number) => void,
  ): void {
    answer(undefined, 0);
  }

  /** However it is settled, it is credit; nothing is handed out again. */
  settle(_channel: ChannelEnd, _how: Settlement, deliveries: readonly Unsettled[]): void {
    const { out } = this.#host;
    const { subscriptions } = this.#host.plan(this.index);
    const fed = new Set<Reader>();
    for (const { handle } of deliveries) {
      const taken = this.#taken.get(handle);
      if (taken === undefined) continue;
      this.#taken.delete(handle);
      for (const subscription of subscriptions) out.fact(Fact.settled, taken.message, subscription);
      taken.reader.credit++;
      fed.add(taken.reader);
    }
    for (const reader of fed) if (this.#readers.includes(reader)) this.#feed(reader);
  }

  channelDown(channel: ChannelEnd): void {
    for (const { consumer } of [...this.#readers]) {
      if (consumer.channel === channel) this.cancel(consumer);
    }
    for (const [handle, { reader }] of this.#taken) {
      if (reader.consumer.channel === channel) this.#taken.delete(handle);
    }
  }

  hasRoomAgain(): void {}

  /** Not of a stream. */
  purge(answer: (count: number) => void): void {
    answer(0);
  }

  remove(why: string): void {
    const { out } = this.#host;
    const { stream } = this.#host.plan(this.index);
    this.visit((message) => out.fact(Fact.dropped, message, stream, out.names.id(why)));
    for (const { consumer } of this.#readers) consumer.channel.cancelled(consumer, why);
    this.#host.forget(this.index);
  }

  declared(): void {}
  configured(): void {}
  stop(): void {}

  /** What a consumer of this node can yet be given; without one, all. */
  visit(see: (message: MessageId) => void): void {
    const { log } = this.member;
    for (let offset = log.base; offset < log.end; offset++) see(log.at(offset).content.message);
  }

  /** The lowest offset that a consumer here has not been given; undefined without one. */
  get lowest(): number | undefined {
    if (this.#readers.length === 0) return undefined;
    return Math.min(...this.#readers.map(({ next }) => next));
  }

  // --- The group ---

  onMessage(from: BrokerIndex, message: QueueMessage): void {
    const { raft } = this.member;
    switch (message.type) {
      case 'osiris_write': {
        const { content, seq, attempt } = message as Write;
        if (raft.isLeader) this.member.append({ content, origin: { node: from, seq, attempt } });
        else {
          const type = 'osiris_not_leader';
          const refused: Written = { type, queue: this.index, seq };
          this.#host.send(from, refused, seq, attempt);
        }
        break;
      }
      case 'osiris_written':
        this.#written((message as Written).seq);
        break;
      case 'osiris_not_leader': {
        const refused = this.#pending.get((message as Written).seq);
        if (refused?.at === from) refused.at = -1;
        if (from === this.#leader) this.#leader = -1;
        this.#retryLater();
        break;
      }
      default:
        raft.onMessage(from, message as RaftMessage<Append, StreamLog>);
    }
    this.#lookForLeader();
  }

  onTimer(code: number): void {
    if (code === Timer.retry) {
      this.#isRetrying = false;
      this.#sendUnsent();
    } else this.member.onTimer(code);
    this.#lookForLeader();
  }

  #lookForLeader(): void {
    const { leader } = this.member.raft;
    if (leader < 0 || leader === this.#leader) return;
    this.#leader = leader;
    this.#resendAll();
  }

  leads(): void {
    this.#leader = this.#host.node;
    this.#resendAll();
  }

  appended({ origin }: Append, leads: boolean): void {
    const { node, seq, attempt } = origin;
    if (leads && node === this.#host.node) this.#written(seq);
    else if (leads) {
      const written: Written = { type: 'osiris_written', queue: this.index, seq };
      this.#host.send(node, written, seq, attempt);
    }
    for (const reader of this.#readers) this.#feed(reader);
  }

  nodeDown(node: BrokerIndex): void {
    if (this.#leader === node) this.#leader = -1;
    this.member.nodeDown(node);
  }

  nodeUp(): void {
    this.#lookForLeader();
  }
}

const NO_PREFETCH: Refusal = {
  code: 406,
  name: 'PRECONDITION_FAILED',
  says: 'consumer prefetch count is not set for stream queue',
};
const NO_AUTOMATIC_ACK: Refusal = {
  code: 540,
  name: 'NOT_IMPLEMENTED',
  says: 'automatic acknowledgement not supported by stream queue',
};
const NO_OFFSET: Refusal = {
  code: 406,
  name: 'PRECONDITION_FAILED',
  says: "x-stream-offset must be 'first', 'last', 'next', an offset or an interval, stream queue",
};
