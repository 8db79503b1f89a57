import { assert } from '../../../sim/kernel/assert.ts';
import type { Handle } from '../../../sim/kernel/event-queue.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { PartitionIndex } from '../protocol.ts';

/**
 * A group of KIP-848 as its coordinator sees it: three epochs instead of a barrier. The group's
 * rises with its members, the target assignment is made for one, and each member reconciles towards
 * it by itself. Source: `ConsumerGroup`, `CurrentAssignmentBuilder`, Kafka 4.0.
 */

export type ModernState = 'STABLE' | 'UNREVOKED_PARTITIONS' | 'UNRELEASED_PARTITIONS';

/** A newer target moves a member from any state to any, by way of what it still owns. */
export const MODERN_STATES: Readonly<Record<ModernState, readonly ModernState[]>> = {
  STABLE: ['UNREVOKED_PARTITIONS', 'UNRELEASED_PARTITIONS', 'STABLE'],
  /** Has to give up partitions first, and keeps its epoch until it has. */
  UNREVOKED_PARTITIONS: ['STABLE', 'UNRELEASED_PARTITIONS', 'UNREVOKED_PARTITIONS'],
  /** Is at the target's epoch; some of its partitions are still held by others. */
  UNRELEASED_PARTITIONS: ['STABLE', 'UNREVOKED_PARTITIONS', 'UNRELEASED_PARTITIONS'],
};

/** What the log keeps of a member. */
export interface ModernMemberRecord {
  readonly id: string;
  readonly instance: string;
  readonly client: string;
  readonly topic: string;
  readonly assignor: string;
  readonly rebalanceTimeout: Micros;
  readonly epoch: number;
  readonly previousEpoch: number;
  readonly state: ModernState;
  /** What it was told to own, and what it was told to give up and has not. */
  readonly assigned: readonly PartitionIndex[];
  readonly revoking: readonly PartitionIndex[];
  readonly target: readonly PartitionIndex[];
}

export interface ModernGroupRecord {
  readonly epoch: number;
  readonly targetEpoch: number;
  readonly partitions: number;
  readonly members: readonly ModernMemberRecord[];
}

export interface ModernMember {
  readonly id: string;
  readonly instance: string;
  readonly client: string;
  topic: string;
  assignor: string;
  rebalanceTimeout: Micros;
  epoch: number;
  previousEpoch: number;
  state: ModernState;
  assigned: readonly PartitionIndex[];
  revoking: readonly PartitionIndex[];
  target: readonly PartitionIndex[];
  heard: Micros;
  session: Handle;
  /** Runs while it has partitions to give up. */
  rebalance: Handle;
}

export interface ModernGroup {
  epoch: number;
  targetEpoch: number;
  /** Partitions that were shared out with that target; others may have been added since. */
  partitions: number;
  readonly members: Map<string, ModernMember>;
}

export function recordOfModern(group: ModernGroup): ModernGroupRecord {
  const { epoch, targetEpoch, partitions, members } = group;
  return {
    epoch,
    targetEpoch,
    partitions,
    members: [...members.values()].map((m) => ({
      id: m.id,
      instance: m.instance,
      client: m.client,
      topic: m.topic,
      assignor: m.assignor,
      rebalanceTimeout: m.rebalanceTimeout,
      epoch: m.epoch,
      previousEpoch: m.previousEpoch,
      state: m.state,
      assigned: m.assigned,
      revoking: m.revoking,
      target: m.target,
    })),
  };
}

/** Is a partition anybody's, in use or about to be given up? */
function isHeld(group: ModernGroup, partition: PartitionIndex): boolean {
  for (const { assigned, revoking } of group.members.values()) {
    if (assigned.includes(partition) || revoking.includes(partition)) return true;
  }
  return false;
}

/**
 * Brings a member as near to its target as it can get now. `owned` is what it says to own,
 * undefined when it does not say. True when what it is to own has changed, or its epoch.
 */
export function reconcile(
  group: ModernGroup,
  member: ModernMember,
  owned: readonly PartitionIndex[] | undefined,
  out: Out,
): boolean {
  const gaveUp = owned !== undefined && !member.revoking.some((p) => owned.includes(p));
  switch (member.state) {
    case 'STABLE':
      if (member.epoch === group.targetEpoch) return false;
      break;
    case 'UNREVOKED_PARTITIONS':
      if (!gaveUp) return false;
      member.revoking = [];
      break;
    case 'UNRELEASED_PARTITIONS':
  }
  const before = { epoch: member.epoch, assigned: member.assigned, state: member.state };
  next(group, member, owned, out);
  const same = before.assigned.length === member.assigned.length;
  return before.epoch !== member.epoch || before.state !== member.state || !same;
}

/** `CurrentAssignmentBuilder.computeNextAssignment`. */
function next(
  group: ModernGroup,
  member: ModernMember,
  owned: readonly PartitionIndex[] | undefined,
  out: Out,
): void {
  const { target } = member;
  const kept = member.assigned.filter((p) => target.includes(p));
  const revoking = member.assigned.filter((p) => !target.includes(p));
  const holds = owned === undefined || revoking.some((p) => owned.includes(p));
  if (revoking.length > 0 && holds) {
    member.assigned = kept;
    member.revoking = revoking;
    return become(member, 'UNREVOKED_PARTITIONS', `epoch ${member.epoch}`, out);
  }
  // What it gave up is nobody's before others are looked at.
  member.assigned = kept;
  member.revoking = [];
  const missing = target.filter((p) => !kept.includes(p));
  const free = missing.filter((p) => !isHeld(group, p));
  member.previousEpoch = member.epoch;
  member.epoch = group.targetEpoch;
  member.assigned = [...kept, ...free];
  const released = free.length === missing.length;
  const to = released ? 'STABLE' : 'UNRELEASED_PARTITIONS';
  become(member, to, `epoch ${member.epoch}`, out);
}

function become(member: ModernMember, state: ModernState, why: string, out: Out): void {
  const from = member.state;
  assert(MODERN_STATES[from].includes(state), `member: ${from} -> ${state} is legal`);
  if (from !== state) out.became(`member ${member.id}`, from, state, why);
  member.state = state;
}

/**
 * May a member speak with this epoch? The one before is forgiven when it owns nothing that it
 * should not: the answer with its new epoch got lost.
 */
export function isFenced(
  member: ModernMember,
  epoch: number,
  owned: readonly PartitionIndex[] | undefined,
): boolean {
  if (epoch === member.epoch) return false;
  const allowed = owned?.every((p) => member.assigned.includes(p)) ?? false;
  return epoch > member.epoch || epoch !== member.previousEpoch || !allowed;
}
