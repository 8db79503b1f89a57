import type { Assignment, PartitionIndex } from '../protocol.ts';

export interface AssignorMember {
  readonly member: string;
  readonly topic: string;
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

/** The assignors that are modelled, by the names that the group protocol uses. */
export const ASSIGNORS: Readonly<Record<string, Assignor>> = { range, roundrobin };

function byId(members: readonly AssignorMember[]): readonly AssignorMember[] {
  return members.toSorted((a, b) => (a.member < b.member ? -1 : a.member > b.member ? 1 : 0));
}

function topicsOf(members: readonly AssignorMember[]): readonly string[] {
  return [...new Set(members.map((m) => m.topic))].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function listed(given: ReadonlyMap<string, readonly PartitionIndex[]>): Assignment[] {
  return [...given].map(([member, partitions]) => ({ member, partitions }));
}
