import type { Assignment, PartitionIndex } from '../protocol.ts';
import type { Rules } from '../versions.ts';
import { claimsOf, withoutMoves, sticky as balanced } from './sticky.ts';

export interface AssignorMember {
  readonly member: string;
  readonly topic: string;
  /** `group.instance.id`, empty or missing for a dynamic member. */
  readonly instance?: string;
  /** What it claims to own, and the generation that gave it. */
  readonly owned?: readonly PartitionIndex[];
  readonly ownedIn?: number;
}

/** Partitions of a topic, in number order. */
export type PartitionsOf = (topic: string) => readonly PartitionIndex[];

type Assignor = (members: readonly AssignorMember[], partitionsOf: PartitionsOf) => Assignment[];

/**
 * Per topic, in order of member id: the first n mod m members get one partition more than the rest,
 * each a consecutive run. Source: `RangeAssignor`.
 */
export const range: Assignor = (members, partitionsOf) => {
  const sorted = byId(members);
  const given = new Map<string, PartitionIndex[]>(sorted.map(({ member }) => [member, []]));
  for (const topic of topicsOf(sorted)) {
    const subscribed = sorted.filter((m) => m.topic === topic);
    const partitions = partitionsOf(topic);
    const least = Math.floor(partitions.length / subscribed.length);
    const larger = partitions.length % subscribed.length;
    let next = 0;
    subscribed.forEach(({ member }, i) => {
      const count = least + (i < larger ? 1 : 0);
      given.get(member)?.push(...partitions.slice(next, next + count));
      next += count;
    });
  }
  return listed(given);
};

/**
 * All partitions of all topics, by topic name and number, dealt in a circle over the members, past
 * those that are not subscribed. Source: `RoundRobinAssignor`.
 */
export const roundrobin: Assignor = (members, partitionsOf) => {
  const sorted = byId(members);
  const given = new Map<string, PartitionIndex[]>(sorted.map(({ member }) => [member, []]));
  let turn = 0;
  for (const topic of topicsOf(sorted)) {
    for (const partition of partitionsOf(topic)) {
      while (sorted[turn % sorted.length].topic !== topic) turn++;
      given.get(sorted[turn % sorted.length].member)?.push(partition);
      turn++;
    }
  }
  return listed(given);
};

/** Balanced, and as much as that allows stays where it is. Source: `AbstractStickyAssignor`. */
const sticky: Assignor = (members, partitionsOf) => stickily('sticky', members, partitionsOf);

/**
 * The same, but a partition that has to move from a member that still owns it is nobody's in this
 * round: its owner gives it up and joins again. Source: `CooperativeStickyAssignor`, KIP-429.
 */
const cooperative: Assignor = (members, partitionsOf) =>
  stickily('cooperative-sticky', members, partitionsOf);

/** The assignors that are modelled, by the names that the group protocol uses. */
export const ASSIGNORS: Readonly<Record<string, Assignor>> = {
  range,
  roundrobin,
  sticky,
  'cooperative-sticky': cooperative,
};

/** May its members keep their partitions while they join? Only if all of a client's may. */
export function isCooperative(assignor: string): boolean {
  return assignor === 'cooperative-sticky';
}

/** What the group's leader computes; undefined when the assignor throws. */
export function assign(
  protocol: string,
  members: readonly AssignorMember[],
  partitionsOf: PartitionsOf,
  rules: Rules,
): Assignment[] | undefined {
  if (protocol === 'sticky' || isCooperative(protocol)) {
    const contradictory = isCooperative(protocol) && !rules.claimsCarryGeneration;
    if (contradictory && claimsOf(members, 'contradict').contradicted) return undefined;
    const claims = rules.olderClaimsCount ? 'newest-wins' : 'newest-only';
    return stickily(protocol, members, partitionsOf, contradictory ? 'contradict' : claims);
  }
  return ASSIGNORS[protocol](members, partitionsOf);
}

function stickily(
  protocol: string,
  members: readonly AssignorMember[],
  partitionsOf: PartitionsOf,
  rule: Parameters<typeof claimsOf>[1] = 'newest-wins',
): Assignment[] {
  const sorted = byId(members);
  const { owner } = claimsOf(sorted, rule);
  const given = new Map<string, PartitionIndex[]>(sorted.map(({ member }) => [member, []]));
  for (const topic of topicsOf(sorted)) {
    const subscribed = sorted.filter((m) => m.topic === topic).map((m) => m.member);
    for (const [member, partitions] of balanced(subscribed, partitionsOf(topic), owner)) {
      given.get(member)?.push(...partitions);
    }
  }
  return listed(isCooperative(protocol) ? withoutMoves(given, owner) : given);
}

/** Static members first, by instance; then the others by member id. */
export function byId<M extends { member: string; instance?: string }>(members: readonly M[]): M[] {
  return members.toSorted((a, b) => {
    const [x, y] = [a.instance ?? '', b.instance ?? ''];
    if ((x === '') !== (y === '')) return x === '' ? 1 : -1;
    if (x !== y) return x < y ? -1 : 1;
    return a.member < b.member ? -1 : a.member > b.member ? 1 : 0;
  });
}

function topicsOf(members: readonly AssignorMember[]): readonly string[] {
  return [...new Set(members.map((m) => m.topic))].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function listed(given: ReadonlyMap<string, readonly PartitionIndex[]>): Assignment[] {
  return [...given].map(([member, partitions]) => ({ member, partitions }));
}
