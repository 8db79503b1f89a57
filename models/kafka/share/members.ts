import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import { type Broker, Timer } from '../broker/state.ts';
import type { ErrorName, PartitionIndex, ShareGroupHeartbeatRequest } from '../protocol.ts';
import type { ShareGroup, ShareMember } from './state.ts';

/**
 * The group coordinator of share groups: who is a member, and which partitions each reads. Source:
 * `ShareGroup`, `SimpleAssignor`, KIP-932. Kept in memory: after a change of the coordinator the
 * members are unknown, and join again.
 */
export function onShareHeartbeat(
  broker: Broker,
  from: NodeId,
  request: ShareGroupHeartbeatRequest,
): void {
  const { correlation } = request;
  const plan = broker.layout.shareGroups.get(request.group);
  const answer = (error: ErrorName, epoch = -1, partitions: readonly PartitionIndex[] = []) => {
    if (error !== 'NONE') broker.out.ignored(request.type, error);
    broker.out.send(
      from,
      {
        type: 'ShareGroupHeartbeatResponse',
        correlation,
        error,
        memberEpoch: epoch,
        interval: plan?.heartbeat ?? 0,
        partitions,
      } as never,
      broker.words.correlation,
      correlation,
    );
  };
  const group = groupOf(broker, request.group);
  if (group === undefined || plan === undefined) return answer('NOT_COORDINATOR');
  const { member: id, memberEpoch, topic } = request;
  const known = group.members.get(id);
  if (memberEpoch < 0) {
    if (known !== undefined) remove(broker, group, known, 'leaves');
    return answer('NONE');
  }
  if (memberEpoch > 0 && known === undefined) return answer('UNKNOWN_MEMBER_ID');
  if (known === undefined && group.members.size >= plan.maxSize) {
    return answer('GROUP_MAX_SIZE_REACHED');
  }
  const member = known ?? { id, topic, epoch: 0, timer: NO_HANDLE };
  if (known === undefined) {
    group.members.set(id, member);
    changed(broker, group, `${id} joins`);
  }
  broker.out.cancel(member.timer);
  member.timer = broker.out.timer(plan.session, Timer.shareSession, { group, member });
  member.epoch = group.epoch;
  answer('NONE', member.epoch, assigned(broker, group, member));
}

function groupOf(broker: Broker, name: string): ShareGroup | undefined {
  const { groups } = broker.shares;
  const replica = broker.replicas[broker.layout.groupPartitions.get(name) ?? -1];
  const known = groups.get(name);
  if (known !== undefined && known.leaderEpoch === replica?.leaderEpoch) return known;
  for (const { timer } of known?.members.values() ?? []) broker.out.cancel(timer);
  groups.delete(name);
  if (replica?.role.is !== 'leader') return undefined;
  const { leaderEpoch } = replica;
  const fresh: ShareGroup = { name, replica, leaderEpoch, members: new Map(), epoch: 0 };
  groups.set(name, fresh);
  return fresh;
}

function remove(broker: Broker, group: ShareGroup, member: ShareMember, why: string): void {
  broker.out.cancel(member.timer);
  group.members.delete(member.id);
  changed(broker, group, `${member.id} ${why}`);
}

function changed(broker: Broker, group: ShareGroup, why: string): void {
  const from = `${group.members.size} members, epoch ${group.epoch}`;
  group.epoch++;
  broker.out.became(`share group ${group.name}`, from, `epoch ${group.epoch}`, why);
}

/** `group.share.session.timeout.ms` without a heartbeat. Its locks run out by themselves. */
export function onShareSessionExpired(
  broker: Broker,
  { group, member }: { group: ShareGroup; member: ShareMember },
): void {
  if (broker.shares.groups.get(group.name) !== group) return;
  if (group.members.get(member.id) === member) remove(broker, group, member, 'is silent');
}

/**
 * Every member has a partition and every partition a member: the longer list goes once around the
 * shorter one.
 */
function assigned(broker: Broker, group: ShareGroup, member: ShareMember): PartitionIndex[] {
  const partitions = broker.layout.topics.get(member.topic)?.partitions ?? [];
  const members = [...group.members.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const own = members.indexOf(member.id);
  const rounds = Math.max(partitions.length, members.length);
  const given = new Set<PartitionIndex>();
  for (let i = 0; i < rounds && partitions.length > 0; i++) {
    if (i % members.length === own) given.add(partitions[i % partitions.length]);
  }
  return [...given];
}
