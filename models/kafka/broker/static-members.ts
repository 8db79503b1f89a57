import type { ErrorName, JoinGroupRequest } from '../protocol.ts';
import { refuse } from './group-log.ts';
import type { Group, Member } from './group.ts';
import type { Broker } from './state.ts';

/**
 * Static members (KIP-345): a process that comes back under its instance id is the member it was.
 */

/** The member that stands for an instance now. */
export function memberOf(group: Group, instance: string): Member | undefined {
  for (const member of group.members.values()) if (member.instance === instance) return member;
  return undefined;
}

/** Is this no member, or one whose instance id belongs to another process by now? */
export function strangerTo(group: Group, member: string, instance: string): ErrorName {
  if (instance !== '') {
    const holder = memberOf(group, instance);
    if (holder === undefined) return 'UNKNOWN_MEMBER_ID';
    if (holder.id !== member) return 'FENCED_INSTANCE_ID';
  }
  return group.members.has(member) ? 'NONE' : 'UNKNOWN_MEMBER_ID';
}

/** Puts a new process in the place of the one before, which is fenced from now on. */
export function replace(
  broker: Broker,
  group: Group,
  old: Member,
  id: string,
  request: JoinGroupRequest,
): Member {
  const { out } = broker;
  out.cancel(old.timer);
  group.members.delete(old.id);
  const { joining, syncing } = old;
  if (joining !== undefined) refuse(broker, joining, 'JoinGroupResponse', 'FENCED_INSTANCE_ID');
  if (syncing !== undefined) refuse(broker, syncing, 'SyncGroupResponse', 'FENCED_INSTANCE_ID');
  const member: Member = {
    ...old,
    id,
    client: request.client,
    joining: undefined,
    syncing: undefined,
    heard: out.clock,
  };
  group.members.set(id, member);
  if (group.leader === old.id) group.leader = id;
  out.became(`member ${old.id}`, 'member', 'gone', `replaced by ${id}`);
  return member;
}
