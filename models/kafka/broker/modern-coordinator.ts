import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import { byId } from '../consumer/assignor.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ErrorName,
  OffsetCommitRequest,
  PartitionIndex,
} from '../protocol.ts';
import { refuse, respond, write } from './group-log.ts';
import type { Group, Shard } from './group.ts';
import {
  isFenced,
  type ModernGroup,
  type ModernGroupRecord,
  type ModernMember,
  reconcile,
  recordOfModern,
} from './modern-group.ts';
import { SERVER_ASSIGNORS } from './server-assignors.ts';
import { type Broker, type Correlation, Timer } from './state.ts';

/**
 * The coordinator of KIP-848: each heartbeat is answered by itself, nobody waits for all. Source:
 * `GroupMetadataManager.consumerGroupHeartbeat`, Kafka 4.0.
 */

/** Epoch of a static member that means to come back. */
const STATIC_LEAVE = -2;
const TYPE = 'ConsumerGroupHeartbeatResponse';

/** What a timer of a member concerns. */
interface About {
  readonly shard: Shard;
  readonly group: Group;
  readonly member: ModernMember;
  readonly epoch: number;
}

function modernOf(group: Group): ModernGroup {
  group.modern ??= { epoch: 0, targetEpoch: 0, partitions: 0, members: new Map() };
  return group.modern;
}

export function onGroupHeartbeat(
  broker: Broker,
  shard: Shard,
  group: Group,
  to: Correlation,
  request: ConsumerGroupHeartbeatRequest,
): void {
  const modern = modernOf(group);
  if (request.epoch < 0) return onLeave(broker, shard, group, to, request);
  const known = modern.members.get(request.member);
  const joined =
    request.epoch === 0 && known === undefined ? join(broker, shard, group, request) : undefined;
  if (typeof joined === 'string') return refuse(broker, to, TYPE, joined);
  const member = joined ?? known;
  const error = joined === undefined ? judge(modern, member, request) : 'NONE';
  if (member === undefined || error !== 'NONE') return refuse(broker, to, TYPE, error);
  member.heard = broker.out.clock;
  const before = { epoch: modern.epoch, target: modern.targetEpoch };
  // A static member that is back changes nothing for the others.
  const isNew = joined !== undefined && member.target.length === 0;
  const changes = changesSubscription(member, request);
  if (isNew || changes || isOutgrown(broker, modern)) bump(broker, modern);
  if (modern.targetEpoch < modern.epoch) retarget(broker, group, modern);
  const changed = reconcile(modern, member, request.owned, broker.out);
  watchRebalance(broker, shard, group, member);
  const moved = before.epoch !== modern.epoch || before.target !== modern.targetEpoch;
  const body = {
    type: TYPE,
    error: 'NONE',
    member: member.id,
    epoch: member.epoch,
    interval: broker.layout.broker.modernHeartbeat,
    // Also when it says what it owns: the last answer may have been lost.
    assignment: changed || request.owned !== undefined ? member.assigned : undefined,
  };
  if (!moved && !changed && joined === undefined) return respond(broker, to, body);
  const { assigned, epoch, instance, id } = member;
  save(broker, shard, group, (failed) => {
    if (failed !== 'NONE') return refuse(broker, to, TYPE, failed);
    const { owners } = broker.layout.audit;
    if (changed) owners.owns(group.name, epoch, instance || id, assigned, broker.out.now);
    respond(broker, to, body);
  });
}

/** Who the request is from, or why it is refused. */
function judge(
  modern: ModernGroup,
  member: ModernMember | undefined,
  { epoch, owned, instance, member: id }: ConsumerGroupHeartbeatRequest,
): ErrorName {
  const holder = instance === '' ? undefined : byInstance(modern, instance);
  if (instance !== '' && holder === undefined) return 'UNKNOWN_MEMBER_ID';
  if (holder !== undefined && holder.id !== id) return 'FENCED_INSTANCE_ID';
  if (member === undefined) return 'UNKNOWN_MEMBER_ID';
  return isFenced(member, epoch, owned) ? 'FENCED_MEMBER_EPOCH' : 'NONE';
}

/** The member of a static instance. */
function byInstance(modern: ModernGroup, instance: string): ModernMember | undefined {
  for (const member of modern.members.values()) if (member.instance === instance) return member;
  return undefined;
}

