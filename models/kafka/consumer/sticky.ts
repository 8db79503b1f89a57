import type { PartitionIndex } from '../protocol.ts';

/** The parts of a sticky assignment: whose claims hold, who gets what, what has to wait. */

interface Claimant {
  readonly member: string;
  readonly owned?: readonly PartitionIndex[];
  readonly ownedIn?: number;
}

/**
 * `newest-wins`: of two claims for a partition that of the higher generation holds, and neither
 * when both are of one. `newest-only`: claims of other than the highest generation do not count
 * (KAFKA-14639). `contradict`: claims have no generation, and two of them are an error
 * (KAFKA-12984).
 */
export type ClaimRule = 'newest-wins' | 'newest-only' | 'contradict';

export interface Claims {
  readonly owner: ReadonlyMap<PartitionIndex, string>;
  /** Two members claimed the same partition with equal right. */
  readonly contradicted: boolean;
}

export function claimsOf(members: readonly Claimant[], rule: ClaimRule): Claims {
  const ages = members.map((m) => (rule === 'contradict' ? 0 : (m.ownedIn ?? -1)));
  const newest = Math.max(-1, ...ages);
  const best = new Map<PartitionIndex, { readonly age: number; member: string | undefined }>();
  let contradicted = false;
  members.forEach(({ member, owned = [] }, i) => {
    const age = ages[i];
    if (rule === 'newest-only' && age < newest) return;
    for (const partition of owned) {
      const other = best.get(partition);
      if (other === undefined || age > other.age) best.set(partition, { age, member });
      else if (age === other.age) {
        contradicted = true;
        other.member = undefined;
      }
    }
  });
  const owner = new Map<PartitionIndex, string>();
  for (const [partition, { member }] of best) {
    if (member !== undefined) owner.set(partition, member);
  }
  return { owner, contradicted };
}

/**
 * One topic's partitions over its members: each gets the floor or the ceiling of the mean, and
 * keeps of what it owned as much as that allows. Source:
 * `AbstractStickyAssignor.constrainedAssign`.
 */
export function sticky(
  members: readonly string[],
  partitions: readonly PartitionIndex[],
  owner: ReadonlyMap<PartitionIndex, string>,
): Map<string, PartitionIndex[]> {
  const least = Math.floor(partitions.length / members.length);
  /** How many members may have one more. */
  let larger = partitions.length % members.length;
  const given = new Map<string, PartitionIndex[]>();
  const kept = new Set<PartitionIndex>();
  for (const member of members) {
    const owned = partitions.filter((p) => owner.get(p) === member);
    const over = owned.length > least && larger > 0;
    if (over) larger--;
    const keep = owned.slice(0, over ? least + 1 : least);
    for (const partition of keep) kept.add(partition);
    given.set(member, keep);
  }
  const free = partitions.filter((p) => !kept.has(p));
  deal(free, [...given.values()], least, larger);
  return given;
}

/** In a circle: first to those below the floor, then one each to as many as may have one more. */
function deal(
  free: readonly PartitionIndex[],
  shares: readonly PartitionIndex[][],
  least: number,
  larger: number,
): void {
  let next = 0;
  let left = larger;
  const under = (share: readonly PartitionIndex[]) => share.length < least;
  const even = (share: readonly PartitionIndex[]) => share.length === least && left > 0;
  for (const partition of free) {
    const fits = shares.some(under) ? under : even;
    while (!fits(shares[next % shares.length])) next++;
    const share = shares[next++ % shares.length];
    if (share.length === least) left--;
    share.push(partition);
  }
}

/** What would move from a member that owns it is left out: it is given up first. */
export function withoutMoves(
  given: ReadonlyMap<string, readonly PartitionIndex[]>,
  owner: ReadonlyMap<PartitionIndex, string>,
): Map<string, PartitionIndex[]> {
  const stays = (p: PartitionIndex, member: string) => (owner.get(p) ?? member) === member;
  return new Map([...given].map(([member, ps]) => [member, ps.filter((p) => stays(p, member))]));
}
