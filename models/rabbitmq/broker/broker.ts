import { assert } from '../../../sim/kernel/assert.ts';
import type { Handle } from '../../../sim/kernel/event-queue.ts';
import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { Fifo } from '../../parts/fifo.ts';
import { nextLife } from '../../parts/lives.ts';
import type { Layout, QueuePlan } from '../layout.ts';
import {
  type BrokerFrame,
  type ClientFrame,
  type Content,
  RESOURCE_ALARM,
  type ResourceAlarm,
  type QueueIndex,
  type QueueMessage,
  type Reason,
} from '../protocol.ts';
import type {
  BrokerIndex,
  Publisher,
  QueueDelivery,
  QueueHost,
  QueueProcess,
  Refusal,
} from '../queue.ts';
import { QUEUE_TYPES } from '../queue-types.ts';
import { Alarms } from './alarms.ts';
import type { Channel } from './channel.ts';
import { type Delayed, DelayedMessages } from './delayed.ts';
import { type Connection, ownerOf } from './connection.ts';
import { checkTimeouts } from './consumer-timeout.ts';
import { Cluster } from '../cluster/cluster.ts';
import { deadLetter, deadLetterTo } from './dead-letter.ts';
import { onHeartbeat } from './heartbeats.ts';
import { onMethod } from './methods.ts';
import { textOf } from './refusals.ts';
import { QUEUE_TIMERS, Timer } from './timers.ts';

/** A body of a frame: what is particular to its method. */
type Body<F> = F extends BrokerFrame ? Omit<F, 'frame' | 'connection' | 'channel'> : never;

/** One broker node: connections, channels, and a process for each queue. */
export class Broker implements QueueHost {
  readonly out: Out;
  readonly layout: Layout;
  readonly node: BrokerIndex;
  readonly boot: number;
  readonly connections = new Map<NodeId, Connection>();
  /** Connections that their clients have left and whose end nobody has told yet. */
  readonly superseded: Connection[] = [];
  /** By queue; undefined where the queue does not exist. */
  readonly queues: (QueueProcess | undefined)[] = [];
  /** Channels with something to tell their clients when the handler is done. */
  dirty: Channel[] = [];
  channels = 0;
  isTicking = false;
  readonly alarms = new Alarms(this);
  readonly delayed = new DelayedMessages(this);
  readonly cluster = new Cluster(this);
  readonly #nodes: ReadonlyMap<NodeId, BrokerIndex>;
  readonly #control;

  constructor(out: Out, layout: Layout, node: BrokerIndex) {
    this.out = out;
    this.layout = layout;
    this.node = node;
    this.boot = nextLife(out);
    this.#nodes = new Map(layout.brokers.map((id, index) => [id, index]));
    this.#control = out.names.id('frame');
  }

  start(): void {
    if (this.cluster.start()) this.serve();
  }

  /** Opens its queues, and is there for clients. */
  serve(): void {
    const { metadata, queues } = this.layout;
    for (const { index, durable, node, exclusive } of queues) {
      // What is not durable goes with its home node, and what is exclusive with its connection.
      const isLost = (!durable && this.boot > 1) || exclusive;
      if (isLost && node === this.node && metadata.exists[index]) metadata.forget(index);
      if (metadata.exists[index]) this.open(index, 'booted');
    }
    this.alarms.start();
    this.delayed.start();
  }

  /** Starts the process of a queue on this node. */
  open(queue: QueueIndex, why: 'declared' | 'booted'): void {
    const plan = this.plan(queue);
    this.queues[queue] = QUEUE_TYPES[plan.type].open(this, plan, why);
  }

  // --- What clients and other nodes send ---

  onMessage(from: NodeId, message: Message): void {
    if ((message as ClientFrame).frame === undefined) this.#fromNode(from, message);
    else this.#fromClient(from, message as ClientFrame);
    this.tellConfirms();
  }

