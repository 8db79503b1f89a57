import { DiskLog } from '../../sim/kernel/disk.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import type { NameId, Names } from '../../sim/kernel/names.ts';
import type { MessageId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { KafkaAudit } from './audit/audit.ts';
import type { PartitionPlan } from './layout.ts';
import { type Batch, type BrokerIndex, offsetAt, type PartitionIndex } from './protocol.ts';
import type { ReplicaLog } from './log.ts';

/** What an observer has seen of one partition. */
interface Record {
  readonly stream: number;
  /** Leader epoch whose log counts. */
  epoch: number;
  /** The log as the leaders of the newest epochs wrote it; of batches that replicas share. */
  readonly log: DiskLog<Batch>;
  end: number;
  /** `appended` and `stored` were stated for all offsets before these. */
  appendedTo: number;
  storedTo: number;
  /** Place in `log` of the batch that `storedTo` lies in. */
  storedIndex: number;
  /** Appended by a leader that was deposed already; gone once it truncates. */
  readonly outcasts: Set<Batch>;
  /** Stored batches of transactions that are open, by producer id. */
  readonly open: Map<number, Batch[]>;
  /** Stored batches of aborted transactions. */
  readonly aborted: Set<Batch>;
  /** What a marker has decided and nobody has been told yet. */
  readonly decided: { readonly batch: Batch; readonly commit: boolean; told: number }[];
  /** How far each replica's log ever reached, power losses notwithstanding. */
  readonly reached: number[];
}

/**
 * The observer of a cluster: states each message of a partition as appended, stored or dropped once
 * per copy, although several replicas and several leaders see it. It has perfect memory and decides
 * nothing: no broker ever reads it.
 */
export class Chronicle {
  readonly #records: Record[];
  readonly #audit: KafkaAudit;
  readonly #reasons: { truncated: NameId; unflushed: NameId; expired: NameId };

  constructor(
    partitions: readonly PartitionPlan[],
    brokers: number,
    names: Names,
    audit: KafkaAudit,
  ) {
    this.#audit = audit;
    this.#records = partitions.map(({ stream }) => ({
      stream,
      epoch: 0,
      log: new DiskLog<Batch>(),
      end: 0,
      appendedTo: 0,
      storedTo: 0,
      storedIndex: 0,
      outcasts: new Set(),
      open: new Map(),
      aborted: new Set(),
      decided: [],
      reached: new Array<number>(brokers).fill(0),
    }));
    this.#reasons = {
      truncated: names.id('truncated'),
      unflushed: names.id('not flushed'),
      expired: names.id('expired by retention'),
    };
  }

  /** A leader of `epoch` appended a batch. */
  append(partition: PartitionIndex, broker: BrokerIndex, batch: Batch, out: Out): void {
    const record = this.#records[partition];
    if (record.stream < 0) {
      record.reached[broker] = batch.baseOffset + batch.count;
      return;
    }
    if (batch.leaderEpoch < record.epoch) {
      record.outcasts.add(batch);
      if (this.#isClean(partition, record)) this.#audit.uncommitted.never(batch);
      const { messages, baseOffset } = batch;
      for (let i = 0; i < messages.length; i++) {
        out.fact(Fact.appended, messages[i], record.stream, baseOffset + i);
      }
      return;
    }
    record.log.append(batch, 0);
    record.end = batch.baseOffset + batch.count;
    record.reached[broker] = record.end;
    this.#stateAppended(record, batch, out);
  }

  /** Was the leader whose log counts elected cleanly? */
  #isClean(partition: PartitionIndex, { epoch }: Record): boolean {
    return this.#audit.elections.isClean(partition, epoch);
  }

  /** The pointer moves first: a fault that strikes at a fact must not make it be stated again. */
  #stateAppended(record: Record, batch: Batch, out: Out): void {
    const { messages } = batch;
    for (let i = 0; i < messages.length; i++) {
      const offset = offsetAt(batch, i);
      if (offset < record.appendedTo) continue;
      record.appendedTo = offset + 1;
      out.fact(Fact.appended, messages[i], record.stream, offset);
    }
  }

  /** The high watermark of the leader of `epoch` rose. */
  stored(
    partition: PartitionIndex,
    epoch: number,
    highWatermark: number,
    own: ReplicaLog,
    out: Out,
  ): void {
    const record = this.#records[partition];
    if (record.stream < 0) return;
    this.#stateDecided(record, out);
    const { log } = record;
    // A deposed leader serves readers until it hears of it: what its successor has as well.
    const deposed = epoch < record.epoch;
    while (record.storedTo < highWatermark && record.storedIndex < log.end) {
      const batch = log.get(record.storedIndex);
      if (batch.baseOffset >= highWatermark || (deposed && !own.holds(batch))) break;
      if (batch.marker !== undefined) this.#storeMarker(record, batch, out);
      else this.#storeRecords(record, batch, out);
    }
  }

  #storeRecords(record: Record, batch: Batch, out: Out): void {
    const { messages, transactional, producerId, origin } = batch;
    if (transactional) {
      const open = record.open.get(producerId) ?? [];
      record.open.set(producerId, open);
      if (open.at(-1) !== batch) open.push(batch);
    }
    let i = 0;
    while (i < messages.length && offsetAt(batch, i) < record.storedTo) i++;
    // Nothing is left of it that was not stated.
    if (i === messages.length) record.storedIndex++;
    for (; i < messages.length; i++) {
      const offset = offsetAt(batch, i);
      record.storedTo = offset + 1;
      if (i === messages.length - 1) record.storedIndex++;
      out.fact(Fact.stored, messages[i], record.stream, offset, transactional ? 1 : 0);
      if (origin >= 0 && !transactional) out.fact(Fact.effect, messages[i], origin, -1);
    }
  }

  #storeMarker(record: Record, batch: Batch, out: Out): void {
    const { baseOffset, count, producerId, marker } = batch;
    record.storedTo = Math.max(record.storedTo, baseOffset + count);
    record.storedIndex++;
    const commit = marker?.commit === true;
    for (const ended of record.open.get(producerId) ?? []) {
      if (!commit) record.aborted.add(ended);
      record.decided.push({ batch: ended, commit, told: 0 });
    }
    record.open.delete(producerId);
    out.fact(Fact.hole, record.stream, baseOffset);
    this.#stateDecided(record, out);
  }

  /** A transaction ended: its messages, and where they are the output of one, the effect. */
  #stateDecided(record: Record, out: Out): void {
    for (let next = record.decided[0]; next !== undefined; next = record.decided[0]) {
      const { batch, commit } = next;
      const { messages, origin } = batch;
      while (next.told < messages.length) {
        const i = next.told++;
        const fact = commit ? Fact.committed : Fact.aborted;
        out.fact(fact, messages[i], record.stream, offsetAt(batch, i));
        if (commit && origin >= 0) out.fact(Fact.effect, messages[i], origin, -1);
      }
      record.decided.shift();
    }
  }

  /** A replica's log ends here now, by fetching or by truncating. */
  reaches(partition: PartitionIndex, broker: BrokerIndex, end: number): void {
    this.#records[partition].reached[broker] = end;
  }

  /**
   * From now on the log of this replica is what counts: what it lacks is lost, although other
   * replicas may hold it until they truncate.
   */
  leads(
    partition: PartitionIndex,
    broker: BrokerIndex,
    epoch: number,
    log: ReplicaLog,
    out: Out,
  ): void {
    const record = this.#records[partition];
    if (record.stream < 0) {
      if (record.reached[broker] > log.end) this.#audit.owners.restart();
      record.reached[broker] = log.end;
      return;
    }
    if (epoch <= record.epoch) return;
    record.epoch = epoch;
    const committed = record.storedTo;
    const lost: Batch[] = [];
    while (record.log.end > record.log.base) {
      const last = record.log.get(record.log.end - 1);
      if (last.baseOffset < log.start || log.holds(last)) break;
      record.log.truncate(record.log.end - 1);
      lost.push(last);
      record.end = last.baseOffset;
    }
    record.end = Math.max(record.end, Math.min(log.start, log.end));
    record.appendedTo = Math.min(record.appendedTo, record.end);
    record.storedTo = Math.min(record.storedTo, record.end);
    record.storedIndex = Math.min(record.storedIndex, record.log.end);
    const reached = record.reached[broker];
    const ownEnd = log.end;
    record.reached[broker] = ownEnd;
    const found = log.from(record.end);
    for (const batch of found) {
      record.outcasts.delete(batch);
      record.log.append(batch, 0);
      record.end = batch.baseOffset + batch.count;
    }
    for (const batch of lost.reverse()) {
      // It had an offset there, and its log is shorter now though nobody cut it.
      const gone = reached > batch.baseOffset && batch.baseOffset >= ownEnd;
      if (batch.baseOffset >= committed) {
        if (this.#isClean(partition, record)) this.#audit.uncommitted.never(batch);
      } else {
        this.#audit.elections.lacks(partition, broker, epoch, batch.baseOffset, !gone, out.now);
      }
      const reason = gone ? this.#reasons.unflushed : this.#reasons.truncated;
      this.#stateDropped(record, batch, reason, out);
    }
    for (const batch of found) this.#stateAppended(record, batch, out);
    if (log.cleanedTo > 0) this.#compact(record, log, out);
    // Its own retention may have gone further than that of the leader before.
    this.expired(partition, epoch, log.start, out);
  }

  /** The leader's cleaner went over its log. */
  compacted(partition: PartitionIndex, epoch: number, log: ReplicaLog, out: Out): void {
    const record = this.#records[partition];
    if (record.stream < 0 || epoch < record.epoch) return;
    this.#compact(record, log, out);
  }

  /** What the leader's log no longer holds, where it is clean, nobody can read any more. */
  #compact(record: Record, leading: ReplicaLog, out: Out): void {
    const { log } = record;
    const to = leading.cleanedTo;
    const left = new Map<number, Batch>();
    for (const batch of leading.from(leading.start)) {
      if (batch.baseOffset >= to) break;
      left.set(batch.baseOffset, batch);
    }
    const kept: Batch[] = [];
    const gone: MessageId[] = [];
    let index = log.base;
    for (; index < log.end && log.get(index).baseOffset < to; index++) {
      const batch = log.get(index);
      const now = left.get(batch.baseOffset);
      const still = new Set(now?.messages);
      for (const message of batch.messages) if (!still.has(message)) gone.push(message);
      if (now !== undefined) kept.push(now);
    }
    if (gone.length === 0) return;
    log.rewrite(index, kept);
    if (record.storedIndex < index) record.storedIndex = log.base;
    const reason = out.names.id('compacted');
    for (const message of gone) out.fact(Fact.dropped, message, record.stream, reason);
  }

  /**
   * A follower takes its log to be a prefix of its leader's: counts the records in which it is not.
   * They stay different for ever.
   */
  compare(partition: PartitionIndex, broker: BrokerIndex, log: ReplicaLog, out: Out): void {
    const record = this.#records[partition];
    if (record.stream < 0) return;
    const { log: leading } = record;
    const first = leading.end > leading.base ? leading.get(leading.base).baseOffset : record.end;
    let differs = 0;
    for (const batch of log.from(first).reverse()) {
      if (holds(leading, batch)) break;
      differs += batch.messages.length;
    }
    if (differs === 0) return;
    this.#audit.differs(partition, broker, differs, out.now);
    out.count(out.names.id('records.diverged'), differs);
    if (out.tracing) out.tell(`broker-${broker + 1} differs from its leader in ${differs} records`);
  }

  /** A replica truncated this batch away. */
  cut(partition: PartitionIndex, batch: Batch, out: Out): void {
    const record = this.#records[partition];
    if (record.outcasts.delete(batch)) {
      this.#stateDropped(record, batch, this.#reasons.truncated, out);
    }
  }

  /** Retention moved the start of the leader's log. */
  expired(partition: PartitionIndex, epoch: number, start: number, out: Out): void {
    const record = this.#records[partition];
    if (record.stream < 0 || epoch < record.epoch) return;
    const { log } = record;
    while (log.base < log.end && log.get(log.base).baseOffset < start) {
      const batch = log.get(log.base);
      log.trim(log.base + 1);
      record.storedIndex = Math.max(record.storedIndex, log.base);
      this.#stateDropped(record, batch, this.#reasons.expired, out);
    }
    record.storedTo = Math.max(record.storedTo, Math.min(start, record.end));
  }

  #stateDropped(record: Record, batch: Batch, reason: NameId, out: Out): void {
    let open = 0;
    if (batch.transactional) {
      const others = record.open.get(batch.producerId);
      const place = others?.indexOf(batch) ?? -1;
      if (place >= 0) others?.splice(place, 1);
      open = record.aborted.delete(batch) || place >= 0 ? 1 : 0;
    }
    for (const message of batch.messages) {
      out.fact(Fact.dropped, message, record.stream, reason, open);
    }
  }
}

/** Is this batch in the log? One epoch has one leader, which gives each offset once. */
function holds(log: DiskLog<Batch>, { baseOffset, leaderEpoch }: Batch): boolean {
  let low = log.base;
  let high = log.end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (log.get(middle).baseOffset < baseOffset) low = middle + 1;
    else high = middle;
  }
  if (low === log.end) return false;
  const found = log.get(low);
  return found.baseOffset === baseOffset && found.leaderEpoch === leaderEpoch;
}
