import type { DiskLog } from '../../sim/kernel/disk.ts';
import type { World } from '../../sim/kernel/world.ts';
import { positionOf } from '../parts/database.ts';
import type { ConsumerPlan, Deployment, Ground } from '../parts/system.ts';
import type { GroupRecord } from './broker/group-record.ts';
import type { Broker } from './broker/state.ts';
import type { Image } from './image.ts';
import type { Layout, PartitionPlan } from './layout.ts';
import { type Batch, offsetAt, type ShareImage } from './protocol.ts';
import type { Checkpoint } from './flink/protocol.ts';
import { isShare } from './share/plan.ts';
import { keyOf } from './share/state.ts';

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
  const committedOnly = plan.config.text('isolation.level') === 'read_committed';
  for (const index of topic.partitions) {
    const partition = layout.partitions[index];
    const log = survivingLog(world, layout, partition);
    if (isShare(plan)) {
      sharedRemaining(world, layout, plan, partition, log, visit);
      continue;
    }
    const from = positionIn(world, layout, plan, ground, partition);
    const start = from >= 0 || startsAtEnd(plan) ? from : 0;
    // Without an offset such a group begins at the end: there is nothing that it can still be
    // given.
    if (start < 0) continue;
    const skips = committedOnly ? abortedIn(log) : NONE;
    for (let i = log.end - 1; i >= log.base; i--) {
      const batch = log.get(i);
      if (batch.baseOffset + batch.count <= start) break;
      if (skips.has(batch)) continue;
      batch.messages.forEach((message, j) => {
        if (offsetAt(batch, j) >= start) visit(message);
      });
    }
  }
}

const NONE: ReadonlySet<Batch> = new Set();

/** Batches of aborted transactions: no reader of committed data is ever given them. */
function abortedIn(log: DiskLog<Batch>): ReadonlySet<Batch> {
  const aborted = new Set<Batch>();
  const open = new Map<number, Batch[]>();
  for (let i = log.base; i < log.end; i++) {
    const batch = log.get(i);
    if (!batch.transactional) continue;
    const { producerId, marker } = batch;
    const batches = open.get(producerId) ?? [];
    open.set(producerId, batches);
    if (marker === undefined) batches.push(batch);
    else {
      if (!marker.commit) for (const each of batches) aborted.add(each);
      open.delete(producerId);
    }
  }
  return aborted;
}

/** What a share group can still be given: from its start offset on, except what is done with. */
function sharedRemaining(
  world: World,
  layout: Layout,
  { name }: ConsumerPlan,
  { index }: PartitionPlan,
  log: DiskLog<Batch>,
  visit: (message: number) => void,
): void {
  const place = layout.sharePartitions.get(keyOf(name, index));
  if (place === undefined) return;
  const states: ShareImage =
    lastOf(survivingLog(world, layout, layout.partitions[place]))?.share ?? [];
  const state = states.find((s) => s.group === name && s.partition === index);
  if (state === undefined && layout.shareGroups.get(name)?.isOld !== true) return;
  const start = state?.start ?? 0;
  const done = new Set<number>();
  for (const { offset, state: is } of state?.records ?? []) {
    if (is === 'ACKNOWLEDGED' || is === 'ARCHIVED') done.add(offset);
  }
  for (let i = log.end - 1; i >= log.base; i--) {
    const batch = log.get(i);
    batch.messages.forEach((message, j) => {
      const offset = offsetAt(batch, j);
      if (offset >= start && !done.has(offset)) visit(message);
    });
  }
}

function startsAtEnd(plan: ConsumerPlan): boolean {
  return plan.config.text('auto.offset.reset') === 'latest';
}

/** The log of a leader that is up, else of the replica on disk that would lead. */
function survivingLog(world: World, layout: Layout, plan: PartitionPlan): DiskLog<Batch> {
  let epoch = -1;
  let leader = -1;
  for (const index of plan.hosts) {
    const node = layout.brokers[index];
    const broker = world.isUp(node) ? (world.stateOf(node) as Broker) : undefined;
    const replica = broker?.replicas[plan.index];
    if (replica === undefined || replica.role.is !== 'leader') continue;
    if (replica.leaderEpoch <= epoch) continue;
    epoch = replica.leaderEpoch;
    leader = index;
  }
  const logOf = (index: number) => world.diskOf(layout.brokers[index]).log<Batch>(plan.name);
  if (leader >= 0) return logOf(leader);
  const image = world.diskOf(layout.controller).read<Image>('metadata');
  const state = image?.partitions[plan.index];
  const replicas = state === undefined || state.leaderEpoch < 0 ? plan.replicas : state.replicas;
  const clean = [state?.isr ?? replicas, state?.elr ?? [], [state?.lastLeader ?? -1]];
  const isr = clean.find((some) => some.some((b) => replicas.includes(b))) ?? replicas;
  const logs = replicas.filter((index) => isr.includes(index)).map(logOf);
  return logs.reduce((longest, log) => (endOf(log) > endOf(longest) ? log : longest));
}

function endOf(log: DiskLog<Batch>): number {
  const last = lastOf(log);
  return last === undefined ? 0 : last.baseOffset + last.count;
}

function lastOf(log: DiskLog<Batch>): Batch | undefined {
  return log.end > log.base ? log.get(log.end - 1) : undefined;
}

/** Where the group would go on reading, or -1. */
function positionIn(
  world: World,
  layout: Layout,
  consumer: ConsumerPlan,
  ground: Ground,
  { index, stream }: PartitionPlan,
): number {
  const job = layout.jobs.get(consumer.name);
  if (job !== undefined) {
    const { tasks = [] } = world.diskOf(job).read<Checkpoint>('checkpoint') ?? {};
    const found = tasks.flatMap(({ source }) => source).find(([partition]) => partition === index);
    return found?.[1] ?? 0;
  }
  if (consumer.handling.acknowledge === 'with-effect') {
    const row = positionOf(world.diskOf(ground.database()), consumer.subscription, stream);
    if (row >= 0) return row;
  }
  const offsets = layout.groupPartitions.get(consumer.name);
  if (offsets === undefined) return -1;
  const log = survivingLog(world, layout, layout.partitions[offsets]);
  const records: readonly GroupRecord[] = lastOf(log)?.groups ?? [];
  return records.find((record) => record.name === consumer.name)?.offsets[index] ?? -1;
}
