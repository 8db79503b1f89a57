import type { MessageId } from '../../../sim/kernel/node.ts';
import type { World } from '../../../sim/kernel/world.ts';
import type { Broker } from '../broker/broker.ts';
import type { Layout, QueuePlan } from '../layout.ts';
import type { QueueType } from '../queue.ts';
import { RaftLog } from '../quorum/raft-log.ts';
import { StreamLog } from './log.ts';
import { fileOf, retentionOf } from './member.ts';
import type { Append } from './protocol.ts';
import { StreamQueue } from './queue.ts';

/** Streams: a log with a replica on each node. */
export const stream: QueueType = {
  name: 'stream',
  open: (host, plan) => new StreamQueue(host, plan),
  remaining,
};

/** What the most advanced replica has and no consumer has been given; without consumers, all. */
function remaining(
  world: World,
  layout: Layout,
  plan: QueuePlan,
  see: (message: MessageId) => void,
): void {
  let best: StreamLog | undefined;
  let lowest = Infinity;
  for (const id of layout.brokers) {
    const queue = world.isUp(id) ? (world.stateOf(id) as Broker).queues[plan.index] : undefined;
    const here = queue instanceof StreamQueue ? queue : undefined;
    const log = here?.member.log ?? onDisk(world, id, plan);
    lowest = Math.min(lowest, here?.lowest ?? Infinity);
    if (best === undefined || log.end > best.end) best = log;
  }
  if (best === undefined) return;
  const from = lowest === Infinity ? best.base : Math.max(best.base, lowest);
  for (let offset = from; offset < best.end; offset++) see(best.at(offset).content.message);
}

function onDisk(world: World, id: number, plan: QueuePlan): StreamLog {
  const log = new RaftLog<Append, StreamLog>(world.diskOf(id), fileOf(plan), false);
  const found = log.snapshot?.state.copy() ?? new StreamLog(retentionOf(plan));
  for (let index = log.firstIndex; index <= Math.min(log.applied, log.lastIndex); index++) {
    const { command, time } = log.get(index);
    if (command.content !== undefined) found.append(command.content, time);
  }
  return found;
}
