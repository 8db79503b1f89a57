import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { Task, type Program } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { Application, type HandlingPlan, type Outcome } from '../../parts/application.ts';
import { Calls, type Reply } from '../../parts/calls.ts';
import { Fifo } from '../../parts/fifo.ts';
import type { QueuePlan } from '../layout.ts';
import type {
  Arguments,
  BasicAck,
  BasicConsume,
  BasicDeliver,
  BasicGet,
  BasicNack,
  BasicQos,
  BasicReject,
  BrokerFrame,
  ChannelClose,
  Plain,
  QueueDeclare,
} from '../protocol.ts';
import { ClientConnection, type ClientPlan, type Listener } from './connection.ts';

/** One instance of a `consumers:` entry. */
export interface ReceiverPlan {
  readonly subscription: number;
  readonly queue: QueuePlan;
  readonly handling: HandlingPlan;
  readonly client: ClientPlan;
  readonly prefetch: number;
  readonly global: boolean;
  readonly noAck: boolean;
  readonly multiple: boolean;
  readonly onFailure: 'nack' | 'reject' | 'nothing';
  readonly requeue: boolean;
  readonly exclusive: boolean;
  readonly args: Arguments;
  readonly consumers: number;
  readonly doubleAckEvery: number;
  /** Pause after an empty basic.get; -1: it is pushed to. */
  readonly getEvery: Micros;
}

/** A delivery, and the channel that it came by: its tag is worth nothing on another one. */
interface Received {
  readonly frame: BasicDeliver;
  readonly channel: number;
  readonly connection: number;
}

const Timer = { task: 0, connection: 1, sink: 2, reopen: 3, poll: 4 } as const;

/** A consuming application: one connection, one channel at a time, several workers. */
class Receiver implements Listener {
  readonly connection: ClientConnection;
  readonly sinks: Calls;
  readonly #plan: ReceiverPlan;
  readonly #out: Out;
  readonly #application: Application;
  /** Named after the deliveries that they settle. */
  readonly #about: NameId;
  #channel = 0;
  #isOpen = false;
  readonly #buffer = new Fifo<Received>();
  #busy = 0;
  #stopping = false;
  #settled = 0;
  /** The tag acknowledged last on this channel. */
  #ackedTo = 0;
  #reopenTimer: Handle = NO_HANDLE;

  constructor(plan: ReceiverPlan, sink: NodeId, out: Out) {
    this.#plan = plan;
    this.#out = out;
    this.#about = plan.queue.about;
    this.sinks = new Calls(out, Timer.sink, plan.handling.timeout);
    this.#application = new Application(plan.handling, plan.subscription, sink, this.sinks, out);
    this.connection = new ClientConnection(plan.client, out, this, Timer.connection);
    this.connection.open();
  }

  // --- Channel and connection ---

  onOpen(): void {
    this.#openChannel();
  }

