import type { World } from '../../sim/kernel/world.ts';
import { positionOf } from '../parts/database.ts';
import type { ConsumerPlan, Deployment, Ground } from '../parts/system.ts';
import type { GroupRecord } from './broker/group-record.ts';
import type { Broker } from './broker/state.ts';
import type { Image } from './image.ts';
import type { Layout, PartitionPlan } from './layout.ts';
import { ReplicaLog } from './log.ts';

/** Visits what a group can still be given: the surviving logs from its position on. */
export function remaining(
  world: World,
  layout: Layout,
  deployment: Deployment,
  ground: Ground,
  subscription: number,
  visit: (message: number) => void,
): void {
  const plan = deployment.consumers.find((consumer) => consumer.subscription === subscription);
  const topic = layout.topics.get(plan?.from ?? '');
  if (plan === undefined || topic === undefined) return;
  for (const index of topic.partitions) {
    const partition = layout.partitions[index];
    const log = survivingLog(world, layout, partition);
    const from = positionIn(world, layout, plan, ground, partition);
    const start = from >= 0 ? from : startOf(plan, log);
    for (const { baseOffset, messages } of log.from(start)) {
      messages.forEach((message, i) => {
        if (baseOffset + i >= start) visit(message);
      });
    }
  }
}

/** A group without a position would begin where `auto.offset.reset` says. */
function startOf(plan: ConsumerPlan, log: ReplicaLog): number {
  return plan.config.text('auto.offset.reset') === 'earliest' ? log.start : log.end;
}

/** The log of a leader that is up, else of the replica on disk that would lead. */
function survivingLog(world: World, layout: Layout, plan: PartitionPlan): ReplicaLog {
  let best: ReplicaLog | undefined;
  let epoch = -1;
  for (const index of plan.replicas) {
    const node = layout.brokers[index];
    const broker = world.isUp(node) ? (world.stateOf(node) as Broker) : undefined;
    const replica = broker?.replicas[plan.index];
    if (replica === undefined || replica.role.is !== 'leader') continue;
    if (replica.leaderEpoch <= epoch) continue;
    epoch = replica.leaderEpoch;
    best = replica.log;
  }
  if (best !== undefined) return best;
  const image = world.diskOf(layout.controller).read<Image>('metadata');
  const isr = image?.partitions[plan.index].isr ?? plan.replicas;
  const logs = plan.replicas
    .filter((index) => isr.includes(index))
    .map((i) => new ReplicaLog(plan.name, world.diskOf(layout.brokers[i]), plan.config));
  return logs.reduce((longest, log) => (log.end > longest.end ? log : longest));
}

/** Where the group would go on reading, or -1. */
function positionIn(
  world: World,
  layout: Layout,
  consumer: ConsumerPlan,
  ground: Ground,
  { index, stream }: PartitionPlan,
): number {
  if (consumer.handling.acknowledge === 'with-effect') {
    const row = positionOf(world.diskOf(ground.database()), consumer.subscription, stream);
    if (row >= 0) return row;
  }
  const offsets = layout.groupPartitions.get(consumer.name);
  if (offsets === undefined) return -1;
  const log = survivingLog(world, layout, layout.partitions[offsets]);
  const records: readonly GroupRecord[] = log.last()?.groups ?? [];
  return records.find((record) => record.name === consumer.name)?.offsets[index] ?? -1;
}
