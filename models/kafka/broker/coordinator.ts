import { Fact } from '../../../sim/kernel/entry.ts';
import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Committed, ErrorName, GroupRequest, OffsetCommitRequest } from '../protocol.ts';
import { refuse, respond, write } from './group-log.ts';
import { afterLoad, newGroup, withOffsets } from './group-record.ts';
import { type Group, hasPending, type Shard } from './group.ts';
import { onJoin } from './joins.ts';
import {
  dropModern,
  judgeModernCommit,
  loadModern,
  onGroupHeartbeat,
} from './modern-coordinator.ts';
import { strangerTo } from './static-members.ts';
import { onAssigned, onHeartbeat, onLeave, onSync, touch, watchSession } from './rebalance.ts';
import type { Broker, Correlation, GroupWrite, Replica } from './state.ts';

/**
 * The group coordinator: the leader of a group's partition of `__consumer_offsets`. What it must
 * not forget is in that log; a new leader reads it from there. Source: `GroupMetadataManager`, 3.9.
 */

/**
 * After a change of metadata: loads the groups of partitions led anew, drops those that are lost.
 */
export function syncShards(broker: Broker): void {
  for (const replica of broker.own) {
    const { index, topic } = replica.plan;
    if (topic !== '__consumer_offsets') continue;
    const shard = broker.shards[index];
    const leads = replica.role.is === 'leader';
    if (shard !== undefined && leads && shard.epoch === replica.leaderEpoch) continue;
    if (shard !== undefined) drop(broker, shard);
    broker.shards[index] = leads ? load(broker, replica) : undefined;
  }
}

function load(broker: Broker, replica: Replica): Shard {
  const shard: Shard = { replica, epoch: replica.leaderEpoch, groups: new Map() };
  for (const record of replica.log.last()?.groups ?? []) {
    const group = groupOf(broker, shard, record.name);
    group.generation = record.generation;
    group.protocol = record.protocol;
    group.leader = record.leader;
    group.memberIds = record.memberIds;
    group.committed = [...record.offsets];
    group.record = afterLoad(record);
    // A commit may have been replicated although its answer was not "done".
    stateCommitted(broker, group);
    if (record.members.length > 0) group.phase = { is: 'Stable' };
    for (const known of record.members) {
      const member = {
        ...known,
        toldOf: record.generation,
        joining: undefined,
        syncing: undefined,
        heard: broker.out.clock,
        timer: NO_HANDLE,
      };
      group.members.set(known.id, member);
      watchSession(broker, shard, group, member);
    }
    if (record.modern !== undefined) loadModern(broker, shard, group, record.modern);
  }
  return shard;
}

function stateCommitted(broker: Broker, { committed, subscription }: Group): void {
  committed.forEach((offset, partition) => {
    const { stream } = broker.layout.partitions[partition];
    if (offset > 0) broker.out.fact(Fact.settledTo, subscription, stream, offset);
  });
}

function drop(broker: Broker, shard: Shard): void {
  const { out } = broker;
  for (const group of shard.groups.values()) {
    out.cancel(group.barrier);
    for (const timer of group.pending.values()) out.cancel(timer);
    if (group.modern !== undefined) dropModern(broker, group.modern);
    for (const member of group.members.values()) {
      out.cancel(member.timer);
      const { joining, syncing } = member;
      if (joining !== undefined) refuse(broker, joining, 'JoinGroupResponse', 'NOT_COORDINATOR');
      if (syncing !== undefined) refuse(broker, syncing, 'SyncGroupResponse', 'NOT_COORDINATOR');
    }
  }
}

export function groupOf(broker: Broker, shard: Shard, name: string): Group {
  let group = shard.groups.get(name);
  if (group !== undefined) return group;
  const record = newGroup(name, broker.layout.partitions.length);
  group = {
    name,
    subscription: broker.layout.subscriptions.get(name) ?? -1,
    phase: { is: 'Empty' },
    generation: 0,
    protocol: '',
    leader: '',
    members: new Map(),
    pending: new Map(),
    newcomer: false,
    memberIds: 0,
    committed: [...record.offsets],
    record,
    barrier: NO_HANDLE,
  };
  shard.groups.set(name, group);
  return group;
}

