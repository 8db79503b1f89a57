import { assert } from '../../sim/kernel/assert.ts';
import type { Disk, DiskLog } from '../../sim/kernel/disk.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import { compact } from './cleaner.ts';
import type { TopicConfig } from './config/topic-config.ts';
import { EpochCache } from './epoch-cache.ts';
import { type ProducerEntry, ProducerStates } from './producer-states.ts';
import type { Batch } from './protocol.ts';
import { type OpenTransaction, TransactionIndex } from './transaction-index.ts';
import { type Rules, rulesOf, VERSIONS } from './versions.ts';

/** A run of batches that retention deletes as one. */
interface Segment {
  /** Offset and place on disk of its first batch. */
  readonly base: number;
  readonly index: number;
  readonly firstTimestamp: Micros;
  bytes: number;
  maxTimestamp: Micros;
}

/** What is left of deleted batches: where the log starts, and its producers as of there. */
interface Start {
  readonly offset: number;
  readonly producers: readonly ProducerEntry[];
  readonly open: readonly OpenTransaction[];
}

/** Up to where the log is clean, and what its epochs were there: compaction may leave no record. */
interface Cleaned {
  readonly to: number;
  readonly epochs: readonly (readonly [epoch: number, start: number])[];
}

const NOTHING_CLEANED: Cleaned = { to: 0, epochs: [] };

/**
 * One replica's log: batches on disk, and everything that is derived from them and rebuilt from
 * them on a restart. Knows nothing of leaders and followers.
 */
export class ReplicaLog {
  readonly name: string;
  readonly #disk: Disk;
  readonly #log: DiskLog<Batch>;
  readonly #rules: Rules;
  #config: TopicConfig;
  /** Log start offset and log end offset (LEO). */
  start = 0;
  end = 0;
  bytes = 0;
  epochs = new EpochCache();
  producers = new ProducerStates();
  transactions = new TransactionIndex();
  /** Producers as of `start`, from which a truncation rebuilds. */
  #producersAtStart = new ProducerStates();
  #openAtStart: readonly OpenTransaction[] = [];
  #segments: Segment[] = [];
  #cleaned = NOTHING_CLEANED;
  /** Records appended since the log was last synced because of `flush.messages`. */
  unflushed = 0;

  constructor(name: string, disk: Disk, config: TopicConfig, rules = rulesOf(VERSIONS[0])) {
    this.#rules = rules;
    this.name = name;
    this.#disk = disk;
    this.#config = config;
    this.#log = disk.log<Batch>(name);
    this.#recover();
  }

