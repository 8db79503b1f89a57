import type { PartitionIndex } from '../protocol.ts';

/**
 * Assignors that the coordinator runs for a group of KIP-848, over one topic. Source:
 * `UniformAssignor`, `RangeAssignor` of the group coordinator, Kafka 4.0.
 */

interface Assigned {
  readonly id: string;
  readonly instance: string;
  /** Its target so far. */
  readonly target: readonly PartitionIndex[];
}

export type Targets = ReadonlyMap<string, readonly PartitionIndex[]>;
type ServerAssignor = (
  members: readonly Assigned[],
  partitions: readonly PartitionIndex[],
) => Targets;

/** Balanced to within one; everybody keeps as much as that allows. */
const uniform: ServerAssignor = (members, partitions) => {
  const least = Math.floor(partitions.length / members.length);
  let larger = partitions.length % members.length;
  const free = new Set(partitions);
  const shares = members.map(({ id, target }) => {
    const has = target.filter((p) => free.has(p));
    const over = has.length > least && larger > 0;
    if (over) larger--;
    const share = has.slice(0, least + (over ? 1 : 0));
    for (const p of share) free.delete(p);
    return { id, share };
  });
  const rest = [...free];
  for (const { share } of shares) while (share.length < least) share.push(...rest.splice(0, 1));
  for (const { share } of shares) {
    if (rest.length === 0) break;
    if (share.length === least) share.push(...rest.splice(0, 1));
  }
  return new Map(shares.map(({ id, share }) => [id, share]));
};

/** Consecutive runs, the first members one more. */
const range: ServerAssignor = (members, partitions) => {
  const least = Math.floor(partitions.length / members.length);
  const larger = partitions.length % members.length;
  let next = 0;
  const given = members.map(({ id }, i): [string, readonly PartitionIndex[]] => {
    const from = next;
    next += least + (i < larger ? 1 : 0);
    return [id, partitions.slice(from, next)];
  });
  return new Map(given);
};

export const SERVER_ASSIGNORS: Readonly<Record<string, ServerAssignor>> = { uniform, range };
