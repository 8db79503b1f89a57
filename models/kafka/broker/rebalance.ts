import type {
  ErrorName,
  HeartbeatRequest,
  LeaveGroupRequest,
  SyncGroupRequest,
} from '../protocol.ts';
import { refuse, respond, writeAssignment } from './group-log.ts';
import { become, type Group, type Member, selectProtocol, type Shard } from './group.ts';
import { type Broker, type Correlation, Timer } from './state.ts';
import { strangerTo } from './static-members.ts';

/**
 * The classic rebalance: a barrier of joins, an assignment by the group's leader, a barrier of
 * syncs. Source: `GroupMetadataManager`, Kafka 3.9; section numbers of its javadoc follow KIP-62.
 */

/** What a timer of a group concerns. */
interface About {
  readonly shard: Shard;
  readonly group: Group;
  readonly member: Member | undefined;
  readonly id: string;
  readonly generation: number;
}

export function about(shard: Shard, group: Group, member?: Member, id = ''): About {
  return { shard, group, member, id, generation: group.generation };
}

/** Starts a rebalance. The first of an empty group waits a little for others to come. */
export function prepare(broker: Broker, shard: Shard, group: Group, why: string): void {
  const { out, layout } = broker;
  for (const member of group.members.values()) {
    if (member.syncing === undefined) continue;
    refuse(broker, member.syncing, 'SyncGroupResponse', 'REBALANCE_IN_PROGRESS');
    member.syncing = undefined;
  }
  const longest = Math.max(0, ...[...group.members.values()].map((m) => m.rebalanceTimeout));
  const initial = group.phase.is === 'Empty';
  const delay = layout.broker.initialRebalanceDelay;
  become(group, { is: 'PreparingRebalance', initial, until: out.clock + longest }, why, out);
  out.count(broker.words.rebalances);
  out.cancel(group.barrier);
  group.newcomer = false;
  const wait = initial ? Math.min(delay, longest) : longest;
  group.barrier = out.timer(wait, Timer.joinBarrier, about(shard, group));
  tryComplete(broker, shard, group);
}

/** All known members have joined: the barrier falls before its time. */
export function tryComplete(broker: Broker, shard: Shard, group: Group): void {
  const { phase } = group;
  if (phase.is !== 'PreparingRebalance' || phase.initial || group.pending.size > 0) return;
  for (const member of group.members.values()) if (member.joining === undefined) return;
  completeJoin(broker, shard, group);
}

function onJoinBarrier(broker: Broker, { shard, group }: About): void {
  const { phase } = group;
  if (phase.is !== 'PreparingRebalance') return;
  const { out, layout } = broker;
  const left = phase.until - out.clock;
  if (phase.initial && group.newcomer && left > 0) {
    group.newcomer = false;
    const wait = Math.min(layout.broker.initialRebalanceDelay, left);
    group.barrier = out.timer(wait, Timer.joinBarrier, about(shard, group));
    return;
  }
  for (const member of [...group.members.values()]) {
    if (member.joining !== undefined || member.instance !== '') continue;
    forget(broker, group, member, 'did not join in time');
  }
  const nobody = [...group.members.values()].every((m) => m.joining === undefined);
  if (group.members.size > 0 && nobody) {
    // Only static members, none of which has come yet: they are waited for.
    const wait = layout.broker.initialRebalanceDelay;
    group.barrier = out.timer(Math.max(1, wait), Timer.joinBarrier, about(shard, group));
    return;
  }
  completeJoin(broker, shard, group);
}