  /** Reads the log from disk, as a starting broker does. */
  #recover(): void {
    const start = this.#disk.read<Start>(`${this.name}.start`);
    this.start = this.end = start?.offset ?? 0;
    if (start !== undefined) {
      this.#producersAtStart.load(start.producers);
      this.#openAtStart = start.open;
    }
    this.#cleaned = this.#disk.read<Cleaned>(`${this.name}.cleaned`) ?? NOTHING_CLEANED;
    this.#rebuild();
  }

  /** The configuration was changed at run time; segments that are closed stay as they are. */
  configure(config: TopicConfig): void {
    this.#config = config;
  }

  #rebuild(): void {
    this.epochs = new EpochCache();
    this.producers = this.#producersAtStart.copy();
    this.transactions = TransactionIndex.of(this.#openAtStart);
    this.#segments = [];
    this.bytes = 0;
    this.end = this.start;
    const { to, epochs } = this.#cleaned;
    for (const [epoch, start] of epochs) if (start < to) this.epochs.assign(epoch, start);
    for (let i = this.#log.base; i < this.#log.end; i++) this.#note(this.#log.get(i), i);
    // Whatever stood below, up to there, was compacted away and not cut.
    this.end = Math.max(this.end, to);
  }

  /** Derives everything from a batch that stands at `index`; true when it opened a new segment. */
  #note(batch: Batch, index: number): boolean {
    this.end = batch.baseOffset + batch.count;
    this.bytes += batch.bytes;
    this.epochs.assign(batch.leaderEpoch, batch.baseOffset);
    if (batch.producerId >= 0) this.producers.update(batch);
    if (batch.transactional) this.transactions.note(batch);
    const last = this.#segments.at(-1);
    if (last !== undefined && !this.#full(last, batch)) {
      last.bytes += batch.bytes;
      if (batch.timestamp > last.maxTimestamp) last.maxTimestamp = batch.timestamp;
      return false;
    }
    this.#segments.push({
      base: batch.baseOffset,
      index,
      firstTimestamp: batch.timestamp,
      bytes: batch.bytes,
      maxTimestamp: batch.timestamp,
    });
    return last !== undefined;
  }

  #full(segment: Segment, batch: Batch): boolean {
    const { segmentBytes, segmentAge } = this.#config;
    // The cleaner never joins a cleaned segment to one that is not.
    if (segment.base < this.cleanedTo && batch.baseOffset >= this.cleanedTo) return true;
    if (segment.bytes + batch.bytes > segmentBytes) return true;
    return batch.timestamp - segment.firstTimestamp > segmentAge;
  }

  /**
   * Writes a batch at the end; true when it opened a new segment, so that the old one is synced.
   */
  append(batch: Batch, now: Micros): boolean {
    // A follower of a compacted log finds gaps.
    assert(batch.baseOffset >= this.end, 'a batch is appended at the end of the log');
    assert(batch.count > 0, 'a batch holds at least one record');
    this.unflushed += batch.count;
    return this.#note(batch, this.#log.append(batch, now));
  }

  /**
   * Is this batch in the log, or was it before compaction? One epoch has one leader, which gives
   * each offset once.
   */
  holds({ baseOffset, leaderEpoch }: Batch): boolean {
    if (baseOffset < this.cleanedTo) return true;
    const index = this.#indexOf(baseOffset);
    if (index >= this.#log.end) return false;
    const found = this.#log.get(index);
    return found.baseOffset === baseOffset && found.leaderEpoch === leaderEpoch;
  }

  /** Offset below which the log is clean: the cleaner's checkpoint. */
  get cleanedTo(): number {
    return this.#cleaned.to;
  }

  /** Batches from the one that contains `offset` on. */
  from(offset: number): Batch[] {
    const found: Batch[] = [];
    for (let i = this.#indexOf(offset); i < this.#log.end; i++) found.push(this.#log.get(i));
    return found;
  }

  /**
   * Batches that hold offsets in [offset, bound), up to `maxBytes` but at least one. Only whole
   * batches below `bound` are returned.
   */
  read(offset: number, bound: number, maxBytes: number): Batch[] {
    const first = this.#indexOf(offset);
    let bytes = 0;
    let i = first;
    for (; i < this.#log.end; i++) {
      const batch = this.#log.get(i);
      if (batch.baseOffset + batch.count > bound) break;
      if (i > first && bytes + batch.bytes > maxBytes) break;
      bytes += batch.bytes;
    }
    return this.#log.slice(first, i);
  }

  /** Offset of the first batch below `bound` that is not older than `time`; else `bound`. */
  firstSince(time: Micros, bound: number): number {
    for (let i = this.#log.base; i < this.#log.end; i++) {
      const { timestamp, baseOffset } = this.#log.get(i);
      if (baseOffset >= bound) break;
      if (timestamp >= time) return Math.max(baseOffset, this.start);
    }
    return bound;
  }

  /** The newest batch, if there is one. */
  last(): Batch | undefined {
    return this.#log.end > this.#log.base ? this.#log.get(this.#log.end - 1) : undefined;
  }

  /** Place on disk of the batch that contains `offset`, or of the first one after it. */
  #indexOf(offset: number): number {
    let low = this.#log.base;
    let high = this.#log.end;
    // Most reads are at the end of the log.
    if (high > low && offset >= this.#log.get(high - 1).baseOffset) low = high - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const batch = this.#log.get(middle);
      if (batch.baseOffset + batch.count <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Offset up to which the log is on stable storage. */
  get durable(): number {
    const { synced, base } = this.#log;
    if (synced <= base) return this.start;
    const last = this.#log.get(synced - 1);
    return last.baseOffset + last.count;
  }

  /** Removes everything from `offset` on, and returns it. A batch that contains it goes whole. */
  truncate(offset: number): Batch[] {
    if (offset >= this.end) {
      // An epoch in which this replica led and wrote nothing is forgotten too.
      this.epochs.cutAt(this.end);
      return [];
    }
    const index = this.#indexOf(offset);
    const removed: Batch[] = [];
    for (let i = index; i < this.#log.end; i++) removed.push(this.#log.get(i));
    this.#log.truncate(index);
    if (offset < this.cleanedTo) this.#writeCleaned({ ...this.#cleaned, to: offset });
    this.#rebuild();
    assert(this.end <= offset, 'after a truncation the log ends at or below the cut');
    return removed;
  }

  /** Drops the whole log and starts again at `offset`: the leader's log begins beyond our end. */
  restartAt(offset: number): Batch[] {
    const removed = this.from(this.start);
    this.#log.truncate(this.#log.base);
    this.#writeCleaned(NOTHING_CLEANED);
    this.#producersAtStart = new ProducerStates();
    this.#openAtStart = [];
    this.start = offset;
    this.#writeStart();
    this.#rebuild();
    return removed;
  }

  /** Deletes whole segments that retention no longer keeps; never past `bound`. */
  expire(now: Micros, bound: number): boolean {
    const { deletes, retentionAge, retentionBytes } = this.#config;
    if (!deletes) return false;
    let gone = 0;
    let bytes = this.bytes;
    for (const segment of this.#segments) {
      const next = this.#segments[gone + 1]?.base ?? this.end;
      if (next > bound) break;
      const old = now - segment.maxTimestamp > retentionAge;
      if (!old && bytes - segment.bytes < retentionBytes) break;
      bytes -= segment.bytes;
      gone++;
    }
    if (gone === 0) return false;
    this.#removeSegments(gone);
    return true;
  }

  /** Follows the leader's log start: deletes whole segments below it, also the active one. */
  advanceStart(offset: number): boolean {
    const segments = this.#segments;
    let gone = 0;
    while (gone < segments.length && (segments[gone + 1]?.base ?? this.end) <= offset) gone++;
    if (gone === 0) return false;
    this.#removeSegments(gone);
    return true;
  }

  /**
   * Drops all before the newest batch below `bound`: compaction, for a log whose every record holds
   * all that the earlier ones said.
   */
  keepNewest(bound: number): void {
    const index = this.#indexOf(bound - 1);
    if (index >= this.#log.end || index === this.#log.base) return;
    this.start = this.#log.get(index).baseOffset;
    this.#log.trim(index);
    this.#writeStart();
    this.#rebuild();
  }

  #removeSegments(count: number): void {
    const end = this.#segments[count]?.index ?? this.#log.end;
    const index = TransactionIndex.of(this.#openAtStart);
    for (let i = this.#log.base; i < end; i++) {
      const batch = this.#log.get(i);
      if (batch.producerId >= 0) this.#producersAtStart.update(batch);
      if (batch.transactional) index.note(batch);
      this.bytes -= batch.bytes;
    }
    this.start = this.#segments[count]?.base ?? this.end;
    this.#log.trim(end);
    this.#segments.splice(0, count);
    this.epochs.trimTo(this.start);
    if (!this.#rules.producerStateOutlivesData) {
      this.producers.forgetBefore(this.start);
      this.#producersAtStart.forgetBefore(this.start);
    }
    this.#openAtStart = index.open();
    this.transactions.trim(this.start);
    this.#writeStart();
  }

  /**
   * Where cleaning may go: never into the active segment, nor to a transaction that is open, nor
   * above `mark` (since 3.1), nor into a segment with a record that is too young.
   */
  #cleanableTo(now: Micros, mark: number): number {
    const bound = this.#rules.cleanerStopsAtWatermark
      ? this.transactions.lastStable(mark)
      : Math.min(this.end, ...this.transactions.open().map(({ first }) => first));
    let to = this.start;
    for (let i = 0; i + 1 < this.#segments.length; i++) {
      const next = this.#segments[i + 1].base;
      const young = now - this.#segments[i].maxTimestamp < this.#config.compactionLagMin;
      if (next > bound || young) break;
      to = next;
    }
    return to;
  }

  /** Share of the cleanable part that is dirty, in thousandths; 0 when there is nothing to do. */
  dirtiness(now: Micros, mark: number): number {
    if (!this.#config.compacts) return 0;
    const to = this.#cleanableTo(now, mark);
    let clean = 0;
    let dirty = 0;
    let oldest = now;
    for (const segment of this.#segments) {
      if (segment.base >= to) break;
      if (segment.base < this.cleanedTo) clean += segment.bytes;
      else {
        dirty += segment.bytes;
        oldest = Math.min(oldest, segment.firstTimestamp);
      }
    }
    if (dirty === 0) return 0;
    const ratio = Math.floor((dirty * 1000) / (clean + dirty));
    const overdue = now - oldest > this.#config.compactionLagMax;
    return overdue || ratio >= this.#config.dirtyRatio ? Math.max(1, ratio) : 0;
  }

  /** Cleans what may be cleaned. */
  clean(now: Micros, mark: number): void {
    const to = this.#cleanableTo(now, mark);
    const index = this.#indexOf(to);
    const batches: Batch[] = [];
    for (let i = this.#log.base; i < index; i++) batches.push(this.#log.get(i));
    const { tombstoneRetention } = this.#config;
    const isNewestOf = (batch: Batch) =>
      this.producers.newestOf(batch.producerId) === batch.baseOffset;
    const { producers, transactions } = this;
    const isAborted = (batch: Batch) => transactions.isAborted(batch);
    const sparesMarkers = this.#rules.cleanerSparesMarkers;
    const terms = { now, tombstoneRetention, isNewestOf, isAborted, sparesMarkers };
    this.#log.rewrite(index, compact(batches, terms));
    this.#writeCleaned({ to, epochs: this.epochs.pairs() });
    this.#rebuild();
    // What is known of producers does not change before the log is read again.
    this.producers = producers;
    this.transactions = transactions;
  }

  #writeCleaned(cleaned: Cleaned): void {
    if (cleaned === this.#cleaned) return;
    const name = `${this.name}.cleaned`;
    this.#cleaned = cleaned;
    this.#disk.write(name, cleaned);
    this.#disk.harden(name, 0);
  }

  /** The checkpoint of the log's start and the producer snapshot are synced as they are written. */
  #writeStart(): void {
    const name = `${this.name}.start`;
    const producers = this.#producersAtStart.entries();
    const start: Start = { offset: this.start, producers, open: this.#openAtStart };
    this.#disk.write(name, start);
    this.#disk.harden(name, 0);
  }

  /** Forgets producers that have been silent since `before`. */
  expireProducers(before: Micros): void {
    const busy = (producerId: number) => this.transactions.isOpen(producerId);
    this.producers.expire(before, busy);
    this.#producersAtStart.expire(before, busy);
  }
}