export function onGroupRequest(broker: Broker, from: NodeId, request: GroupRequest): void {
  const to = { from, correlation: request.correlation };
  const partition = broker.layout.groupPartitions.get(request.group) ?? -1;
  if (request.type === 'FindCoordinatorRequest') {
    const coordinator = broker.image.partitions[partition]?.leader ?? -1;
    const error: ErrorName = coordinator < 0 ? 'COORDINATOR_NOT_AVAILABLE' : 'NONE';
    return respond(broker, to, { type: 'FindCoordinatorResponse', error, coordinator } as never);
  }
  const shard = broker.shards[partition];
  if (shard === undefined) {
    return refuse(broker, to, request.type.replace('Request', 'Response'), 'NOT_COORDINATOR');
  }
  const group = groupOf(broker, shard, request.group);
  switch (request.type) {
    case 'JoinGroupRequest':
      return onJoin(broker, shard, group, to, request);
    case 'SyncGroupRequest':
      return onSync(broker, shard, group, to, request);
    case 'HeartbeatRequest':
      return onHeartbeat(broker, group, to, request);
    case 'ConsumerGroupHeartbeatRequest':
      return onGroupHeartbeat(broker, shard, group, to, request);
    case 'LeaveGroupRequest':
      return onLeave(broker, shard, group, to, request);
    case 'OffsetCommitRequest':
      return onCommit(broker, shard, group, to, request);
    case 'OffsetFetchRequest': {
      if (request.requireStable === true && hasPending(group, request.partitions)) {
        return refuse(broker, to, 'OffsetFetchResponse', 'UNSTABLE_OFFSET_COMMIT');
      }
      const offsets: Committed[] = request.partitions.map((p) => ({
        partition: p,
        offset: group.committed[p],
      }));
      return respond(broker, to, { type: 'OffsetFetchResponse', error: 'NONE', offsets } as never);
    }
  }
}

/** Who may commit: the group as it is now, in its present generation. The last commit wins. */
export function judgeCommit(group: Group, request: OffsetCommitRequest): ErrorName {
  const { member, generation, instance } = request;
  if (group.modern !== undefined) return judgeModernCommit(group.modern, request);
  if (member === '' && generation < 0 && group.phase.is === 'Empty') return 'NONE';
  const stranger = strangerTo(group, member, instance);
  if (stranger !== 'NONE') return stranger;
  if (generation !== group.generation) return 'ILLEGAL_GENERATION';
  return group.phase.is === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
}

function onCommit(
  broker: Broker,
  shard: Shard,
  group: Group,
  to: Correlation,
  request: OffsetCommitRequest,
): void {
  const error = judgeCommit(group, request);
  if (error !== 'NONE') return refuse(broker, to, 'OffsetCommitResponse', error);
  const member = group.members.get(request.member);
  if (member !== undefined) touch(broker, member);
  const offsets = [...group.record.offsets];
  const committedAt = [...group.record.committedAt];
  for (const { partition, offset } of request.offsets) {
    offsets[partition] = offset;
    committedAt[partition] = broker.out.clock;
  }
  const record = withOffsets(group.record, offsets, committedAt);
  write(broker, shard, group, record, request.offsets, to);
}

/** The record is replicated, or it is not known to be in time, or the leadership is lost. */
export function onWritten(broker: Broker, write: GroupWrite, error: ErrorName): void {
  const { shard, group, offsets, from, correlation, then } = write;
  if (then !== undefined) return then(toClient(error));
  if (offsets === undefined) {
    if (broker.shards[shard.replica.plan.index] !== shard) return;
    return onAssigned(broker, shard, group, write.generation, toClient(error));
  }
  if (error !== 'NONE') {
    return refuse(broker, { from, correlation }, 'OffsetCommitResponse', toClient(error));
  }
  const response = { type: 'OffsetCommitResponse', error, correlation } as const;
  broker.out.send(from, response, broker.words.correlation, correlation);
  for (const { partition, offset } of offsets) {
    group.committed[partition] = offset;
    const { stream } = broker.layout.partitions[partition];
    broker.out.fact(Fact.settledTo, group.subscription, stream, offset);
  }
}

export function onWriteWaited(broker: Broker, write: GroupWrite): void {
  if (write.done) return;
  write.done = true;
  onWritten(broker, write, 'REQUEST_TIMED_OUT');
}

/** Errors of the log as clients of the coordinator hear of them. */
function toClient(error: ErrorName): ErrorName {
  if (error === 'NOT_LEADER_OR_FOLLOWER') return 'NOT_COORDINATOR';
  return error === 'NONE' ? error : 'COORDINATOR_NOT_AVAILABLE';
}
