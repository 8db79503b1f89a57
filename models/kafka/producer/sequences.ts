import { assert } from '../../../sim/kernel/assert.ts';
import { sequenceAfter } from '../producer-states.ts';
import type { ErrorName, PartitionIndex } from '../protocol.ts';
import type { ProducerBatch } from './batch.ts';

/** What idempotence keeps of one partition. */
interface Entry {
  next: number;
  /** Largest sequence acknowledged; -1: none in this epoch. */
  lastAcked: number;
  /** Batches that have a sequence and no outcome, by sequence; waiting ones included. */
  readonly open: ProducerBatch[];
  /** A batch expired after a retry: whether it was appended is not known. */
  unresolved: boolean;
  /** The sequence after that batch. */
  afterUnresolved: number;
  epoch: number;
}

/** Epochs are 16-bit; at the last one a new producer id is asked for. */
const LAST_EPOCH = 32_767;

/**
 * The idempotent producer's side of exactly-once appends, without transactions.
 * Source: `TransactionManager`, `TxnPartitionMap`, Kafka 3.9; KIP-360.
 */
export class Sequences {
  producerId = -1;
  epoch = -1;
  readonly #entries = new Map<PartitionIndex, Entry>();
  /** Partitions whose open batches are renumbered in a new epoch. */
  readonly #bump = new Set<PartitionIndex>();

  get ready(): boolean {
    return this.producerId >= 0;
  }

  begin(producerId: number, epoch: number): void {
    this.producerId = producerId;
    this.epoch = epoch;
    for (const entry of this.#entries.values()) this.#restart(entry);
  }

  #entry(partition: PartitionIndex): Entry {
    let entry = this.#entries.get(partition);
    if (entry === undefined) {
      entry = {
        next: 0,
        lastAcked: -1,
        open: [],
        unresolved: false,
        afterUnresolved: -1,
        epoch: this.epoch,
      };
      this.#entries.set(partition, entry);
    }
    return entry;
  }

  /** May the head batch of a partition be sent now? */
  maySend(batch: ProducerBatch): boolean {
    const entry = this.#entry(batch.partition);
    if (batch.baseSequence >= 0) {
      // Once a retried batch heads the queue, only the lowest sequence goes.
      return entry.open[0] === batch;
    }
    if (entry.unresolved) return false;
    return entry.epoch === this.epoch || entry.open.length === 0;
  }

  /** Gives a batch its sequence when it is first sent; it keeps it over all retries. */
  number(batch: ProducerBatch): void {
    if (batch.baseSequence >= 0) return;
    const entry = this.#entry(batch.partition);
    if (entry.epoch !== this.epoch) {
      assert(entry.open.length === 0, 'an epoch ends with its last open batch');
      this.#restart(entry);
    }
    batch.producerId = this.producerId;
    batch.producerEpoch = this.epoch;
    batch.baseSequence = entry.next;
    entry.next = sequenceAfter(entry.next, batch.count);
    entry.open.push(batch);
  }

  #restart(entry: Entry): void {
    entry.epoch = this.epoch;
    entry.next = 0;
    entry.lastAcked = -1;
  }

  succeeded(batch: ProducerBatch): void {
    const entry = this.#entry(batch.partition);
    this.#close(entry, batch);
    if (batch.producerEpoch !== entry.epoch) return;
    const last = sequenceAfter(batch.baseSequence, batch.count - 1);
    entry.lastAcked = Math.max(entry.lastAcked, last);
  }

  /** The batch is given up; `bump`: its sequence leaves a gap that a new epoch must close. */
  failed(batch: ProducerBatch, bump: boolean): void {
    if (batch.baseSequence < 0) return;
    this.#close(this.#entry(batch.partition), batch);
    if (bump) this.#bump.add(batch.partition);
  }

  /** It expired. After a retry nobody knows whether it was appended. */
  expired(batch: ProducerBatch): void {
    if (batch.baseSequence < 0) return;
    const entry = this.#entry(batch.partition);
    this.#close(entry, batch);
    if (batch.attempts > 0) {
      entry.unresolved = true;
      entry.afterUnresolved = sequenceAfter(batch.baseSequence, batch.count);
    }
  }

  #close(entry: Entry, batch: ProducerBatch): void {
    const place = entry.open.indexOf(batch);
    if (place >= 0) entry.open.splice(place, 1);
  }

  /** Is it to be sent again after this error? May ask for an epoch bump. */
  mayRetry(batch: ProducerBatch, error: ErrorName): boolean {
    if (error !== 'OUT_OF_ORDER_SEQUENCE_NUMBER') return isRetriable(error);
    const entry = this.#entry(batch.partition);
    const isNext = batch.baseSequence === sequenceAfter(entry.lastAcked, 1);
    if (!entry.unresolved && (batch.renumbered || !isNext)) return true;
    if (isNext || batch.baseSequence === entry.afterUnresolved) this.#bump.add(batch.partition);
    return true;
  }

  /** Where in the queue a retried batch belongs. */
  static insert(queue: ProducerBatch[], batch: ProducerBatch): void {
    let place = 0;
    while (
      place < queue.length &&
      queue[place].baseSequence >= 0 &&
      queue[place].baseSequence < batch.baseSequence
    ) {
      place++;
    }
    queue.splice(place, 0, batch);
  }

  /** At the start of each round of the sender. True when a new producer id is needed. */
  settle(): boolean {
    for (const [partition, entry] of this.#entries) {
      if (!entry.unresolved || entry.open.length > 0) continue;
      entry.unresolved = false;
      if (entry.next !== sequenceAfter(entry.lastAcked, 1)) this.#bump.add(partition);
    }
    if (this.#bump.size === 0) return false;
    if (this.epoch === LAST_EPOCH) {
      this.producerId = -1;
      this.#bump.clear();
      return true;
    }
    this.epoch++;
    for (const partition of this.#bump) {
      const entry = this.#entry(partition);
      entry.unresolved = false;
      this.#restart(entry);
      for (const batch of entry.open) {
        batch.producerEpoch = this.epoch;
        batch.baseSequence = entry.next;
        batch.renumbered = true;
        entry.next = sequenceAfter(entry.next, batch.count);
      }
    }
    this.#bump.clear();
    return false;
  }
}

const RETRIABLE: ReadonlySet<string> = new Set([
  'NETWORK_EXCEPTION',
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR',
  'OFFSET_NOT_AVAILABLE',
]);

export function isRetriable(error: string): boolean {
  return RETRIABLE.has(error);
}
