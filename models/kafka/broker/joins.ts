import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { ErrorName, JoinGroupRequest } from '../protocol.ts';
import { refuse, respond, write } from './group-log.ts';
import { type Group, type Member, recordOf, selectProtocol, type Shard } from './group.ts';
import { about, answerJoin, prepare, touch, tryComplete, watchSession } from './rebalance.ts';
import { type Broker, type Correlation, Timer } from './state.ts';
import { memberOf, replace, strangerTo } from './static-members.ts';

/** Who may join a classic group, and what a join does in each state of it. */

export function onJoin(
  broker: Broker,
  shard: Shard,
  group: Group,
  to: Correlation,
  request: JoinGroupRequest,
): void {
  const { out } = broker;
  const { member: id, instance, sessionTimeout } = request;
  if (id === '' && instance !== '') return onStaticJoin(broker, shard, group, to, request);
  if (id === '') {
    const given = `${request.client}-${++group.memberIds}`;
    const timer = out.timer(
      sessionTimeout,
      Timer.pendingMember,
      about(shard, group, undefined, given),
    );
    group.pending.set(given, timer);
    const error: ErrorName = 'MEMBER_ID_REQUIRED';
    return respond(broker, to, { type: 'JoinGroupResponse', error, member: given } as never);
  }
  const known = group.members.get(id);
  const stranger = group.pending.has(id) ? 'NONE' : strangerTo(group, id, instance);
  if (stranger !== 'NONE') return refuse(broker, to, 'JoinGroupResponse', stranger);
  const changed = known !== undefined && !sameMetadata(known, request);
  const member = known ?? addMember(broker, shard, group, id, request);
  update(member, request);
  touch(broker, member);
  enter(broker, shard, group, member, to, known === undefined, changed);
}

/** A process that has an instance id and no member id yet: new, or back in its old place. */
function onStaticJoin(
  broker: Broker,
  shard: Shard,
  group: Group,
  to: Correlation,
  request: JoinGroupRequest,
): void {
  const id = `${request.instance}-${++group.memberIds}`;
  const old = memberOf(group, request.instance);
  if (old === undefined) {
    const member = addMember(broker, shard, group, id, request);
    return enter(broker, shard, group, member, to, true, true);
  }
  const member = replace(broker, group, old, id, request);
  update(member, request);
  watchSession(broker, shard, group, member);
  const same = selectProtocol(group.members.values()) === group.protocol;
  if (group.phase.is !== 'Stable' || !same) {
    return enter(broker, shard, group, member, to, true, true);
  }
  // Nobody else hears of it: the generation and all assignments stay as they are.
  const kept = [...group.members.values()].map((m) => ({ member: m.id, partitions: m.partitions }));
  const none = { from: -1, correlation: 0 };
  write(broker, shard, group, recordOf(group, kept), undefined, none, (error) => {
    if (error !== 'NONE') return refuse(broker, to, 'JoinGroupResponse', error);
    answerJoin(broker, group, member, to, true);
  });
}

function update(member: Member, request: JoinGroupRequest): void {
  member.sessionTimeout = request.sessionTimeout;
  member.rebalanceTimeout = request.rebalanceTimeout;
  member.protocols = request.protocols;
  member.topic = request.topic;
  member.owned = request.owned;
  member.ownedIn = request.ownedIn;
}

/** A member's join in each state of the group. */
function enter(
  broker: Broker,
  shard: Shard,
  group: Group,
  member: Member,
  to: Correlation,
  isNew: boolean,
  changed: boolean,
): void {
  const { id } = member;
  const known = !isNew;
  switch (group.phase.is) {
    case 'Empty':
    case 'PreparingRebalance':
      park(broker, member, to);
      if (group.phase.is === 'Empty') prepare(broker, shard, group, `${id} joins`);
      else tryComplete(broker, shard, group);
      return;
    case 'CompletingRebalance':
      // It has not heard the answer to its join: it gets the same one again.
      if (known && !changed) return answerJoin(broker, group, member, to);
      break;
    case 'Stable':
      if (known && !changed && id !== group.leader) {
        return answerJoin(broker, group, member, to);
      }
  }
  park(broker, member, to);
  prepare(broker, shard, group, known ? `${id} joins again` : `${id} joins`);
}

function sameMetadata(member: Member, request: JoinGroupRequest): boolean {
  const { topic, protocols, owned, ownedIn } = request;
  const claims = member.ownedIn === ownedIn && member.owned.join() === owned.join();
  return member.topic === topic && member.protocols.join() === protocols.join() && claims;
}

function addMember(
  broker: Broker,
  shard: Shard,
  group: Group,
  id: string,
  request: JoinGroupRequest,
): Member {
  const { instance, client, sessionTimeout, rebalanceTimeout, protocols, topic } = request;
  broker.out.cancel(group.pending.get(id) ?? NO_HANDLE);
  group.pending.delete(id);
  const member: Member = {
    id,
    instance,
    client,
    sessionTimeout,
    rebalanceTimeout,
    protocols,
    topic,
    owned: request.owned,
    ownedIn: request.ownedIn,
    partitions: [],
    toldOf: -1,
    joining: undefined,
    syncing: undefined,
    heard: broker.out.clock,
    timer: NO_HANDLE,
  };
  group.members.set(id, member);
  group.newcomer = true;
  watchSession(broker, shard, group, member);
  return member;
}

/** A newer request of the same member makes its older one void. */
function park(broker: Broker, member: Member, to: Correlation): void {
  if (member.joining !== undefined) {
    refuse(broker, member.joining, 'JoinGroupResponse', 'UNKNOWN_MEMBER_ID');
  }
  member.joining = to;
}
