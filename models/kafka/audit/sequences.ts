import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { ReplicaLog } from '../log.ts';
import { sequenceAfter } from '../producer-states.ts';
import type { Batch, PartitionIndex } from '../protocol.ts';

/** What one log holds of one producer: its newest epoch, and the sequence after the last one. */
interface Written {
  epoch: number;
  next: number;
}

/** Idempotence, told from the log alone: the leader's own memory of producers is not asked. */
export class AppendedSequences {
  readonly #tally: Tally;
  readonly #nameOf: (partition: PartitionIndex) => string;
  /** Of the log that leads each partition, by producer. */
  readonly #written: Map<number, Written>[] = [];
  readonly #epochs: number[] = [];

  constructor(tally: Tally, nameOf: (partition: PartitionIndex) => string) {
    this.#tally = tally;
    this.#nameOf = nameOf;
  }

  /** Another log counts from now on. What it has lost may be appended anew. */
  leads(partition: PartitionIndex, epoch: number, log: ReplicaLog): void {
    if (epoch < (this.#epochs[partition] ?? -1)) return;
    this.#epochs[partition] = epoch;
    const written = new Map<number, Written>();
    for (const batch of log.from(log.start)) {
      if (batch.producerId >= 0 && batch.marker === undefined) note(written, batch);
    }
    this.#written[partition] = written;
  }

  /** `known`: the leader still has state of this producer; what it has forgotten it cannot see. */
  appends(partition: PartitionIndex, batch: Batch, known: boolean, now: Micros): void {
    // A leader that was deposed and has not heard of it.
    if (batch.leaderEpoch < (this.#epochs[partition] ?? -1)) return;
    const written = (this.#written[partition] ??= new Map<number, Written>());
    const last = written.get(batch.producerId);
    this.#tally.checked++;
    const { producerEpoch: epoch, baseSequence: sequence } = batch;
    const again = last !== undefined && last.epoch === epoch && !follows(sequence, last.next);
    if (known && again) {
      const what = `sequence ${sequence} of producer ${batch.producerId}, epoch ${epoch}`;
      const where = `${this.#nameOf(partition)} again, at ${batch.baseOffset}`;
      this.#tally.violated(now, `${what}, is appended to ${where}`);
    }
    note(written, batch);
  }
}

/** Sequences wrap: what lies less than half the circle ahead is new. */
function follows(sequence: number, next: number): boolean {
  return (sequence - next + 2 ** 31) % 2 ** 31 < 2 ** 30;
}

function note(written: Map<number, Written>, batch: Batch): void {
  const next = sequenceAfter(batch.baseSequence, batch.count);
  const last = written.get(batch.producerId);
  if (last === undefined) written.set(batch.producerId, { epoch: batch.producerEpoch, next });
  else {
    last.epoch = batch.producerEpoch;
    last.next = next;
  }
}
