import type { World } from '../../../sim/kernel/world.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import type { Broker } from '../broker/broker.ts';
import type { Layout, QueuePlan } from '../layout.ts';
import type { BrokerIndex, QueueType } from '../queue.ts';
import { fifoConfig, fifoRules, membersOf, patienceOf } from './config.ts';
import { SILENT } from './effects.ts';
import { Fifo } from './fifo.ts';
import { fileOf } from './member.ts';
import { QuorumQueue } from './queue.ts';
import type { Logged } from './protocol.ts';
import { RaftLog } from './raft-log.ts';

/** Quorum queues: a Raft group over several nodes. */
export const quorum: QueueType = {
  name: 'quorum',
  open: (host, plan) => new QuorumQueue(host, plan),
  patience: patienceOf,
  remaining,
};

/** What the member has that has applied most; of one that is down, what its disk says. */
function remaining(
  world: World,
  layout: Layout,
  plan: QueuePlan,
  see: (message: MessageId) => void,
): void {
  let best: { readonly applied: number; readonly fifo: () => Fifo } | undefined;
  for (const node of membersOf(plan.node, layout.server.nodes, plan.limits)) {
    const found = memberAt(world, layout, plan, node);
    if (found !== undefined && (best === undefined || found.applied > best.applied)) best = found;
  }
  best?.fifo().visit(see);
}

function memberAt(world: World, layout: Layout, plan: QueuePlan, node: BrokerIndex) {
  const id = layout.brokers[node];
  if (world.isUp(id)) {
    const queue = (world.stateOf(id) as Broker).queues[plan.index];
    const member = queue instanceof QuorumQueue ? queue.member : undefined;
    return member && { applied: member.raft.applied, fifo: () => member.fifo };
  }
  const log = new RaftLog<Logged, Fifo>(world.diskOf(id), fileOf(plan));
  const fifo = (): Fifo => replay(log, plan, layout.rules.version);
  return { applied: log.applied, fifo };
}

function replay(log: RaftLog<Logged, Fifo>, plan: QueuePlan, version: string): Fifo {
  const { snapshot } = log;
  const fifo =
    snapshot?.state.copy(SILENT) ??
    new Fifo(fifoRules(version), fifoConfig(plan.limits, version), SILENT);
  for (let index = log.firstIndex; index <= log.applied; index++) {
    const { command, time } = log.get(index);
    fifo.apply(command.command, time);
  }
  return fifo;
}
