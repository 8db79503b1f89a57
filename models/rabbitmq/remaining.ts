import type { MessageId } from '../../sim/kernel/node.ts';
import type { World } from '../../sim/kernel/world.ts';
import { visitDelayed } from './broker/delayed.ts';
import type { Layout, QueuePlan } from './layout.ts';
import { NO_ARGUMENTS, type QueueIndex } from './protocol.ts';
import { QUEUE_TYPES } from './queue-types.ts';

/**
 * What a subscription can yet be given: what its queue has, what is delayed on its way there, and
 * what waits elsewhere for its time and is then dead-lettered to it. `expires`: do messages carry a
 * TTL of their own?
 */
export function remaining(
  world: World,
  layout: Layout,
  subscription: number,
  expires: boolean,
  see: (message: MessageId) => void,
): void {
  for (const { index, subscriptions } of layout.queues) {
    if (!leadsTo(layout, index, subscription, expires, new Set())) continue;
    const plan = layout.metadata.plan(index);
    QUEUE_TYPES[plan.type].remaining(world, layout, plan, see);
    if (subscriptions.includes(subscription)) visitDelayed(world, layout, index, see);
  }
}

function leadsTo(
  layout: Layout,
  queue: QueueIndex,
  subscription: number,
  expires: boolean,
  visited: Set<QueueIndex>,
): boolean {
  const plan = layout.metadata.plan(queue);
  if (plan.subscriptions.includes(subscription)) return true;
  if (visited.has(queue) || (plan.limits.messageTtl < 0 && !expires)) return false;
  visited.add(queue);
  const next = nextOf(layout, plan);
  return next.some((other) => leadsTo(layout, other, subscription, expires, visited));
}

/** Where its dead letters go, as far as that is known without the message. */
function nextOf({ metadata }: Layout, { limits, name }: QueuePlan): readonly QueueIndex[] {
  const { deadLetterExchange, deadLetterRoutingKey } = limits;
  if (deadLetterExchange === undefined) return [];
  return metadata.route(deadLetterExchange, deadLetterRoutingKey ?? name, NO_ARGUMENTS);
}