function completeJoin(broker: Broker, shard: Shard, group: Group): void {
  const { out } = broker;
  out.cancel(group.barrier);
  group.generation++;
  if (group.members.size === 0) {
    become(group, { is: 'Empty' }, 'no member is left', out);
    group.record = { ...group.record, emptySince: out.clock };
    return writeAssignment(broker, shard, group, []);
  }
  if (group.members.get(group.leader)?.joining === undefined) {
    // A static member that has not come keeps its share, but cannot lead.
    group.leader = [...group.members.values()].find((m) => m.joining !== undefined)?.id ?? '';
  }
  group.protocol = selectProtocol(group.members.values());
  become(group, { is: 'CompletingRebalance' }, `generation ${group.generation}`, out);
  let longest = 0;
  for (const member of group.members.values()) {
    longest = Math.max(longest, member.rebalanceTimeout);
    const { joining } = member;
    member.joining = undefined;
    touch(broker, member);
    if (joining !== undefined) answerJoin(broker, group, member, joining);
  }
  group.barrier = out.timer(longest, Timer.syncBarrier, about(shard, group));
}

export function answerJoin(
  broker: Broker,
  group: Group,
  member: Member,
  to: Correlation,
  skipAssignment = false,
): void {
  const { generation, protocol, leader } = group;
  member.toldOf = generation;
  const members =
    member.id === leader
      ? [...group.members.values()].map(({ id, instance, topic, owned, ownedIn }) => {
          return { member: id, instance, topic, owned, ownedIn };
        })
      : [];
  const ids = { leader, member: member.id };
  const body = { error: 'NONE', generation, protocol, ...ids, members, skipAssignment };
  respond(broker, to, { type: 'JoinGroupResponse', ...body } as never);
}

/** Is this a member of the present generation? */
function judge(
  group: Group,
  { member, instance, generation }: SyncGroupRequest | HeartbeatRequest,
): ErrorName {
  const stranger = strangerTo(group, member, instance);
  if (stranger !== 'NONE') return stranger;
  return generation === group.generation ? 'NONE' : 'ILLEGAL_GENERATION';
}

export function onSync(
  broker: Broker,
  shard: Shard,
  group: Group,
  to: Correlation,
  request: SyncGroupRequest,
): void {
  const error = judge(group, request);
  const member = group.members.get(request.member);
  if (error !== 'NONE' || member === undefined) {
    return refuse(broker, to, 'SyncGroupResponse', error);
  }
  touch(broker, member);
  switch (group.phase.is) {
    case 'Empty':
      return refuse(broker, to, 'SyncGroupResponse', 'UNKNOWN_MEMBER_ID');
    case 'PreparingRebalance':
      return refuse(broker, to, 'SyncGroupResponse', 'REBALANCE_IN_PROGRESS');
    case 'Stable':
      return answerSync(broker, group, member, to);
    case 'CompletingRebalance':
      member.syncing = to;
      if (member.id === group.leader) writeAssignment(broker, shard, group, request.assignments);
  }
}

function answerSync(broker: Broker, group: Group, member: Member, to: Correlation): void {
  const { partitions, instance, id } = member;
  const owner = instance === '' ? id : instance;
  const { owners } = broker.layout.audit;
  owners.owns(group.name, group.generation, owner, partitions, broker.out.now);
  respond(broker, to, { type: 'SyncGroupResponse', error: 'NONE', partitions } as never);
}

/** The leader's assignment is in the log, or could not be put there. */
export function onAssigned(
  broker: Broker,
  shard: Shard,
  group: Group,
  generation: number,
  error: ErrorName,
): void {
  if (group.phase.is !== 'CompletingRebalance' || group.generation !== generation) return;
  if (error !== 'NONE') return prepare(broker, shard, group, error);
  const { out } = broker;
  out.cancel(group.barrier);
  become(group, { is: 'Stable' }, 'assigned', out);
  for (const record of group.record.members) {
    const member = group.members.get(record.id);
    if (member === undefined) continue;
    member.partitions = record.partitions;
    const { syncing } = member;
    member.syncing = undefined;
    if (syncing !== undefined) answerSync(broker, group, member, syncing);
  }
}

