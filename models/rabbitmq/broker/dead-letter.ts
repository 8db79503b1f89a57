import { Fact } from '../../../sim/kernel/entry.ts';
import type { QueuePlan } from '../layout.ts';
import type { Content, Death, QueueIndex, Reason } from '../protocol.ts';
import type { Publisher } from '../queue.ts';
import type { Broker } from './broker.ts';

/**
 * Publishes to the dead-letter exchange without waiting for anything (`at-most-once`). Where no
 * queue takes it the message is gone, and an observer notes why.
 */
export function deadLetter(
  broker: Broker,
  plan: QueuePlan,
  content: Content,
  reason: Reason,
): void {
  const watch = new Watch(broker, plan, content, reason);
  if (plan.limits.deadLetterExchange === undefined) return watch.gone(reason);
  const targets = route(broker, plan, content, reason);
  if (typeof targets === 'string') return watch.gone(targets);
  for (const queue of targets.queues) {
    broker.queues[queue]?.publish(targets.content, watch, 1);
  }
}

/** The same, for a queue that waits for its targets. */
export function deadLetterTo(
  broker: Broker,
  plan: QueuePlan,
  content: Content,
  reason: Reason,
  publisher: Publisher,
  seq: number,
): number {
  const targets = route(broker, plan, content, reason);
  if (typeof targets === 'string') return 0;
  for (const queue of targets.queues) {
    broker.queues[queue]?.publish(targets.content, publisher, seq);
  }
  return targets.queues.length;
}

/** Where it goes and as what, or why it goes nowhere. */
function route(
  broker: Broker,
  plan: QueuePlan,
  content: Content,
  reason: Reason,
): { readonly queues: readonly QueueIndex[]; readonly content: Content } | string {
  const { metadata } = broker.layout;
  const { deadLetterExchange = '', deadLetterRoutingKey } = plan.limits;
  if (deadLetterExchange !== '' && !metadata.exchanges.has(deadLetterExchange)) {
    return `${reason}; its dead-letter exchange does not exist`;
  }
  const routingKey = deadLetterRoutingKey ?? content.routingKey;
  const deaths = withDeath(plan, content, reason, broker.out.clock);
  const dead: Content = {
    ...content,
    exchange: deadLetterExchange,
    routingKey,
    expiration: -1,
    deaths,
  };
  const found = metadata
    .route(deadLetterExchange, routingKey, content.headers)
    .filter((queue) => broker.queues[queue]?.isAvailable === true);
  if (found.length === 0) return `${reason}; its dead-letter exchange routes it nowhere`;
  const queues = found.filter((queue) => !isCycle(broker.layout.queues[queue].name, deaths));
  if (queues.length === 0) return `${reason}; a dead-letter cycle`;
  return { queues, content: dead };
}

/** The history with this event in front: one entry for each queue and reason, counted. */
export function withDeath(
  { name }: QueuePlan,
  { deaths, exchange, routingKey, expiration }: Content,
  reason: Reason,
  time: number,
): readonly Death[] {
  const known = deaths.find((death) => death.queue === name && death.reason === reason);
  const latest: Death =
    known === undefined
      ? {
          queue: name,
          reason,
          count: 1,
          exchange,
          routingKeys: [routingKey],
          time,
          originalExpiration: expiration,
        }
      : { ...known, count: known.count + 1 };
  return [latest, ...deaths.filter((death) => death !== known)];
}

/**
 * Would a message come again to a queue that it has died in, and nobody has rejected it since? Only
 * then is it dropped: a loop with a consumer in it may go on.
 */
export function isCycle(queue: string, deaths: readonly Death[]): boolean {
  const place = deaths.findIndex((death) => death.queue === queue);
  return place >= 0 && deaths.slice(0, place + 1).every(({ reason }) => reason !== 'rejected');
}

/** Notes what becomes of a dead-lettered message; the broker itself does not wait for it. */
class Watch implements Publisher {
  readonly id = -1;
  readonly node: number;
  readonly #broker: Broker;
  readonly #plan: QueuePlan;
  readonly #content: Content;
  readonly #reason: Reason;
  #isKept = false;

  constructor(broker: Broker, plan: QueuePlan, content: Content, reason: Reason) {
    this.#broker = broker;
    this.#plan = plan;
    this.#content = content;
    this.#reason = reason;
    this.node = broker.node;
  }

  confirmed(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    const { out } = this.#broker;
    const why = out.names.id(this.#reason);
    for (const subscription of this.#plan.subscriptions) {
      out.fact(Fact.deadLettered, this.#content.message, subscription, why);
    }
  }

  rejected(queue: QueueIndex): void {
    const { name } = this.#broker.layout.queues[queue];
    if (!this.#isKept) this.gone(`${this.#reason}; dead-letter queue "${name}" refused it`);
  }

  gone(why: string): void {
    const { out } = this.#broker;
    out.fact(Fact.dropped, this.#content.message, this.#plan.stream, out.names.id(why));
  }

  block(): void {}
  unblock(): void {}
}
