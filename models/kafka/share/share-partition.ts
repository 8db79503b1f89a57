import { assert } from '../../../sim/kernel/assert.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import {
  type AcknowledgeType,
  type AcquiredRecords,
  type Batch,
  placeOf,
  type RecordDelivery,
  type RecordState,
  type ShareState,
} from '../protocol.ts';

/** Failure edges too: a lock that runs out, a member that goes, a try too many. */
export const RECORD_STATES: Readonly<Record<RecordState, readonly RecordState[]>> = {
  AVAILABLE: ['ACQUIRED', 'ARCHIVED'],
  ACQUIRED: ['AVAILABLE', 'ACKNOWLEDGED', 'ARCHIVED'],
  ACKNOWLEDGED: ['ACQUIRED'], // Its write failed: the acknowledgement did not happen.
  ARCHIVED: ['ACQUIRED'], // The same.
};

/** One record between the start offset and the end of what was ever acquired. */
export interface Tracked {
  readonly offset: number;
  message: MessageId;
  state: RecordState;
  deliveryCount: number;
  /** Who has it, and since which fetch or renewal; its lock is that one's. */
  member: string;
  lock: number;
  /** A change that is being written: nobody may touch it meanwhile. */
  changing: boolean;
}

/** What the leader keeps of one group's reading of one partition. Source: `SharePartition`. */
export class SharePartition {
  /** Share-partition start offset (SPSO). */
  start: number;
  /** By offset, from `start` on; undefined: skipped over and not yet looked at. */
  readonly #records: (Tracked | undefined)[] = [];
  readonly #limits: { readonly deliveries: number; readonly locks: number };

  constructor(start: number, limits: { readonly deliveries: number; readonly locks: number }) {
    this.start = start;
    this.#limits = limits;
  }

  /** What a new leader reads: whoever had a record has it no more. */
  static from(state: ShareState, limits: SharePartition['limits']): SharePartition {
    const partition = new SharePartition(state.start, limits);
    for (const { offset, state: is, deliveryCount } of state.records) {
      if (offset >= state.start) partition.#put(newRecord(offset, is, deliveryCount));
    }
    partition.advance();
    return partition;
  }

  get limits(): { readonly deliveries: number; readonly locks: number } {
    return this.#limits;
  }

  /** The offset after the last one that was ever acquired (SPEO + 1). */
  get end(): number {
    return this.start + this.#records.length;
  }

  at(offset: number): Tracked | undefined {
    return this.#records[offset - this.start];
  }

  #put(record: Tracked): void {
    const index = record.offset - this.start;
    while (this.#records.length <= index) this.#records.push(undefined);
    this.#records[index] = record;
  }

  /** The lowest offset that can be handed out; -1: none, for too many are locked. */
  get next(): number {
    for (let i = 0; i < this.#records.length; i++) {
      const record = this.#records[i];
      if (record === undefined || isFree(record)) return this.start + i;
    }
    return this.#records.length < this.#limits.locks ? this.end : -1;
  }

  /**
   * Acquires what is free in whole batches, the lowest offset first, until there are `max` records.
   * The batches that hold them, and the runs of equal delivery count.
   */
  acquire(
    batches: readonly Batch[],
    member: string,
    lock: number,
    max: number,
  ): { batches: Batch[]; acquired: AcquiredRecords[] } {
    const used: Batch[] = [];
    const offsets: Tracked[] = [];
    for (const batch of batches) {
      const before = offsets.length;
      for (let i = 0; i < batch.count; i++) this.#take(batch, i, member, lock, offsets);
      if (offsets.length > before) used.push(batch);
      if (offsets.length >= max) break;
    }
    this.advance();
    return { batches: used, acquired: runsOf(offsets) };
  }

