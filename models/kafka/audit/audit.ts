import type { ModelFinding } from '../../../sim/history/record.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { type Audit, Tally } from '../../parts/audit.ts';
import type { ReplicaLog } from '../log.ts';
import type { Batch, BrokerIndex, PartitionIndex } from '../protocol.ts';
import { AbortedReads } from './aborted.ts';
import { CLAIMS } from './claims.ts';
import { Elections } from './elections.ts';
import { Histories } from './histories.ts';
import { Owners } from './owners.ts';
import { AppendedSequences } from './sequences.ts';
import { UncommittedReads } from './uncommitted.ts';
import { Watermarks } from './watermarks.ts';

/** The checkers of Kafka's own claims, each in a file of its own; one call for each event. */
export class KafkaAudit implements Audit {
  readonly elections: Elections;
  readonly owners: Owners;
  readonly aborted: AbortedReads;
  readonly uncommitted: UncommittedReads;
  readonly #histories: Histories;
  readonly #watermarks: Watermarks;
  readonly #sequences: AppendedSequences;
  readonly #tallies: readonly Tally[];

  /** `nameOf`: a partition in words. */
  constructor(nameOf: (partition: PartitionIndex) => string) {
    const tallies = Object.values(CLAIMS).map((claim) => new Tally('kafka', claim));
    const of = (claim: keyof typeof CLAIMS) => tallies[Object.keys(CLAIMS).indexOf(claim)];
    this.#tallies = tallies;
    this.elections = new Elections(of('leaders'), of('committed'), nameOf);
    this.aborted = new AbortedReads(of('aborted'), nameOf);
    this.uncommitted = new UncommittedReads(of('uncommitted'), nameOf);
    this.owners = new Owners(of('owners'), nameOf);
    this.#histories = new Histories(of('matching'), nameOf);
    this.#watermarks = new Watermarks(of('watermark'), nameOf);
    this.#sequences = new AppendedSequences(of('sequences'), nameOf);
  }

  /** A broker begins to lead, with this log. */
  leads(
    partition: PartitionIndex,
    broker: BrokerIndex,
    epoch: number,
    log: ReplicaLog,
    now: Micros,
  ): void {
    this.elections.leads(partition, broker, epoch, now);
    this.#sequences.leads(partition, epoch, log);
  }

  /** A leader is about to append; `known`: its producer state has an entry for the producer. */
  appends(
    partition: PartitionIndex,
    broker: BrokerIndex,
    batch: Batch,
    known: boolean,
    now: Micros,
  ): void {
    this.elections.appends(partition, broker, batch.leaderEpoch, now);
    if (batch.transactional || batch.marker !== undefined) this.aborted.appends(partition, batch);
    if (batch.producerId >= 0 && batch.marker === undefined) {
      this.#sequences.appends(partition, batch, known, now);
    }
  }

  /** A follower is about to append what it has fetched. */
  follows(
    partition: PartitionIndex,
    broker: BrokerIndex,
    batch: Batch,
    log: ReplicaLog,
    now: Micros,
  ): void {
    this.#histories.follows(partition, broker, batch, log, now);
  }

  /** A follower fetches on as if its log were a prefix of its leader's, and it is not. */
  differs(partition: PartitionIndex, broker: BrokerIndex, records: number, now: Micros): void {
    this.#histories.differs(partition, broker, records, now);
  }

  /** What a leader says its high watermark is. */
  watermark(
    partition: PartitionIndex,
    broker: BrokerIndex,
    epoch: number,
    mark: number,
    now: Micros,
  ): void {
    this.#watermarks.stands(partition, broker, epoch, mark, now);
  }

  findings(): readonly ModelFinding[] {
    return this.#tallies.map((tally) => tally.finding);
  }
}
