import type { ConsumerPlan, Deployment } from '../parts/system.ts';
import { groupBatch, newGroup, type GroupRecord } from './broker/group-record.ts';
import type { PartitionPlan, TopicPlan } from './layout.ts';
import { type Batch, type PartitionIndex, stamp } from './protocol.ts';

/**
 * A scenario begins with a cluster that has been up for a while, and so have its groups: one that
 * has an instance running from the beginning has read its topics to their end, offset 0. A group
 * all of whose instances start later is new, has no offsets, and begins where `auto.offset.reset`
 * says. `offsets: committed` or `none` in the scenario says it outright.
 */
export function seedGroups(
  deployment: Deployment,
  partitions: readonly PartitionPlan[],
  topics: ReadonlyMap<string, TopicPlan>,
  groupPartitions: ReadonlyMap<string, PartitionIndex>,
): ReadonlyMap<PartitionIndex, Batch> {
  const records = new Map<PartitionIndex, GroupRecord[]>();
  for (const consumer of deployment.consumers) {
    const partition = groupPartitions.get(consumer.name);
    if (partition === undefined || !isOld(consumer)) continue;
    const group = newGroup(consumer.name, partitions.length);
    const read = topics.get(consumer.from)?.partitions ?? [];
    const offsets = group.offsets.map((none, p) =>
      read.includes(p) && partitions[p].initial ? 0 : none,
    );
    const list = records.get(partition) ?? [];
    records.set(partition, list);
    list.push({ ...group, offsets });
  }
  return new Map(
    [...records].map(([partition, list]) => [partition, stamp(groupBatch(list, 0), 0, 0, -1)]),
  );
}

/** Has the group read before the run begins? A scenario may say so with `offsets:`. */
export function isOld({
  instances,
  offsets,
  startsAt,
}: Pick<ConsumerPlan, 'instances' | 'offsets' | 'startsAt'>): boolean {
  if (offsets !== undefined) return offsets === 'committed';
  for (let i = 0; i < instances; i++) if ((startsAt[i] ?? 0) === 0) return true;
  return false;
}