  #take(batch: Batch, i: number, member: string, lock: number, into: Tracked[]): void {
    const offset = batch.baseOffset + i;
    if (offset < this.start) return;
    const known = this.at(offset);
    if (known !== undefined && !isFree(known)) return;
    if (offset >= this.end && this.#records.length >= this.#limits.locks) return;
    const record = known ?? newRecord(offset, 'AVAILABLE', 0);
    if (known === undefined) this.#put(record);
    const place = placeOf(batch, offset);
    // A marker of a transaction is for no application, and what compaction removed is gone.
    if (place < 0 || place >= batch.messages.length) return become(record, 'ARCHIVED');
    record.message = batch.messages[place];
    become(record, 'ACQUIRED');
    record.deliveryCount++;
    record.member = member;
    record.lock = lock;
    into.push(record);
  }

  /**
   * The records of an acknowledgement, or undefined when one of them is not this member's:
   * INVALID_RECORD_STATE, and none is acknowledged. What is below the start is done with already.
   */
  owned(first: number, last: number, member: string): Tracked[] | undefined {
    const found: Tracked[] = [];
    for (let offset = Math.max(first, this.start); offset <= last; offset++) {
      const record = this.at(offset);
      if (record?.state === 'ARCHIVED' && record.member === '') continue;
      const isTheirs = record?.state === 'ACQUIRED' && record.member === member;
      if (record === undefined || !isTheirs || record.changing) return undefined;
      found.push(record);
    }
    return found;
  }

  /** What an acknowledgement makes of a record; it counts once that is written. */
  change(record: Tracked, type: Exclude<AcknowledgeType, 'RENEW'>): void {
    assert(!record.changing, 'one change of a record is written at a time');
    record.changing = true;
    if (type === 'ACCEPT') become(record, 'ACKNOWLEDGED');
    else if (type === 'REJECT') become(record, 'ARCHIVED');
    else this.release(record);
  }

  /** A record goes back, or is archived when it was handed out too often. */
  release(record: Tracked): void {
    const spent = record.deliveryCount >= this.#limits.deliveries;
    become(record, spent ? 'ARCHIVED' : 'AVAILABLE');
  }

  /** The change is written: it holds. */
  confirm(record: Tracked): void {
    record.changing = false;
    record.member = '';
    this.advance();
  }

  /** It could not be written: the member still has the record. */
  revert(record: Tracked): void {
    record.changing = false;
    become(record, 'ACQUIRED');
  }

  /** Records that somebody has, by a test of who or since when. */
  acquiredBy(test: (record: Tracked) => boolean): Tracked[] {
    const found: Tracked[] = [];
    for (const record of this.#records) {
      if (record?.state === 'ACQUIRED' && !record.changing && test(record)) found.push(record);
    }
    return found;
  }

  /** The start moves over what is done with. */
  advance(): void {
    let done = 0;
    for (const record of this.#records) {
      if (record === undefined || record.changing || !isDone(record)) break;
      done++;
    }
    this.#records.splice(0, done);
    this.start += done;
  }

  /** The log begins later now: what was deleted is handed out no more. */
  trimTo(offset: number): void {
    if (offset <= this.start) return;
    this.#records.splice(0, offset - this.start);
    this.start = offset;
  }
}

function newRecord(offset: number, state: RecordState, deliveryCount: number): Tracked {
  return { offset, message: -1, state, deliveryCount, member: '', lock: -1, changing: false };
}

function isFree(record: Tracked): boolean {
  return record.state === 'AVAILABLE' && !record.changing;
}

function isDone(record: Tracked): boolean {
  return record.state === 'ACKNOWLEDGED' || record.state === 'ARCHIVED';
}

function become(record: Tracked, next: RecordState): void {
  assert(RECORD_STATES[record.state].includes(next), `record: ${record.state} -> ${next} is legal`);
  record.state = next;
}

/** As it is written down. */
export function deliveryOf(record: Tracked): RecordDelivery {
  const { offset, state, deliveryCount } = record;
  return { offset, state, deliveryCount };
}

function runsOf(records: readonly Tracked[]): AcquiredRecords[] {
  const runs: { first: number; last: number; deliveryCount: number }[] = [];
  for (const { offset, deliveryCount } of records) {
    const run = runs.at(-1);
    if (run?.last === offset - 1 && run.deliveryCount === deliveryCount) run.last = offset;
    else runs.push({ first: offset, last: offset, deliveryCount });
  }
  return runs;
}
