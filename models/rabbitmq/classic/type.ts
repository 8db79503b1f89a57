import type { MessageId } from '../../../sim/kernel/node.ts';
import type { World } from '../../../sim/kernel/world.ts';
import type { Broker } from '../broker/broker.ts';
import type { Layout, QueuePlan } from '../layout.ts';
import type { QueueHost, QueueType } from '../queue.ts';
import { AwayQueue } from './away.ts';
import { ClassicQueue } from './queue.ts';
import { fileOf, type Line } from './store.ts';

/** Classic queues: one home node, no copies. */
export const classic: QueueType = {
  name: 'classic',
  open(host: QueueHost, plan: QueuePlan, why) {
    if (host.node !== plan.node) return new AwayQueue(host, plan);
    const queue = new ClassicQueue(host, plan);
    if (why === 'booted') queue.recover();
    return queue;
  },
  remaining,
};

/** What its home has, or, while that is down, what its disk has. */
function remaining(
  world: World,
  layout: Layout,
  { index, node, name }: QueuePlan,
  see: (message: MessageId) => void,
): void {
  const home = layout.brokers[node];
  if (world.isUp(home)) {
    (world.stateOf(home) as Broker).queues[index]?.visit(see);
    return;
  }
  const log = world.diskOf(home).log<Line>(fileOf(name));
  const done = new Set<number>();
  for (let i = log.end - 1; i >= log.base; i--) {
    const line = log.get(i);
    if (line.is === 'ack') done.add(line.seqId);
    else if (!done.has(line.seqId)) see(line.content.message);
  }
}
