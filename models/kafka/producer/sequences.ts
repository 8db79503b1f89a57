import { assert } from '../../../sim/kernel/assert.ts';
import { isRetriable } from '../client/errors.ts';
import { sequenceAfter } from '../producer-states.ts';
import type { ErrorName, PartitionIndex } from '../protocol.ts';
import type { Rules } from '../versions.ts';
import type { ProducerBatch } from './batch.ts';

/** What idempotence keeps of one partition. */
interface Entry {
  next: number;
  /** Largest sequence acknowledged; -1: none in this epoch. */
  lastAcked: number;
  /** Offset of the record with that sequence; -1: not known. */
  lastAckedOffset: number;
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
  /** Its epoch is raised by the transaction coordinator alone. */
  transactional = false;
  readonly #rules: Pick<Rules, 'bumpsEpochItself'>;
  readonly #entries = new Map<PartitionIndex, Entry>();
  /** Partitions whose open batches are renumbered in a new epoch. */
  readonly #bump = new Set<PartitionIndex>();

  constructor(rules: Pick<Rules, 'bumpsEpochItself'>) {
    this.#rules = rules;
  }

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
        lastAckedOffset: -1,
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
    entry.lastAckedOffset = -1;
    if (this.transactional) entry.unresolved = false;
  }

  succeeded(batch: ProducerBatch, offset: number): void {
    const entry = this.#entry(batch.partition);
    this.#close(entry, batch);
    if (batch.producerEpoch !== entry.epoch || batch.producerId !== this.producerId) return;
    const last = sequenceAfter(batch.baseSequence, batch.count - 1);
    entry.lastAcked = Math.max(entry.lastAcked, last);
    if (offset >= 0) entry.lastAckedOffset = offset + batch.count - 1;
  }

  /** A batch was split: its pieces have its sequences. */
  replace(batch: ProducerBatch, pieces: readonly ProducerBatch[]): void {
    const { open } = this.#entry(batch.partition);
    const place = open.indexOf(batch);
    if (place >= 0) open.splice(place, 1, ...pieces);
  }

  /** The batch is given up; `bump`: its sequence leaves a gap that a new epoch must close. */
  failed(batch: ProducerBatch, bump: boolean): void {
    if (batch.baseSequence < 0) return;
    this.#close(this.#entry(batch.partition), batch);
    if (bump) this.#bump.add(batch.partition);
  }

  /** In a transaction: those behind a batch that is given up move up to its sequence. */
  withdraw(batch: ProducerBatch): void {
    if (batch.baseSequence < 0) return;
    const entry = this.#entry(batch.partition);
    const behind = entry.open.slice(entry.open.indexOf(batch) + 1);
    this.#close(entry, batch);
    if (batch.producerEpoch !== entry.epoch) return;
    entry.next = batch.baseSequence;
    for (const each of behind) {
      each.baseSequence = entry.next;
      each.renumbered = true;
      entry.next = sequenceAfter(entry.next, each.count);
    }
  }

  /** In a transaction: is there a batch of which nobody will ever know whether it was appended? */
  hasGap(): boolean {
    let gap = false;
    for (const entry of this.#entries.values()) {
      if (!entry.unresolved || entry.open.length > 0) continue;
      entry.unresolved = false;
      if (entry.next !== sequenceAfter(entry.lastAcked, 1)) gap = true;
    }
    return gap;
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
  mayRetry(batch: ProducerBatch, error: ErrorName, logStart = -1): boolean {
    const entry = this.#entry(batch.partition);
    if (error === 'UNKNOWN_PRODUCER_ID') return this.#isForgotten(entry, batch, logStart);
    if (error !== 'OUT_OF_ORDER_SEQUENCE_NUMBER') return isRetriable(error) && this.#isOurs(batch);
    const isNext = batch.baseSequence === sequenceAfter(entry.lastAcked, 1);
    if (!entry.unresolved && (batch.renumbered || !isNext)) return this.#isOurs(batch);
    if (!this.#rules.bumpsEpochItself || this.transactional) return false;
    if (isNext || batch.baseSequence === entry.afterUnresolved) this.#bump.add(batch.partition);
    return true;
  }

  /** Before 2.5 what was sent under an id that was given up is not sent again. */
  #isOurs(batch: ProducerBatch): boolean {
    return this.#rules.bumpsEpochItself || batch.producerId === this.producerId;
  }

  /** The broker has no state of this producer any more: it went with the last of its records. */
  #isForgotten(entry: Entry, batch: ProducerBatch, logStart: number): boolean {
    if (logStart < 0 || batch.renumbered) return true;
    if (this.#rules.bumpsEpochItself) {
      this.#bump.add(batch.partition);
      return true;
    }
    // Before 2.5: begin at 0 again, if what was acknowledged last is deleted; else it is fatal.
    if (entry.lastAckedOffset < 0 || entry.lastAckedOffset >= logStart) return false;
    this.#restart(entry);
    this.#renumber(entry);
    return true;
  }

  #renumber(entry: Entry): void {
    for (const batch of entry.open) {
      batch.producerEpoch = this.epoch;
      batch.baseSequence = entry.next;
      batch.renumbered = true;
      entry.next = sequenceAfter(entry.next, batch.count);
    }
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
    if (this.epoch === LAST_EPOCH || !this.#rules.bumpsEpochItself) {
      this.producerId = -1;
      this.#bump.clear();
      return true;
    }
    this.epoch++;
    for (const partition of this.#bump) {
      const entry = this.#entry(partition);
      entry.unresolved = false;
      this.#restart(entry);
      this.#renumber(entry);
    }
    this.#bump.clear();
    return false;
  }
}
