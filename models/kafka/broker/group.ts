import { assert } from '../../../sim/kernel/assert.ts';
import type { Handle } from '../../../sim/kernel/event-queue.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { Assignment, PartitionIndex } from '../protocol.ts';
import type { GroupRecord } from './group-record.ts';
import type { ModernGroup } from './modern-group.ts';
import type { Correlation, Replica } from './state.ts';

/** The state of a classic group. Source: `ClassicGroup`, Kafka 3.9. */
export type GroupPhase =
  | { readonly is: 'Empty' }
  /** Waits until all members have joined. `until` bounds the extensions of the first delay. */
  | { readonly is: 'PreparingRebalance'; readonly initial: boolean; readonly until: Micros }
  /** Waits for the leader's assignment. */
  | { readonly is: 'CompletingRebalance' }
  | { readonly is: 'Stable' };

export const GROUP_PHASES: Readonly<Record<GroupPhase['is'], readonly GroupPhase['is'][]>> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['CompletingRebalance', 'Empty'],
  CompletingRebalance: ['Stable', 'PreparingRebalance'], // A member left or died meanwhile.
  Stable: ['PreparingRebalance'],
};

export interface Member {
  readonly id: string;
  /** `group.instance.id`, empty for a dynamic member. */
  readonly instance: string;
  readonly client: string;
  sessionTimeout: Micros;
  rebalanceTimeout: Micros;
  protocols: readonly string[];
  topic: string;
  /** What it claimed to own when it joined, and since which generation. */
  owned: readonly PartitionIndex[];
  ownedIn: number;
  partitions: readonly PartitionIndex[];
  /** Generation that it was last told of: a static member may miss some. */
  toldOf: number;
  /** Its parked JoinGroup or SyncGroup. */
  joining: Correlation | undefined;
  syncing: Correlation | undefined;
  heard: Micros;
  timer: Handle;
}

export interface Group {
  readonly name: string;
  readonly subscription: number;
  phase: GroupPhase;
  generation: number;
  protocol: string;
  leader: string;
  readonly members: Map<string, Member>;
  /** Member ids that were given out and have not joined yet, with the timers that forget them. */
  readonly pending: Map<string, Handle>;
  /** A new member came while the first delay was running. */
  newcomer: boolean;
  memberIds: number;
  /** Committed offset of each partition, -1 without one. */
  committed: number[];
  /** What was last written to the log; ahead of the above while a write is being replicated. */
  record: GroupRecord;
  barrier: Handle;
  /** A group of KIP-848 has its state here; `phase` and `members` stay as they were made. */
  modern?: ModernGroup;
}

/** The groups of one partition of `__consumer_offsets`, at the broker that leads it. */
export interface Shard {
  readonly replica: Replica;
  readonly epoch: number;
  readonly groups: Map<string, Group>;
}

export function become(group: Group, next: GroupPhase, why: string, out: Out): void {
  const from = group.phase.is;
  assert(GROUP_PHASES[from].includes(next.is), `group: ${from} -> ${next.is} is legal`);
  assert(next.is === 'Empty' ? group.members.size === 0 : true, 'an empty group has no member');
  out.became(`group ${group.name}`, from, next.is, why);
  group.phase = next;
}

/** The group as it is to be written: its members with these assignments. */
export function recordOf(group: Group, assignments: readonly Assignment[]): GroupRecord {
  return {
    ...group.record,
    generation: group.generation,
    protocol: group.protocol,
    leader: group.leader,
    members: [...group.members.values()].map((member) => ({
      id: member.id,
      instance: member.instance,
      client: member.client,
      sessionTimeout: member.sessionTimeout,
      rebalanceTimeout: member.rebalanceTimeout,
      protocols: member.protocols,
      topic: member.topic,
      owned: member.owned,
      ownedIn: member.ownedIn,
      partitions: assignments.find((a) => a.member === member.id)?.partitions ?? [],
    })),
    memberIds: group.memberIds,
    transactional: group.record.transactional,
  };
}

/** Do offsets of one of these partitions wait for the end of a transaction? */
export function hasPending(group: Group, partitions: readonly PartitionIndex[]): boolean {
  return (group.record.transactional ?? []).some(({ pending }) =>
    pending?.some(({ partition }) => partitions.includes(partition)),
  );
}

/** The assignor that all members can follow and most of them prefer; ties by the first member. */
export function selectProtocol(members: Iterable<Member>): string {
  const all = [...members];
  const common = all[0].protocols.filter((p) => all.every((m) => m.protocols.includes(p)));
  const votes = new Map<string, number>(common.map((p) => [p, 0]));
  for (const member of all) {
    const vote = member.protocols.find((p) => votes.has(p));
    if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  let best = common[0] ?? all[0].protocols[0];
  for (const [protocol, count] of votes) if (count > (votes.get(best) ?? 0)) best = protocol;
  return best;
}
