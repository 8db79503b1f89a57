import type { ModelFinding } from '../../../sim/history/record.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import { type Audit, Tally } from '../../parts/audit.ts';
import type { QueueIndex, ServerIndex, Stored } from '../protocol.ts';
import { CLAIMS } from './claims.ts';
import { Groups } from './groups.ts';

const INTERVAL: Micros = seconds(300);

/** The checkers of what SQS claims; one call for each event. */
export class SqsAudit implements Audit {
  readonly groups: Groups;
  readonly #tallies: readonly Tally[];
  readonly #deduplicated: Tally;
  readonly #receives: Tally;
  /** By queue: id -> when it was last accepted, in that order. */
  readonly #accepted: Map<string, Micros>[] = [];
  /** By queue and server: position -> receive count. */
  readonly #counts: Map<number, number>[][] = [];

  constructor() {
    const tallies = Object.values(CLAIMS).map((claim) => new Tally('sqs', claim));
    const of = (claim: keyof typeof CLAIMS) => tallies[Object.keys(CLAIMS).indexOf(claim)];
    this.#tallies = tallies;
    this.groups = new Groups(of('lock'), of('order'));
    this.#deduplicated = of('deduplicated');
    this.#receives = of('receives');
  }

  /** A FIFO queue takes a message in; `id`: its deduplication id, with its scope. */
  accepts(queue: QueueIndex, id: string, now: Micros, name: string): void {
    const accepted = (this.#accepted[queue] ??= new Map<string, Micros>());
    for (const [old, at] of accepted) {
      if (now - at < INTERVAL) break;
      accepted.delete(old);
    }
    this.#deduplicated.checked++;
    const since = accepted.get(id);
    if (since !== undefined) {
      this.#deduplicated.violated(
        now,
        () => `${name} takes in "${id}" again, first at ${since} us`,
      );
    }
    accepted.delete(id);
    accepted.set(id, now);
  }

  /** A FIFO queue hands a message out, in a batch. */
  hands(
    queue: QueueIndex,
    stored: Stored,
    receives: number,
    batch: number,
    until: Micros,
    now: Micros,
  ): void {
    this.groups.hands(queue, stored, batch, until, now);
    this.received(queue, stored.homes[0], stored.position, receives, now);
  }

  /** A server hands its copy out for the how-manieth time. */
  received(
    queue: QueueIndex,
    server: ServerIndex,
    position: number,
    receives: number,
    now: Micros,
  ): void {
    const counts = ((this.#counts[queue] ??= [])[server] ??= new Map<number, number>());
    const before = counts.get(position);
    if (before !== undefined) this.#receives.checked++;
    if (before !== undefined && receives <= before) {
      this.#receives.violated(now, () => `a message is received the ${receives}. time, twice`);
    }
    counts.set(position, receives);
  }

  /** A message leaves a FIFO queue: deleted, expired or set aside. */
  removes(queue: QueueIndex, stored: Stored): void {
    this.groups.removed(queue, stored);
    this.forgets(queue, stored.homes[0], stored.position);
  }

  /** Nobody will receive this copy again. */
  forgets(queue: QueueIndex, server: ServerIndex, position: number): void {
    this.#counts[queue]?.[server]?.delete(position);
  }

  findings(): readonly ModelFinding[] {
    return this.#tallies.map((tally) => tally.finding);
  }
}
