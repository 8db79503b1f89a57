import type { MessageId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Handle } from '../../sim/kernel/event-queue.ts';
import type { World } from '../../sim/kernel/world.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import type { Arguments, Content, QueueIndex, QueueMessage, Reason } from './protocol.ts';
import type { Layout, QueuePlan } from './layout.ts';

/**
 * What a channel knows of a queue, of whatever type: `rabbit_queue_type` of the real server. Every
 * broker node has one `QueueProcess` for each queue. Where the queue lives it is the queue itself;
 * elsewhere it is the way to it. A channel talks to the one on its own node and to no other.
 */
export interface QueueProcess {
  readonly index: QueueIndex;
  /** Can messages be routed to it now? Not, for instance, when its home node is down. */
  readonly isAvailable: boolean;

  /**
   * A message that was routed here. With a `seq` above 0 its publisher hears `confirmed` or
   * `rejected` exactly once, sooner or later, or never when the queue is lost in silence; with 0 it
   * wants to hear nothing, and has credit only.
   */
  publish(content: Content, publisher: Publisher | undefined, seq: number): void;

  /** basic.consume; `answer` is told of a refusal, or `undefined` before the first delivery. */
  consume(consumer: Consumer, answer: (refusal: Refusal | undefined) => void): void;
  /** basic.cancel: no further deliveries; what is unacknowledged stays so. */
  cancel(consumer: Consumer): void;
  /** basic.get: the next message, as if delivered without prefetch, and how many are left. */
  get(
    channel: ChannelEnd,
    noAck: boolean,
    answer: (got: QueueDelivery | undefined, left: number) => void,
  ): void;
  /** Acknowledgement, requeue or discard of deliveries of one channel, in order of delivery. */
  settle(channel: ChannelEnd, how: Settlement, deliveries: readonly Unsettled[]): void;
  /** A channel that had consumers or deliveries here is gone: all of it comes back. */
  channelDown(channel: ChannelEnd): void;
  /** A channel that had no room under its own prefetch has some again. */
  hasRoomAgain(channel: ChannelEnd): void;

  /** queue.declare of what is there already: puts `x-expires` off. */
  declared(): void;
  /** queue.purge: drops what is ready; `answer` hears how many that were. */
  purge(answer: (count: number) => void): void;
  /** queue.delete, expiry, or the end of an exclusive connection. Nothing is dead-lettered. */
  remove(why: string): void;
  /** The policies or arguments in force have changed: read `host.plan(index)` anew. */
  configured(): void;
  /** For queue.declare-ok and for rules that look at them. */
  readonly ready: number;
  readonly consumers: number;
  /** Bytes of bodies in this node's memory and on its disk, for alarms. */
  readonly memory: number;
  readonly disk: number;

  /** A message of this queue's own protocol, from its process on another node. */
  onMessage(from: BrokerIndex, message: QueueMessage): void;
  onTimer(code: number, data: unknown): void;
  /** Another node can no longer be reached, or can be again. */
  nodeDown(node: BrokerIndex): void;
  nodeUp(node: BrokerIndex): void;
  /** The queue was deleted from another node: what waits here for an answer is refused. */
  gone?(): void;
  /** Clean shutdown of this node: write what has to survive; all is synced afterwards. */
  stop(): void;
  /** The messages that are here and can yet be handed out, ready or not yet acknowledged. */
  visit(see: (message: MessageId) => void): void;
}

/** One kind of queue. A line for each in `queue-types.ts`. */
export interface QueueType {
  /** As in `x-queue-type`. */
  readonly name: 'classic' | 'quorum' | 'stream';
  /** The process on `host.node`, from what its disk has. Called at boot and when declared. */
  open(host: QueueHost, plan: QueuePlan, why: 'declared' | 'booted'): QueueProcess;
  /** The longest such a queue may be silent and still do something by itself, beside its TTLs. */
  patience?(plan: QueuePlan): Micros;
  /** What is stored for readers, also on nodes that are down; each message at least once. */
  remaining(world: World, layout: Layout, plan: QueuePlan, see: (m: MessageId) => void): void;
}

