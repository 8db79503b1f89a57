import { assert } from '../../../sim/kernel/assert.ts';
import type { Disk, DiskLog } from '../../../sim/kernel/disk.ts';
import type { Micros } from '../../../sim/kernel/time.ts';

/** A command in the log. Members share the object: what is the same entry is the same object. */
export interface Entry<Command> {
  readonly index: number;
  readonly term: number;
  /** Term of the entry before it, where it was appended first. */
  readonly before: number;
  /** When the leader took it, by its clock. */
  readonly time: Micros;
  readonly command: Command;
  /** Facts stated of it so far: the memory of an observer, that no member looks at. */
  told: number;
}

export interface Snapshot<State> {
  readonly index: number;
  readonly term: number;
  readonly state: State;
}

interface Meta {
  readonly term: number;
  /** -1: nobody in this term. */
  readonly votedFor: number;
}

/** A snapshot, and where in the disk's log the entry after it stands. */
interface Base<State> {
  readonly snapshot: Snapshot<State> | undefined;
  /** Raft index of an entry less its place in the disk's log. */
  readonly offset: number;
}

/**
 * What one member has on disk: term and vote, a snapshot, the entries after it, and how far it had
 * applied them. Term, vote and snapshot are on stable storage when they are written; entries once
 * an fsync that began after them has ended.
 */
export class RaftLog<Command, State> {
  readonly #disk: Disk;
  readonly #log: DiskLog<Entry<Command>>;
  readonly #name: string;
  /** Does an entry count only once it is synced? Streams leave that to the operating system. */
  readonly #syncs: boolean;
  #base: Base<State>;
  /** Up to here entries are on stable storage, as far as the disk says. */
  written: number;
  /** End of what the fsync under way covers. */
  #syncing = 0;

  constructor(disk: Disk, name: string, syncs = true) {
    this.#syncs = syncs;
    this.#disk = disk;
    this.#name = name;
    this.#log = disk.log(name);
    this.#base = disk.read<Base<State>>(`${name}/snapshot`) ?? { snapshot: undefined, offset: 1 };
    // What a process finds at its start is read, checked and synced before it takes part.
    if (syncs) disk.harden(name, this.#log.end);
    this.written = this.lastIndex;
  }

  /** The file to sync. */
  get file(): string {
    return this.#name;
  }

  get meta(): Meta {
    return this.#disk.read<Meta>(`${this.#name}/meta`) ?? { term: 0, votedFor: -1 };
  }

  set meta(meta: Meta) {
    this.#disk.write(`${this.#name}/meta`, meta);
    this.#disk.harden(`${this.#name}/meta`, Infinity);
  }

  get applied(): number {
    return this.#disk.read<number>(`${this.#name}/applied`) ?? 0;
  }

  set applied(index: number) {
    this.#disk.write(`${this.#name}/applied`, index);
    this.#disk.harden(`${this.#name}/applied`, Infinity);
  }

  get snapshot(): Snapshot<State> | undefined {
    return this.#base.snapshot;
  }

  get lastIndex(): number {
    return this.#log.end - 1 + this.#base.offset;
  }

  get lastTerm(): number {
    return this.termAt(this.lastIndex);
  }

  /** Index of the first entry that is there; behind the last one when there is none. */
  get firstIndex(): number {
    return this.#log.base + this.#base.offset;
  }

  /** 0 for index 0; -1 where the log no longer or not yet reaches. */
  termAt(index: number): number {
    if (index === 0) return 0;
    if (index === this.#base.snapshot?.index) return this.#base.snapshot.term;
    if (index < this.firstIndex || index > this.lastIndex) return -1;
    return this.get(index).term;
  }

  get(index: number): Entry<Command> {
    return this.#log.get(index - this.#base.offset);
  }

  append(entry: Entry<Command>, now: Micros): void {
    assert(entry.index === this.lastIndex + 1, 'a log has no gaps');
    this.#log.append(entry, now);
    if (!this.#syncs) this.written = entry.index;
  }

  /** Removes the entry at `index` and all behind it. */
  truncate(index: number): void {
    this.#log.truncate(index - this.#base.offset);
    this.written = Math.min(this.written, index - 1);
    this.#syncing = Math.min(this.#syncing, index - 1);
  }

  /** An fsync begins. */
  syncs(): void {
    this.#syncing = this.lastIndex;
  }

  /** It has ended. */
  synced(): void {
    this.written = Math.max(this.written, this.#syncing);
  }

  /** All up to `index` is in the snapshot from now on. */
  compact(state: State, index: number): void {
    const snapshot = { index, term: this.termAt(index), state };
    this.#keep({ snapshot, offset: this.#base.offset });
    this.#log.trim(index + 1 - this.#base.offset);
  }

  /** A leader's snapshot takes the place of everything. */
  install(snapshot: Snapshot<State>): void {
    this.#log.truncate(this.#log.base);
    this.#keep({ snapshot, offset: snapshot.index + 1 - this.#log.base });
    this.written = snapshot.index;
    this.#syncing = snapshot.index;
    this.applied = snapshot.index;
  }

  #keep(base: Base<State>): void {
    this.#base = base;
    this.#disk.write(`${this.#name}/snapshot`, base);
    this.#disk.harden(`${this.#name}/snapshot`, Infinity);
  }
}