/** A member joins, anew or in place of the process that had its instance id before. */
function join(
  broker: Broker,
  shard: Shard,
  group: Group,
  request: ConsumerGroupHeartbeatRequest,
): ModernMember | ErrorName {
  const modern = modernOf(group);
  const { instance, topic, assignor, rebalanceTimeout, client } = request;
  const id = request.member === '' ? `${client}-${++group.memberIds}` : request.member;
  const before = instance === '' ? undefined : byInstance(modern, instance);
  if (before !== undefined && before.epoch !== STATIC_LEAVE) return 'UNRELEASED_INSTANCE_ID';
  const member: ModernMember = {
    id,
    instance,
    client,
    topic,
    assignor,
    rebalanceTimeout,
    epoch: 0,
    previousEpoch: 0,
    state: 'STABLE',
    assigned: [],
    revoking: [],
    target: before?.target ?? [],
    heard: broker.out.clock,
    session: NO_HANDLE,
    rebalance: NO_HANDLE,
  };
  if (before !== undefined) remove(broker, modern, before, 'replaced');
  modern.members.set(id, member);
  watchSession(broker, shard, group, member);
  broker.out.became(`member ${id}`, 'gone', 'STABLE', before === undefined ? 'joins' : 'is back');
  return member;
}

function changesSubscription(
  member: ModernMember,
  request: ConsumerGroupHeartbeatRequest,
): boolean {
  if (member.topic === request.topic && member.assignor === request.assignor) return false;
  member.topic = request.topic;
  member.assignor = request.assignor;
  return true;
}

function bump(broker: Broker, modern: ModernGroup): void {
  modern.epoch++;
  broker.out.count(broker.words.rebalances);
}

/** A new target assignment for the group as it is now; the assignor that most members want. */
function retarget(broker: Broker, group: Group, modern: ModernGroup): void {
  const { layout } = broker;
  const members = [...modern.members.values()];
  const assignor = SERVER_ASSIGNORS[preferred(members, layout.broker.serverAssignors)];
  const sorted = byId(members.map((m) => ({ ...m, member: m.id })));
  for (const topic of new Set(sorted.map((m) => m.topic))) {
    const partitions = partitionsOf(broker, topic);
    const subscribed = sorted.filter((m) => m.topic === topic);
    for (const [id, target] of assignor(subscribed, partitions)) {
      const member = modern.members.get(id);
      if (member !== undefined) member.target = target;
    }
  }
  const [from, to] = [modern.targetEpoch, modern.epoch].map((epoch) => `epoch ${epoch}`);
  broker.out.became(`group ${group.name}`, from, to, 'a new target assignment');
  modern.targetEpoch = modern.epoch;
  modern.partitions = countOf(broker, modern);
}

/** Those of a topic that exist. */
function partitionsOf({ layout, image }: Broker, topic: string): PartitionIndex[] {
  const all = layout.topics.get(topic)?.partitions ?? [];
  return all.filter((p) => image.partitions[p].leaderEpoch >= 0);
}

function countOf(broker: Broker, { members }: ModernGroup): number {
  const topics = new Set([...members.values()].map((member) => member.topic));
  return [...topics].reduce((sum, topic) => sum + partitionsOf(broker, topic).length, 0);
}

/** Were partitions added? It is looked at in each heartbeat (`requestMetadataRefresh`). */
function isOutgrown(broker: Broker, modern: ModernGroup): boolean {
  return modern.partitions !== countOf(broker, modern);
}