/** The assignment did not come in time: whoever has not synced is taken out. */
function onSyncBarrier(broker: Broker, { shard, group, generation }: About): void {
  if (group.phase.is !== 'CompletingRebalance' || group.generation !== generation) return;
  for (const member of [...group.members.values()]) {
    if (member.syncing !== undefined || member.toldOf !== generation) continue;
    forget(broker, group, member, 'did not sync in time');
  }
  prepareOrEmpty(broker, shard, group, 'no sync in time');
}

export function onHeartbeat(
  broker: Broker,
  group: Group,
  to: Correlation,
  request: HeartbeatRequest,
): void {
  const error = judge(group, request);
  const member = group.members.get(request.member);
  if (error !== 'NONE' || member === undefined) {
    return refuse(broker, to, 'HeartbeatResponse', error);
  }
  touch(broker, member);
  const rebalancing = group.phase.is === 'PreparingRebalance';
  const answer: ErrorName = rebalancing ? 'REBALANCE_IN_PROGRESS' : 'NONE';
  respond(broker, to, { type: 'HeartbeatResponse', error: answer } as never);
}

export function onLeave(
  broker: Broker,
  shard: Shard,
  group: Group,
  to: Correlation,
  request: LeaveGroupRequest,
): void {
  const member = group.members.get(request.member);
  if (member === undefined) return refuse(broker, to, 'LeaveGroupResponse', 'UNKNOWN_MEMBER_ID');
  respond(broker, to, { type: 'LeaveGroupResponse', error: 'NONE' } as never);
  forget(broker, group, member, 'left');
  prepareOrEmpty(broker, shard, group, `${member.id} left`);
}

function forget(broker: Broker, group: Group, member: Member, why: string): void {
  const { joining, syncing, id } = member;
  broker.out.cancel(member.timer);
  group.members.delete(id);
  if (joining !== undefined) refuse(broker, joining, 'JoinGroupResponse', 'UNKNOWN_MEMBER_ID');
  if (syncing !== undefined) refuse(broker, syncing, 'SyncGroupResponse', 'UNKNOWN_MEMBER_ID');
  broker.out.became(`member ${id}`, 'member', 'gone', why);
}

/** A member is gone: the others share anew, or nobody is left. */
function prepareOrEmpty(broker: Broker, shard: Shard, group: Group, why: string): void {
  if (group.phase.is === 'PreparingRebalance') return tryComplete(broker, shard, group);
  if (group.phase.is !== 'Empty') prepare(broker, shard, group, why);
}

// --- Sessions ---

export function touch(broker: Broker, member: Member): void {
  member.heard = broker.out.clock;
}

/** The session timer is not moved by each heartbeat: when it comes up it looks how old they are. */
export function watchSession(broker: Broker, shard: Shard, group: Group, member: Member): void {
  const data = about(shard, group, member);
  member.timer = broker.out.timer(member.sessionTimeout, Timer.session, data);
}

function onSession(broker: Broker, { shard, group, member }: About): void {
  if (member === undefined || group.members.get(member.id) !== member) return;
  const { out } = broker;
  const left = member.heard + member.sessionTimeout - out.clock;
  // Whoever waits for an answer of ours is alive.
  const waits = member.joining !== undefined || member.syncing !== undefined;
  if (left <= 0 && !waits) {
    forget(broker, group, member, 'session.timeout.ms');
    return prepareOrEmpty(broker, shard, group, `${member.id}: session.timeout.ms`);
  }
  const wait = left > 0 ? left : member.sessionTimeout;
  member.timer = out.timer(wait, Timer.session, about(shard, group, member));
}

export function onRebalanceTimer(broker: Broker, code: number, data: About): void {
  const { shard, group } = data;
  if (broker.shards[shard.replica.plan.index] !== shard) return;
  switch (code) {
    case Timer.joinBarrier:
      return onJoinBarrier(broker, data);
    case Timer.syncBarrier:
      return onSyncBarrier(broker, data);
    case Timer.session:
      return onSession(broker, data);
    case Timer.pendingMember:
      if (group.pending.delete(data.id)) tryComplete(broker, shard, group);
  }
}
