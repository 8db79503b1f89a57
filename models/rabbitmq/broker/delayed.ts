import { Fact } from '../../../sim/kernel/entry.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import type { World } from '../../../sim/kernel/world.ts';
import type { Layout } from '../layout.ts';
import type { Content, QueueIndex } from '../protocol.ts';
import type { Broker } from './broker.ts';
import { Timer } from './timers.ts';

/** A message of an `x-delayed-message` exchange that waits. */
export interface Delayed {
  readonly due: number;
  readonly content: Content;
}

const FILE = 'delayed';

/**
 * Delayed messages (the plugin): kept on the one node that took them, and published once, when
 * they are due, along the bindings that are there then. Where none are they are dropped in silence.
 */
export class DelayedMessages {
  readonly #broker: Broker;
  readonly #waiting = new Set<Delayed>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  start(): void {
    const { out } = this.#broker;
    for (const delayed of out.disk.read<readonly Delayed[]>(FILE) ?? []) this.#wait(delayed);
  }

  /** Takes a message with the header `x-delay`; false: it has none, and is routed at once. */
  take(content: Content): boolean {
    const delay = content.headers.get('x-delay');
    if (typeof delay !== 'number' || delay <= 0) return false;
    this.#wait({ due: this.#broker.out.clock + delay * 1000, content });
    this.#save();
    return true;
  }

  #wait(delayed: Delayed): void {
    const { out } = this.#broker;
    this.#waiting.add(delayed);
    out.timer(Math.max(0, delayed.due - out.clock), Timer.delayed, delayed);
  }

  #save(): void {
    const { disk } = this.#broker.out;
    disk.write(FILE, [...this.#waiting]);
    disk.harden(FILE, Infinity);
  }

  onTimer(delayed: Delayed): void {
    const { out, layout, queues } = this.#broker;
    this.#waiting.delete(delayed);
    this.#save();
    const { content } = delayed;
    const targets = layout.metadata.route(content.exchange, content.routingKey, content.headers);
    if (targets.length === 0) out.count(out.names.id('unroutable messages'));
    out.count(out.names.id('delayed messages published'));
    for (const queue of targets) {
      out.fact(Fact.routed, content.message, layout.queues[queue].stream);
      queues[queue]?.publish(content, undefined, 0);
    }
  }
}

/** Delayed messages of all nodes, also those that are down, that would go to a queue as it is. */
export function visitDelayed(
  world: World,
  { brokers, metadata }: Layout,
  queue: QueueIndex,
  see: (message: MessageId) => void,
): void {
  for (const broker of brokers) {
    for (const { content } of world.diskOf(broker).read<readonly Delayed[]>(FILE) ?? []) {
      const { exchange, routingKey, headers, message } = content;
      if (metadata.route(exchange, routingKey, headers).includes(queue)) see(message);
    }
  }
}