function preferred(members: readonly ModernMember[], known: readonly string[]): string {
  const votes = new Map<string, number>();
  for (const { assignor } of members) {
    const vote = assignor === '' ? known[0] : assignor;
    votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  let best = known[0];
  for (const [name, count] of votes) if (count > (votes.get(best) ?? 0)) best = name;
  return best;
}

function onLeave(
  broker: Broker,
  shard: Shard,
  group: Group,
  to: Correlation,
  request: ConsumerGroupHeartbeatRequest,
): void {
  const modern = modernOf(group);
  const member = modern.members.get(request.member);
  if (member === undefined) return refuse(broker, to, TYPE, 'UNKNOWN_MEMBER_ID');
  if (request.epoch === STATIC_LEAVE) {
    // It means to come back: its partitions wait for it until its session is over.
    member.epoch = STATIC_LEAVE;
    member.revoking = [];
    member.heard = broker.out.clock;
  } else {
    remove(broker, modern, member, 'left');
    bump(broker, modern);
  }
  const { epoch } = request;
  const body = { type: TYPE, error: 'NONE', member: member.id, epoch, interval: 0 };
  save(broker, shard, group, () => respond(broker, to, body));
}

function remove(broker: Broker, modern: ModernGroup, member: ModernMember, why: string): void {
  broker.out.cancel(member.session);
  broker.out.cancel(member.rebalance);
  modern.members.delete(member.id);
  broker.out.became(`member ${member.id}`, member.state, 'gone', why);
}

function save(broker: Broker, shard: Shard, group: Group, then: (error: ErrorName) => void): void {
  const modern = recordOfModern(modernOf(group));
  const isEmpty = modern.members.length === 0;
  const record = {
    ...group.record,
    emptySince: isEmpty ? broker.out.clock : group.record.emptySince,
    memberIds: group.memberIds,
    modern,
  };
  write(broker, shard, group, record, undefined, { from: -1, correlation: 0 }, then);
}

// --- A new coordinator, and one that is none any more ---

export function loadModern(
  broker: Broker,
  shard: Shard,
  group: Group,
  record: ModernGroupRecord,
): void {
  const modern = modernOf(group);
  modern.epoch = record.epoch;
  modern.targetEpoch = record.targetEpoch;
  modern.partitions = record.partitions;
  for (const known of record.members) {
    const heard = broker.out.clock;
    const member = { ...known, heard, session: NO_HANDLE, rebalance: NO_HANDLE };
    modern.members.set(known.id, member);
    watchSession(broker, shard, group, member);
    watchRebalance(broker, shard, group, member);
  }
}

export function dropModern({ out }: Broker, { members }: ModernGroup): void {
  for (const { session, rebalance } of members.values()) {
    out.cancel(session);
    out.cancel(rebalance);
  }
}

// --- Timers ---

/** A member is thrown out when it is silent, or holds what it has to give up for too long. */
function fence(broker: Broker, { shard, group, member }: About, why: string): void {
  const modern = modernOf(group);
  remove(broker, modern, member, why);
  bump(broker, modern);
  save(broker, shard, group, () => undefined);
}

function watchSession(broker: Broker, shard: Shard, group: Group, member: ModernMember): void {
  const data: About = { shard, group, member, epoch: member.epoch };
  const left = member.heard + broker.layout.broker.modernSession - broker.out.clock;
  member.session = broker.out.timer(left, Timer.modernSession, data);
}

function watchRebalance(broker: Broker, shard: Shard, group: Group, member: ModernMember): void {
  const { out } = broker;
  if (member.state !== 'UNREVOKED_PARTITIONS') {
    out.cancel(member.rebalance);
    member.rebalance = NO_HANDLE;
  } else if (member.rebalance === NO_HANDLE) {
    const data: About = { shard, group, member, epoch: member.epoch };
    member.rebalance = out.timer(member.rebalanceTimeout, Timer.modernRebalance, data);
  }
}

export function onModernTimer(broker: Broker, code: number, about: About): void {
  const { shard, group, member, epoch } = about;
  if (broker.shards[shard.replica.plan.index] !== shard) return;
  if (modernOf(group).members.get(member.id) !== member) return;
  if (code === Timer.modernRebalance) {
    const holds = member.state === 'UNREVOKED_PARTITIONS' && member.epoch === epoch;
    if (holds) fence(broker, about, 'rebalance timeout');
    return;
  }
  const left = member.heard + broker.layout.broker.modernSession - broker.out.clock;
  if (left > 0) return watchSession(broker, shard, group, member);
  fence(broker, about, 'group.consumer.session.timeout.ms');
}

/** Whoever commits has to be at the epoch that the coordinator has for it. */
export function judgeModernCommit(modern: ModernGroup, request: OffsetCommitRequest): ErrorName {
  const { member: id, generation } = request;
  if (id === '' && generation < 0 && modern.members.size === 0) return 'NONE';
  const member = modern.members.get(id);
  if (member === undefined) return 'UNKNOWN_MEMBER_ID';
  return generation === member.epoch ? 'NONE' : 'STALE_MEMBER_EPOCH';
}