/** What a queue process may use of the node that it lives on. */
export interface QueueHost {
  readonly out: Out;
  readonly node: BrokerIndex;
  readonly layout: Layout;
  /** How often this node has started, from 1: keeps causal names of its lives apart. */
  readonly boot: number;
  /** Plan of a queue with the policies in force. */
  plan(queue: QueueIndex): QueuePlan;
  /** Can that node be reached, as far as this one knows? */
  isUp(node: BrokerIndex): boolean;
  /** To the process of the same queue on another node. `nr #attempt` names it causally. */
  send(to: BrokerIndex, message: QueueMessage, nr: number, attempt?: number): void;
  /** Calls `onTimer(code, data)` of this queue; codes are 0 to 15. */
  timer(queue: QueueIndex, after: Micros, code: number, data?: unknown): Handle;
  /** Makes a file of the node's disk durable, then calls `onTimer(code, data)` of this queue. */
  sync(queue: QueueIndex, file: string, code: number, data?: unknown): void;
  /**
   * Dead-letters a message at most once: publishes it to the queue's exchange without confirms (or
   * drops it when there is none), and states what became of it. The caller removes its copy.
   */
  deadLetter(plan: QueuePlan, content: Content, reason: Reason): void;
  /**
   * The same with a publisher that hears of each target: at-least-once dead-lettering. `seq` comes
   * back in its calls. Returns how many queues it was routed to.
   */
  deadLetterTo(
    plan: QueuePlan,
    content: Content,
    reason: Reason,
    publisher: Publisher,
    seq: number,
  ): number;
  /** The queue is gone for good: forget it and its bindings, on all nodes. */
  forget(queue: QueueIndex): void;
}

/** Whoever publishes to queues: a channel, or a queue that dead-letters. */
export interface Publisher {
  /** Unique in the run. A new channel is a new publisher. */
  readonly id: number;
  readonly node: BrokerIndex;
  confirmed(queue: QueueIndex, seq: number): void;
  rejected(queue: QueueIndex, seq: number): void;
  /** Credit flow: the publisher sends no more to this queue until `unblock`. */
  block(queue: QueueIndex): void;
  unblock(queue: QueueIndex): void;
}

/** The channel as a queue sees it. */
export interface ChannelEnd extends Publisher {
  /** Does the prefetch of the whole channel (`global`) allow one more? */
  readonly hasRoom: boolean;
  /** That prefetch; 0: unlimited. */
  readonly globalPrefetch: number;
  /** basic.deliver; unsettled until `settle`, unless the consumer acknowledges nothing. */
  deliver(consumer: Consumer, queue: QueueIndex, delivery: QueueDelivery): void;
  /** The queue ends a consumer: basic.cancel to the client. */
  cancelled(consumer: Consumer, why: string): void;
}

/** One basic.consume. */
export interface Consumer {
  /** Unique within its channel. */
  readonly tag: number;
  readonly channel: ChannelEnd;
  readonly noAck: boolean;
  /** 0: unlimited. */
  readonly prefetch: number;
  readonly exclusive: boolean;
  /** `x-priority`. */
  readonly priority: number;
  readonly args: Arguments;
}

/** A message on its way to a consumer. */
export interface QueueDelivery {
  /** The queue's own reference for settling it: a sequence id, an index of its log. */
  readonly handle: number;
  readonly content: Content;
  readonly redelivered: boolean;
  /** Where it stands in the queue's stream of the ledger: as in its fact `stored`. */
  readonly position: number;
  /** Which delivery of this copy it is, from 1, over all lives of the queue: names what follows. */
  readonly count: number;
}

/** A delivery that its channel has not settled. */
export interface Unsettled {
  readonly queue: QueueIndex;
  readonly handle: number;
  /** Undefined for basic.get. */
  readonly consumer: Consumer | undefined;
}

/** basic.ack; nack or reject with requeue; the same without. */
export type Settlement = 'ack' | 'requeue' | 'discard' | 'reject-requeue';

/** The real server's refusal: closes the channel. */
export interface Refusal {
  readonly code: number;
  /** "ACCESS_REFUSED" and so on. */
  readonly name: string;
  readonly says: string;
}

/** Place of a broker node among the brokers, from 0. */
export type BrokerIndex = number;