  #fromNode(from: NodeId, message: Message): void {
    const peer = this.#nodes.get(from);
    assert(peer !== undefined, 'what is no frame comes from a broker');
    this.cluster.heard(peer);
    if (message.type === RESOURCE_ALARM) {
      const { resource, over } = message as ResourceAlarm;
      return this.alarms.change(peer, resource, over);
    }
    const { queue } = message as QueueMessage;
    if (queue === undefined) return this.cluster.onMessage(peer, message);
    this.queues[queue]?.onMessage(peer, message as QueueMessage);
  }

  #fromClient(from: NodeId, frame: ClientFrame): void {
    if (this.cluster.isPaused) return this.out.disconnect(from);
    if (frame.type === 'connection.open') this.#connect(from, frame.connection);
    const connection = this.connections.get(from);
    if (connection?.number !== frame.connection) {
      return this.out.ignored(frame.type, 'its connection is closed');
    }
    if (frame.frame !== ++connection.received) {
      return this.closeConnection(connection, 501, 'FRAME_ERROR - unexpected frame');
    }
    connection.heard = true;
    if (this.isHeldBack(connection)) connection.unread.push(frame);
    else onMethod(this, connection, frame);
  }

  #connect(client: NodeId, number: number): void {
    const earlier = this.connections.get(client);
    if (earlier !== undefined) {
      earlier.isSuperseded = true;
      this.superseded.push(earlier);
    }
    this.connections.set(client, {
      client,
      number,
      channels: new Map(),
      received: 0,
      sent: 0,
      heartbeat: 0,
      heartbeatTimer: -1,
      heard: true,
      spoke: true,
      missed: 0,
      publishes: false,
      isBlocked: false,
      unread: new Fifo(),
      isSuperseded: false,
    });
  }

  /** No credit, or an alarm while it publishes: the socket is not read. */
  isHeldBack(connection: Connection): boolean {
    if (connection.isBlocked) return true;
    for (const channel of connection.channels.values()) {
      if (channel.blockedBy.size > 0) return true;
    }
    return false;
  }

  /** Something that held it back may be gone: reads on. */
  flow(connection: Connection): void {
    while (connection.unread.size > 0 && !this.isHeldBack(connection)) {
      const frame = connection.unread.shift() as ClientFrame;
      onMethod(this, connection, frame);
    }
  }

  onDisconnect(peer: NodeId): void {
    const node = this.#nodes.get(peer);
    if (node !== undefined) return this.cluster.lost(node);
    const connection = this.connections.get(peer);
    if (connection !== undefined) this.endConnection(connection);
    this.tellConfirms();
  }

  onTimer(code: number, data: unknown): void {
    if (code >= QUEUE_TIMERS) {
      const queue = Math.floor(code / QUEUE_TIMERS) - 1;
      this.queues[queue]?.onTimer(code % QUEUE_TIMERS, data);
    } else if (code === Timer.heartbeat) onHeartbeat(this, data as Connection);
    else if (code === Timer.alarm) this.alarms.onTimer(data as ResourceAlarm['resource']);
    else if (code === Timer.net) this.cluster.onTimer();
    else if (code === Timer.delayed) this.delayed.onTimer(data as Delayed);
    else checkTimeouts(this);
    this.tellConfirms();
  }

  tellConfirms(): void {
    if (this.dirty.length === 0) return;
    const { dirty } = this;
    this.dirty = [];
    for (const channel of dirty) {
      channel.isDirty = false;
      if (!channel.isOpen) continue;
      channel.confirms?.tell((acked, tag, multiple) => {
        this.#sendConfirm(channel, acked, tag, multiple);
      });
    }
  }

  /** Clean shutdown: connections are closed, queues write what must survive. */
  stop(): void {
    for (const connection of [...this.connections.values()]) {
      this.closeConnection(connection, 320, 'CONNECTION_FORCED - broker forced connection closure');
    }
    for (const queue of this.queues) queue?.stop();
    this.out.exit();
  }

  /** Stops in good order and starts again. */
  restart(why: string): void {
    this.out.became(`broker-${this.node + 1}`, 'running', 'restarting', why);
    this.layout.restart(this.node);
    this.stop();
  }

  // --- Nodes ---

  isUp(node: BrokerIndex): boolean {
    return this.cluster.isUp(node);
  }

  nodeDown(node: BrokerIndex): void {
    this.alarms.nodeDown(node);
    for (const queue of this.queues) queue?.nodeDown(node);
    this.tellConfirms();
  }

  nodeUp(node: BrokerIndex): void {
    for (const queue of this.queues) queue?.nodeUp(node);
    this.tellConfirms();
  }

  // --- Ends ---

  /** A channel-level error: the client hears why, and what was unsettled goes back. */
  closeChannel(channel: Channel, refusal: Refusal): void {
    const { connection, number } = channel;
    this.out.ignored('channel', textOf(refusal));
    this.sendPlain(connection, number, {
      type: 'channel.close',
      code: refusal.code,
      says: textOf(refusal),
    });
    this.endChannel(channel);
  }

  endChannel(channel: Channel): void {
    channel.connection.channels.delete(channel.number);
    channel.end();
  }

  closeConnection(connection: Connection, code: number, says: string): void {
    this.sendPlain(connection, 0, { type: 'connection.close', code, says });
    if (!connection.isSuperseded) this.out.disconnect(connection.client);
    this.endConnection(connection);
  }

  /** All of its channels end, and its exclusive queues are deleted. */
  endConnection(connection: Connection): void {
    this.out.cancel(connection.heartbeatTimer);
    const place = this.superseded.indexOf(connection);
    if (place >= 0) this.superseded.splice(place, 1);
    if (this.connections.get(connection.client) === connection) {
      this.connections.delete(connection.client);
    }
    for (const channel of [...connection.channels.values()]) this.endChannel(channel);
    const owner = ownerOf(this, connection);
    this.layout.metadata.owners.forEach((other, queue) => {
      if (other === owner) this.queues[queue]?.remove('its exclusive connection ended');
    });
  }

  // --- Frames to clients ---

  sendPlain(connection: Connection, channel: number, body: Body<BrokerFrame>): void {
    const frame = ++connection.sent;
    connection.spoke = true;
    if (connection.isSuperseded) return;
    const { client, number } = connection;
    const message = { ...body, frame, connection: number, channel } as unknown as BrokerFrame;
    this.out.send(client, message, this.#control, frame, number);
  }

  #sendConfirm(channel: Channel, acked: boolean, tag: number, multiple: boolean): void {
    const body = acked
      ? { type: 'basic.ack' as const, tag, multiple }
      : { type: 'basic.nack' as const, tag, multiple, requeue: false };
    this.sendPlain(channel.connection, channel.number, body);
  }

  sendCancel(channel: Channel, consumer: number, why: string): void {
    this.out.ignored('basic.consume', why);
    this.sendPlain(channel.connection, channel.number, { type: 'basic.cancel', consumer });
  }

  sendDelivery(
    channel: Channel,
    consumer: number,
    tag: number,
    queue: QueueIndex,
    { content, redelivered, position, count }: QueueDelivery,
    messages = 0,
  ): void {
    const { connection, number } = channel;
    const frame = ++connection.sent;
    connection.spoke = true;
    if (connection.isSuperseded) return;
    const message = {
      type: consumer < 0 ? 'basic.get-ok' : 'basic.deliver',
      frame,
      connection: connection.number,
      channel: number,
      consumer,
      tag,
      queue,
      redelivered,
      content,
      position,
      count,
      messages,
      bytes: content.bytes,
      carries: [content.message],
    };
    const { about } = this.layout.queues[queue];
    this.out.send(connection.client, message, about, position, count);
  }

  // --- What queues may use ---

  plan(queue: QueueIndex): QueuePlan {
    return this.layout.metadata.plan(queue);
  }

  send(to: BrokerIndex, message: QueueMessage, nr: number, attempt = 1): void {
    const { about } = this.layout.queues[message.queue];
    this.out.send(this.layout.brokers[to], message, about, nr, attempt);
  }

  timer(queue: QueueIndex, after: Micros, code: number, data?: unknown): Handle {
    assert(code < QUEUE_TIMERS, 'a queue has 16 kinds of timers');
    return this.out.timer(after, (queue + 1) * QUEUE_TIMERS + code, data);
  }

  sync(queue: QueueIndex, file: string, code: number, data?: unknown): void {
    this.out.sync(file, (queue + 1) * QUEUE_TIMERS + code, data);
  }

  deadLetter(plan: QueuePlan, content: Content, reason: Reason): void {
    deadLetter(this, plan, content, reason);
  }

  deadLetterTo(
    plan: QueuePlan,
    content: Content,
    reason: Reason,
    publisher: Publisher,
    seq: number,
  ): number {
    return deadLetterTo(this, plan, content, reason, publisher, seq);
  }

  forget(queue: QueueIndex): void {
    this.layout.metadata.forget(queue);
    this.everywhere((broker) => {
      const process = broker.queues[queue];
      broker.queues[queue] = undefined;
      process?.gone?.();
      broker.tellConfirms();
    });
  }

  /** A change of the schema reaches every node that runs. */
  everywhere(change: (broker: Broker) => void): void {
    for (const broker of this.layout.running()) change(broker);
  }
}

export function brokerRole(layout: Layout, node: BrokerIndex): Role<Broker> {
  return {
    start(out) {
      const broker = new Broker(out, layout, node);
      broker.start();
      return broker;
    },
    onMessage: (broker, from, message) => broker.onMessage(from, message),
    onTimer: (broker, code, data) => broker.onTimer(code, data),
    onDisconnect: (broker, peer) => broker.onDisconnect(peer),
    onStop: (broker) => broker.stop(),
  };
}
