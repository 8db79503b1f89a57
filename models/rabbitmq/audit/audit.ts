import type { ModelFinding } from '../../../sim/history/record.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { type Audit, Tally } from '../../parts/audit.ts';
import type { QueueIndex } from '../protocol.ts';
import type { Consumer } from '../queue.ts';
import { CLAIMS } from './claims.ts';
import { Fifo } from './fifo.ts';
import { Held, type Limited } from './held.ts';
import { RaftClaims } from './raft.ts';
import { SettledOnce } from './settled.ts';

/** The checkers of RabbitMQ's own claims, each in a file of its own; one call for each event. */
export class RabbitAudit implements Audit {
  readonly fifo: Fifo;
  readonly #held: Held;
  readonly settled: SettledOnce;
  readonly raft: RaftClaims;
  readonly #tallies: readonly Tally[];

  /** `nameOf`: a queue in words. */
  constructor(nameOf: (queue: QueueIndex) => string) {
    const tallies = Object.values(CLAIMS).map((claim) => new Tally('rabbitmq', claim));
    const of = (claim: keyof typeof CLAIMS) => tallies[Object.keys(CLAIMS).indexOf(claim)];
    this.#tallies = tallies;
    this.fifo = new Fifo(of('fifo'), nameOf);
    this.#held = new Held(of('prefetch'));
    this.raft = new RaftClaims(of('leaders'), of('matching'), of('confirmed'), nameOf);
    this.settled = new SettledOnce(of('settled'), nameOf);
  }

  /** A channel has one delivery more, or (-1) has settled one. */
  holds(channel: Limited, consumer: Consumer | undefined, by: number, now: Micros): void {
    if (consumer !== undefined) this.#held.change(channel, consumer, by, now);
  }

  findings(): readonly ModelFinding[] {
    return this.#tallies.map((tally) => tally.finding);
  }
}