  #openChannel(): void {
    const { connection } = this;
    const { queue, prefetch, global, noAck, exclusive, args, consumers, getEvery } = this.#plan;
    const channel = ++this.#channel;
    this.#isOpen = true;
    this.#ackedTo = 0;
    connection.control<Plain>({ type: 'channel.open', channel });
    const { durable, autoDelete } = queue;
    connection.control<QueueDeclare>({
      type: 'queue.declare',
      channel,
      queue: queue.name,
      passive: false,
      durable,
      exclusive: queue.exclusive,
      autoDelete,
      args: queue.args,
    });
    if (prefetch > 0) {
      connection.control<BasicQos>({ type: 'basic.qos', channel, prefetch, global });
    }
    if (getEvery >= 0) return this.#poll();
    for (let consumer = 1; consumer <= consumers; consumer++) {
      connection.control<BasicConsume>({
        type: 'basic.consume',
        channel,
        queue: queue.name,
        consumer,
        noAck,
        exclusive,
        args,
      });
    }
  }

  #poll(): void {
    if (!this.#isOpen || this.#stopping) return;
    const { queue, noAck } = this.#plan;
    const body = { type: 'basic.get', channel: this.#channel, queue: queue.name, noAck } as const;
    this.connection.control<BasicGet>(body);
  }

  onClosed(): void {
    this.#lostChannel();
    this.#out.cancel(this.#reopenTimer);
    this.#reopenTimer = NO_HANDLE;
  }

  /** What was only received comes again; what is in hand is finished, and cannot be settled. */
  #lostChannel(): void {
    this.#isOpen = false;
    this.#buffer.clear();
  }

  onFrame(frame: BrokerFrame): void {
    if (frame.channel !== this.#channel) return;
    switch (frame.type) {
      case 'basic.deliver':
      case 'basic.get-ok':
        return this.#received(frame);
      case 'basic.get-empty':
        this.#out.timer(this.#plan.getEvery, Timer.poll, this.#channel);
        return;
      // The queue is gone, or the channel: the application begins anew after a while.
      case 'basic.cancel':
        if (this.#plan.consumers > 1 || !this.#isOpen) return;
        this.connection.control<ChannelClose>({
          type: 'channel.close',
          channel: this.#channel,
          code: 200,
          says: 'consumer cancelled',
        });
        return this.#reopenLater();
      case 'channel.close':
        this.#out.count(this.#out.names.id('channels closed by the broker'));
        return this.#reopenLater();
      default: // An "-ok": nobody waits for it.
    }
  }

  #reopenLater(): void {
    this.#lostChannel();
    const { recoveryInterval } = this.#plan.client;
    this.#reopenTimer = this.#out.timer(recoveryInterval, Timer.reopen);
  }

  // --- Deliveries ---

  #received(frame: BasicDeliver): void {
    const received = { frame, channel: this.#channel, connection: this.connection.number };
    if (frame.redelivered) this.#out.count(this.#out.names.id('redelivered deliveries'));
    if (this.#plan.handling.acknowledge === 'before') this.#ack(received);
    this.#buffer.push(received);
    if (this.#busy >= this.#plan.handling.workers || this.#stopping) return;
    const task = new Task(this.#out, Timer.task);
    this.#busy++;
    task.start(this.#work(task));
  }

  /** A worker takes up delivery after delivery, until none is left. */
  *#work(task: Task): Program {
    while (!this.#stopping) {
      const received = this.#buffer.shift();
      if (received === undefined) break;
      yield* this.#handle(received, task);
      if (received.frame.type === 'basic.get-ok') this.#poll();
    }
    this.#busy--;
    if (this.#stopping && this.#busy === 0) this.#exit();
  }

  *#handle(received: Received, task: Task): Program {
    const { content, position, count } = received.frame;
    const { message, key, sequence, poison } = content;
    const { stream } = this.#plan.queue;
    // A republished or dead-lettered message is another copy, and each may come more than once.
    const deaths = content.deaths.reduce((sum, death) => sum + death.count, 0);
    const attempt = count + (content.attempt - 1 + deaths) * COPIES;
    const delivery = { message, key, sequence, poison, stream, position, attempt };
    const outcome: Outcome = yield* this.#application.handle(delivery, task);
    const { acknowledge } = this.#plan.handling;
    if (this.#plan.noAck || acknowledge === 'before') return;
    if (outcome !== 'failed') this.#ack(received);
    else this.#refuse(received);
  }

  /** Can its delivery still be settled? */
  #isCurrent({ channel, connection }: Received): boolean {
    const current =
      this.#isOpen && channel === this.#channel && connection === this.connection.number;
    if (!current) this.#out.count(this.#out.names.id('settlements on a channel that is closed'));
    return current;
  }

  #ack(received: Received): void {
    if (this.#plan.noAck || !this.#isCurrent(received)) return;
    const { tag, position, count, content } = received.frame;
    const { multiple, doubleAckEvery } = this.#plan;
    // An earlier delivery is settled by the acknowledgement of a later one.
    if (multiple && tag < this.#ackedTo) return;
    this.#ackedTo = tag;
    const body = { type: 'basic.ack', channel: received.channel, tag, multiple } as const;
    const sized = { ...body, carries: [content.message] };
    this.connection.send<BasicAck>(sized, this.#about, position, count * 2);
    this.#settled++;
    if (doubleAckEvery === 0 || this.#settled % doubleAckEvery !== 0) return;
    this.connection.send<BasicAck>(sized, this.#about, position, count * 2 + 1);
  }

  #refuse(received: Received): void {
    const { onFailure, requeue } = this.#plan;
    if (onFailure === 'nothing' || !this.#isCurrent(received)) return;
    const { tag, position, count, content } = received.frame;
    const carries = [content.message];
    const { channel } = received;
    if (onFailure === 'reject') {
      const body = { type: 'basic.reject', channel, tag, requeue, carries } as const;
      return this.connection.send<BasicReject>(body, this.#about, position, count);
    }
    const body = { type: 'basic.nack', channel, tag, requeue, multiple: false, carries } as const;
    this.connection.send<BasicNack>(body, this.#about, position, count);
  }

  // --- The process ---

  onTimer(code: number, data: unknown): void {
    switch (code) {
      case Timer.task:
        return Task.onTimer(data);
      case Timer.connection:
        return this.connection.onTimer();
      case Timer.sink:
        return this.sinks.onTimeout(data as number);
      case Timer.poll:
        if (data === this.#channel) this.#poll();
        return;
      default:
        this.#reopenTimer = NO_HANDLE;
        if (this.connection.isOpen && !this.#isOpen) this.#openChannel();
    }
  }

  /** What is in hand is finished first; what is only received goes back with the connection. */
  stop(): void {
    this.#stopping = true;
    if (this.#busy === 0) this.#exit();
  }

  #exit(): void {
    this.connection.end();
    this.#out.exit();
  }
}

/** Deliveries of one copy, at most. */
const COPIES = 1_000_000_000;

export function receiver(plan: ReceiverPlan, sink: NodeId): Role<Receiver, Message> {
  return {
    start: (out) => new Receiver(plan, sink, out),
    onMessage(state, from, message) {
      if ((message as BrokerFrame).frame === undefined) state.sinks.onReply(message as Reply);
      else state.connection.onMessage(from, message as BrokerFrame);
    },
    onTimer: (state, code, data) => state.onTimer(code, data),
    onDisconnect: (state, peer) => state.connection.onDisconnect(peer),
    onStop: (state) => state.stop(),
  };
}
