import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { QueueIndex } from '../protocol.ts';
import type { BrokerIndex } from '../queue.ts';

/** Of an entry: where it stands, and what stood before it where it was made. */
interface Placed {
  readonly index: number;
  readonly term: number;
  readonly before: number;
}

/** What a log has where. */
interface Log {
  readonly lastIndex: number;
  termAt(index: number): number;
}

/** What is known of one quorum queue. */
interface Group {
  readonly leaders: Map<number, BrokerIndex>;
  /** Members that have been. */
  readonly members: Set<BrokerIndex>;
  /** Whose disk was erased, or lies: what they have said they have, they may not have. */
  readonly forgetful: Set<BrokerIndex>;
  /** The last entry whose message was confirmed to its publisher. */
  confirmedIndex: number;
  confirmedTerm: number;
}

/** What Raft promises of quorum queues: leaders, logs and confirmed messages. */
export class RaftClaims {
  readonly #leaders: Tally;
  readonly #matching: Tally;
  readonly #confirmed: Tally;
  readonly #nameOf: (queue: QueueIndex) => string;
  readonly #groups: Group[] = [];

  constructor(
    leaders: Tally,
    matching: Tally,
    confirmed: Tally,
    nameOf: (queue: QueueIndex) => string,
  ) {
    this.#leaders = leaders;
    this.#matching = matching;
    this.#confirmed = confirmed;
    this.#nameOf = nameOf;
  }

  #group(queue: QueueIndex): Group {
    return (this.#groups[queue] ??= {
      leaders: new Map(),
      members: new Set(),
      forgetful: new Set(),
      confirmedIndex: 0,
      confirmedTerm: 0,
    });
  }

  /** A member starts, with this disk. */
  joins(
    queue: QueueIndex,
    node: BrokerIndex,
    disk: { readonly erasures: number; readonly lies: boolean },
  ): void {
    const { members, forgetful } = this.#group(queue);
    members.add(node);
    if (disk.erasures > 0 || disk.lies) forgetful.add(node);
  }

  /** A member begins to lead with this log, by these votes. */
  leads(
    queue: QueueIndex,
    node: BrokerIndex,
    term: number,
    log: Log,
    voters: readonly BrokerIndex[],
    now: Micros,
  ): void {
    const group = this.#group(queue);
    this.#leaders.checked++;
    const other = group.leaders.get(term);
    if (other !== undefined && other !== node) {
      this.#leaders.violated(now, () => {
        const both = `broker-${other + 1} and broker-${node + 1}`;
        return `${both} lead queue "${this.#nameOf(queue)}" in term ${term}`;
      });
    }
    group.leaders.set(term, node);
    const { confirmedIndex, confirmedTerm } = group;
    if (confirmedIndex === 0 || !isMinority(group, voters)) return;
    this.#confirmed.checked++;
    // Logs that match there match before it as well.
    const term1 = log.termAt(confirmedIndex);
    if (log.lastIndex >= confirmedIndex && (term1 < 0 || term1 === confirmedTerm)) return;
    this.#confirmed.violated(now, () => {
      const leader = `broker-${node + 1}, leader of queue "${this.#nameOf(queue)}" in term ${term},`;
      return `${leader} lacks entry ${confirmedIndex}, which was confirmed`;
    });
  }

  /** A follower is about to append an entry to its log. */
  follows(
    queue: QueueIndex,
    node: BrokerIndex,
    { index, term, before }: Placed,
    log: Log,
    now: Micros,
  ): void {
    this.#matching.checked++;
    const place = log.lastIndex + 1;
    if (place === index && log.termAt(index - 1) === before) return;
    this.#matching.violated(now, () => {
      const entry = `entry ${index} of term ${term}, which stood behind one of term ${before},`;
      const there = `at ${place} behind one of term ${log.termAt(place - 1)}`;
      return `broker-${node + 1} puts ${entry} of queue "${this.#nameOf(queue)}" ${there}`;
    });
  }

  /** The message of an entry is about to be confirmed. */
  confirms(queue: QueueIndex, index: number, term: number): void {
    const group = this.#group(queue);
    if (index <= group.confirmedIndex) return;
    group.confirmedIndex = index;
    group.confirmedTerm = term;
  }
}

/** Are those who forgot, and those who took no part in the vote, fewer than half? */
function isMinority({ members, forgetful }: Group, voters: readonly BrokerIndex[]): boolean {
  let affected = 0;
  for (const member of members) {
    if (forgetful.has(member) || !voters.includes(member)) affected++;
  }
  return affected * 2 < members.size;
}
