import { assert } from './assert.ts';
import { SECOND, type Micros } from './time.ts';

/** Linux writes dirty pages back once they are this old (`dirty_expire_centisecs`, 30 s). */
const WRITEBACK_AGE: Micros = 30 * SECOND;
const MARK_EVERY: Micros = SECOND;

/**
 * An append-only file of whole items. `[base, end)` is written: a process crash keeps it.
 * `[base, synced)` is on stable storage: a power loss keeps only that. An item that was being
 * written when the power went is torn and counts as not written.
 */
export class DiskLog<T> {
  base = 0;
  synced = 0;
  #items: T[] = [];
  /** Items before this place in #items were trimmed away; they are cut off in bulk. */
  #head = 0;
  // Where `end` stood at moments at least a second apart, for write-back by the operating system.
  #markTimes: Micros[] = [];
  #markEnds: number[] = [];
  #lastAt: Micros = 0;

  get end(): number {
    return this.base + this.#items.length - this.#head;
  }

  /** Writes an item at `end` and returns its index. */
  append(item: T, now: Micros): number {
    const last = this.#markTimes.at(-1);
    if (last === undefined || now - last >= MARK_EVERY) this.#mark(now);
    this.#items.push(item);
    this.#lastAt = now;
    return this.end - 1;
  }

  get(index: number): T {
    assert(index >= this.base && index < this.end, 'an item is read only where one is written');
    return this.#items[index - this.base + this.#head] as T;
  }

  /** The items in [from, to). */
  slice(from: number, to: number): T[] {
    assert(from >= this.base && to <= this.end, 'items are read only where they are written');
    const before = this.#head - this.base;
    return this.#items.slice(from + before, to + before);
  }

  /** Removes all items from `end` on. Removal is durable at once: it is never undone. */
  truncate(end: number): void {
    assert(end >= this.base && end <= this.end, 'a log is cut within its bounds');
    this.#items.length = end - this.base + this.#head;
    this.synced = Math.min(this.synced, end);
    this.#markEnds = this.#markEnds.map((mark) => Math.min(mark, end));
  }

  /** Removes all items before `base`. */
  trim(base: number): void {
    assert(base >= this.base && base <= this.end, 'a log is trimmed within its bounds');
    this.#head += base - this.base;
    this.base = base;
    this.synced = Math.max(this.synced, base);
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }

  /**
   * Puts other items in the place of all before `index`, never more of them: what follows keeps its
   * places. Durable at once, like a file that is written aside and then renamed.
   */
  rewrite(index: number, items: readonly T[]): void {
    assert(index >= this.base && index <= this.end, 'a log is rewritten within its bounds');
    assert(items.length <= index - this.base, 'a rewritten part never grows');
    const rest = this.#items.slice(index - this.base + this.#head);
    this.#items = [...items, ...rest];
    this.#head = 0;
    this.base = index - items.length;
    this.synced = Math.max(this.synced, index);
    this.#markEnds = this.#markEnds.map((mark) => Math.max(mark, this.base));
  }

  /** What is left when the power goes at `now`. */
  losePower(now: Micros): void {
    this.#writeBack(now);
    if (now - this.#lastAt >= WRITEBACK_AGE) this.synced = this.end;
    this.truncate(Math.max(this.base, this.synced));
  }

  #mark(now: Micros): void {
    this.#writeBack(now);
    this.#markTimes.push(now);
    this.#markEnds.push(this.end);
  }

  #writeBack(now: Micros): void {
    let aged = 0;
    while (aged < this.#markTimes.length && now - this.#markTimes[aged] >= WRITEBACK_AGE) aged++;
    if (aged === 0) return;
    this.synced = Math.max(this.synced, this.#markEnds[aged - 1]);
    this.#markTimes.splice(0, aged);
    this.#markEnds.splice(0, aged);
  }
}

/** What an fsync was asked to make durable: a log up to an index, or one content of a file. */
export interface Version {
  readonly end: number;
  readonly writes: number;
  readonly value: unknown;
}

interface Cell {
  written: unknown;
  /** Times it was written, and the one that is safe, from 1. */
  writes: number;
  synced: unknown;
  safe: number;
}

/** Everything of a node that outlives its process. */
export class Disk {
  /**
   * Times every write and fsync costs, in thousands: 1000 is normal, 20 000 twenty times slower.
   */
  slowness = 1000;
  /** An fsync of a lying disk returns and keeps nothing safe. */
  lies = false;
  readonly #logs = new Map<string, DiskLog<unknown>>();
  readonly #cells = new Map<string, Cell>();

  /** The log of that name, empty at first. */
  log<T>(name: string): DiskLog<T> {
    let log = this.#logs.get(name);
    if (log === undefined) this.#logs.set(name, (log = new DiskLog<unknown>()));
    return log as DiskLog<T>;
  }

  /** A small file, replaced as a whole. The value must not be changed afterwards. */
  write(name: string, value: unknown): void {
    const cell = this.#cells.get(name);
    if (cell === undefined) {
      this.#cells.set(name, { written: value, writes: 1, synced: undefined, safe: 0 });
      return;
    }
    cell.written = value;
    cell.writes++;
  }

  read<T>(name: string): T | undefined {
    return this.#cells.get(name)?.written as T | undefined;
  }

  /** What stands there now. */
  version(name: string): Version {
    const cell = this.#cells.get(name);
    const end = this.#logs.get(name)?.end ?? 0;
    return { end, writes: cell?.writes ?? 0, value: cell?.written };
  }

  /** Makes a named file or log durable up to `end` (for a log) or as it is now (for a file). */
  harden(name: string, end: number): void {
    this.hardenVersion(name, { ...this.version(name), end });
  }

  /** Makes durable what an fsync found when it was called; what was written since is not. */
  hardenVersion(name: string, { end, writes, value }: Version): void {
    if (this.lies) return;
    const log = this.#logs.get(name);
    if (log !== undefined) log.synced = Math.max(log.synced, Math.min(end, log.end));
    const cell = this.#cells.get(name);
    if (cell === undefined || cell.safe >= writes) return;
    cell.synced = value;
    cell.safe = writes;
  }

  /** A clean shutdown syncs everything. */
  hardenAll(): void {
    for (const name of this.#logs.keys()) this.harden(name, Infinity);
    for (const name of this.#cells.keys()) this.harden(name, Infinity);
  }

  losePower(now: Micros): void {
    for (const log of this.#logs.values()) log.losePower(now);
    for (const [name, cell] of this.#cells) {
      if (cell.safe === 0) this.#cells.delete(name);
      else cell.written = cell.synced;
    }
  }

  /** How often the medium was replaced. */
  erasures = 0;

  /** Replaces the medium: nothing is left. */
  erase(): void {
    this.erasures++;
    this.#logs.clear();
    this.#cells.clear();
  }
}
