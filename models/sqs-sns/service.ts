import { assert } from '../../sim/kernel/assert.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import type { SqsAudit } from './audit/audit.ts';
import type { QueueIndex, ServerIndex } from './protocol.ts';

/** One queue's attributes, read once. */
export interface QueuePlan {
  readonly name: string;
  readonly about: NameId;
  /** Of a FIFO queue one for each partition; of a standard queue one. */
  readonly streams: readonly number[];
  readonly fifo: FifoPlan | undefined;
  /** Does its access policy let SNS send to it? */
  readonly admitsSns: boolean;
  readonly visibility: Micros;
  readonly wait: Micros;
  readonly delay: Micros;
  readonly retention: Micros;
  readonly maximumSize: number;
  readonly redrive: { readonly to: QueueIndex; readonly maxReceives: number } | undefined;
  /** The `consumers:` entries that read it. */
  readonly subscriptions: readonly number[];
}

/** What makes a queue a FIFO queue. */
export interface FifoPlan {
  /** ContentBasedDeduplication. */
  readonly byContent: boolean;
  /** DeduplicationScope. */
  readonly scope: 'queue' | 'messageGroup';
  /** Partitions that messages are sent to, by their group. */
  readonly partitions: number;
  /** How many messages from the oldest on are looked at for available groups. */
  readonly scan: number;
}

/** What front end and storage servers are built from. */
export interface ServicePlan {
  readonly servers: number;
  readonly replicas: number;
  readonly sampled: number;
  readonly serverTimeout: Micros;
  readonly probeInterval: Micros;
  readonly antiEntropyDelay: Micros;
  readonly inFlightLimit: number;
  readonly queues: readonly QueuePlan[];
  readonly homes: Homes;
  /** By partition of FIFO queues: the server that keeps it, as a list of homes. */
  readonly fifoHomes: readonly (readonly ServerIndex[])[];
  /** Quota of calls of one action, for a FIFO queue or each of its partitions. */
  readonly fifoCallsPerSecond: number;
  readonly audit: SqsAudit;
}

/**
 * Which servers keep which message: `replicas` neighbours on a ring, those out of reach left out.
 */
export class Homes {
  readonly #servers: number;
  readonly #replicas: number;
  /** Equal lists are one object, so that a million messages share a handful. */
  readonly #lists = new Map<number, readonly ServerIndex[]>();

  constructor(servers: number, replicas: number) {
    assert(replicas >= 1 && replicas <= servers, 'a message fits on the servers there are');
    assert(servers <= 16, 'a set of servers is one small integer');
    this.#servers = servers;
    this.#replicas = replicas;
  }

  /** The homes of a message, or undefined when fewer servers than replicas can be reached. */
  of(position: number, down: number): readonly ServerIndex[] | undefined {
    const first = position % this.#servers;
    const key = down * this.#servers + first;
    let list = this.#lists.get(key);
    if (list === undefined) {
      list = Array.from({ length: this.#servers }, (_, i) => (first + i) % this.#servers)
        .filter((server) => (down & (1 << server)) === 0)
        .slice(0, this.#replicas);
      // Without the servers that are away, another set of absentees may give the same list.
      const same = [...this.#lists.values()].find((known) => equal(known, list));
      this.#lists.set(key, (list = same ?? list));
    }
    return list.length < this.#replicas ? undefined : list;
  }
}

function equal(a: readonly number[], b: readonly number[] | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((n, i) => n === b[i]);
}

/** All ways to take k of n, as lists of offsets; the first is 0 .. k - 1. */
export function subsets(n: number, k: number): readonly (readonly number[])[] {
  if (k === 0) return [[]];
  const found: number[][] = [];
  const extend = (chosen: readonly number[], from: number): void => {
    if (chosen.length === k) found.push([...chosen]);
    else for (let i = from; i < n; i++) extend([...chosen, i], i + 1);
  };
  extend([], 0);
  return found;
}
