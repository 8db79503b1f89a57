import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { ClientMetadata } from '../client/metadata.ts';
import { AbortedFilter } from './aborted.ts';
import { Kind, type NetworkClient } from '../client/network-client.ts';
import type { ConsumerConfig } from '../config/settings.ts';
import {
  type Batch,
  type BrokerIndex,
  type FetchedPartition,
  type FetchPosition,
  type FetchRequest,
  type FetchResponse,
  type OffsetForLeaderEpochResponse,
  type PartitionIndex,
  offsetAt,
} from '../protocol.ts';

/** Why a partition has no position. */
export type Lacks = 'committed' | 'reset';

/** A partition assigned to this consumer. */
export interface Held {
  readonly partition: PartitionIndex;
  readonly stream: number;
  /** Offset of the next record to hand out; -1: not known. */
  position: number;
  lacks: Lacks;
  /** Leader epoch of the record handed out last, and the one under which it was validated. */
  lastEpoch: number;
  validEpoch: number;
  validating: boolean;
  /** Fetched and not handed out: batches, the next one and the next record in it. */
  buffer: readonly Batch[];
  batch: number;
  record: number;
  /** What of it was aborted, for a reader of committed data. */
  filter: AbortedFilter | undefined;
  /** Its lag as its last fetch showed it: to the last stable offset, and to the high watermark. */
  lags: readonly [stable: number, all: number];
  /** Not fetched again before, after an error. */
  retryAt: Micros;
  /** The replica that the leader has sent this consumer to; -1: the leader itself. */
  preferred: BrokerIndex;
}

/** One record as the poll loop sees it. */
export interface Polled {
  readonly held: Held;
  readonly offset: number;
  readonly batch: Batch;
  readonly index: number;
}

/** A fetch that is out: what was asked of whom. */
interface Asked {
  readonly positions: readonly FetchPosition[];
}

const NONE: readonly Batch[] = [];
const NO_LAGS = [0, 0] as const;

/**
 * Positions, fetches and buffered data of one consumer. Source: `SubscriptionState`, `Fetcher`,
 * `FetchCollector`, `OffsetsForLeaderEpochClient`, Kafka 3.9.
 */
export class Fetcher {
  readonly held = new Map<PartitionIndex, Held>();
  readonly #out: Out;
  readonly #client: NetworkClient;
  readonly #metadata: ClientMetadata;
  readonly #config: ConsumerConfig;
  readonly #timerCode: number;
  readonly #words: {
    fetch: NameId;
    epochs: NameId;
    truncated: NameId;
    recordsLag: NameId;
    watermarkLag: NameId;
  };
  /** One fetch per broker. */
  readonly #open: boolean[];
  /** Partitions with buffered data, in the order in which it came. */
  #ready: Held[] = [];
  /** States where reading goes on after a truncation of the log. */
  readonly #assigned: (held: Held, reason: NameId) => void;
  /** Makes the next poll() throw. */
  readonly #failed: (why: string) => void;
  /** KIP-320: positions are checked against the log of a new leader. */
  readonly #validates: boolean;

  constructor(
    out: Out,
    client: NetworkClient,
    metadata: ClientMetadata,
    config: ConsumerConfig,
    brokers: number,
    timerCode: number,
    validates: boolean,
    assigned: (held: Held, reason: NameId) => void,
    failed: (why: string) => void,
  ) {
    this.#out = out;
    this.#client = client;
    this.#metadata = metadata;
    this.#config = config;
    this.#timerCode = timerCode;
    this.#assigned = assigned;
    this.#failed = failed;
    this.#validates = validates;
    this.#open = new Array<boolean>(brokers).fill(false);
    const { names } = out;
    this.#words = {
      fetch: names.id('fetch'),
      epochs: names.id('epochs'),
      truncated: names.id('log truncated'),
      recordsLag: names.id('records-lag'),
      watermarkLag: names.id('high-watermark-lag'),
    };
  }

  /** Owns these too: their positions are to be found. */
  add(partitions: readonly { partition: PartitionIndex; stream: number }[]): void {
    for (const { partition, stream } of partitions) {
      this.held.set(partition, {
        partition,
        stream,
        position: -1,
        lacks: 'committed',
        lastEpoch: -1,
        validEpoch: -1,
        validating: false,
        buffer: NONE,
        batch: 0,
        record: 0,
        filter: undefined,
        lags: NO_LAGS,
        retryAt: -Infinity,
        preferred: -1,
      });
    }
  }

  /** Owns these no more. */
  drop(partitions: readonly PartitionIndex[]): void {
    for (const partition of partitions) this.held.delete(partition);
    this.#ready = this.#ready.filter((held) => this.held.get(held.partition) === held);
  }

  /** Owns nothing any more: what is buffered or on its way is dropped. */
  revoke(): void {
    this.held.clear();
    this.#ready = [];
  }

  /** The next record to hand out is the one at `offset`. */
  seek(held: Held, offset: number): void {
    held.position = offset;
    held.buffer = NONE;
    held.batch = held.record = 0;
    const place = this.#ready.indexOf(held);
    if (place >= 0) this.#ready.splice(place, 1);
  }

  /** Reading goes on at the committed offset, once that is found out. */
  forget(held: Held): void {
    this.seek(held, -1);
    held.lacks = 'committed';
  }

  get hasData(): boolean {
    return this.#ready.length > 0;
  }

  /** Hands out up to `max` buffered records; the position moves with each. */
  take(max: number): Polled[] {
    const taken: Polled[] = [];
    while (taken.length < max && this.#ready.length > 0) {
      const held = this.#ready[0];
      // A position in doubt is not fetchable: FetchCollector drops what was fetched there.
      if (held.validating) held.batch = held.buffer.length;
      else this.#takeFrom(held, max, taken);
      if (held.batch < held.buffer.length) continue;
      this.#ready.shift();
      held.buffer = NONE;
      held.batch = held.record = 0;
    }
    return taken;
  }

  #takeFrom(held: Held, max: number, taken: Polled[]): void {
    while (held.batch < held.buffer.length && taken.length < max) {
      const batch = held.buffer[held.batch];
      if (held.record === 0 && held.filter?.skips(batch) === true) {
        held.batch++;
        held.position = Math.max(held.position, batch.baseOffset + batch.count);
        continue;
      }
      const index = held.record++;
      if (held.record >= batch.messages.length) {
        held.batch++;
        held.record = 0;
      }
      const offset = index < batch.messages.length ? offsetAt(batch, index) : -1;
      // A fetch from the middle of a batch returns the whole batch.
      if (offset >= held.position) {
        held.position = offset + 1;
        held.lastEpoch = batch.leaderEpoch;
        taken.push({ held, offset, batch, index });
      }
      // Compaction may have left nothing behind its last record, or nothing at all.
      if (held.record === 0)
        held.position = Math.max(held.position, batch.baseOffset + batch.count);
    }
  }

  /** Sends what can be fetched now, one request per broker. */
  send(): void {
    const now = this.#out.clock;
    const byBroker: FetchPosition[][] = [];
    for (const held of this.held.values()) {
      if (held.position < 0 || held.buffer.length > 0 || held.retryAt > now) continue;
      const leader = this.#metadata.leaders[held.partition];
      // Before KIP-320 a fetch said nothing of epochs.
      const leaderEpoch = this.#validates ? this.#metadata.epochs[held.partition] : -1;
      if (leader < 0) {
        this.#metadata.request();
        continue;
      }
      if (held.validEpoch < leaderEpoch && held.lastEpoch >= 0) {
        this.#validate(held, leader, leaderEpoch);
        continue;
      }
      const from = held.preferred >= 0 ? held.preferred : leader;
      if (this.#open[from]) continue;
      const { partition, position: offset } = held;
      (byBroker[from] ??= []).push({ partition, offset, leaderEpoch, lastEpoch: -1 });
    }
    byBroker.forEach((positions, broker) => this.#fetch(broker, positions));
    this.#metadata.maybeRefresh();
  }

  #fetch(broker: BrokerIndex, positions: readonly FetchPosition[]): void {
    if (!this.#client.ready(broker)) return;
    this.#open[broker] = true;
    const { fetchMaxWait, fetchMinBytes, fetchMaxBytes, partitionMaxBytes } = this.#config;
    const request: FetchRequest = {
      type: 'FetchRequest',
      correlation: this.#client.next(broker, Kind.fetch),
      replica: -1,
      brokerEpoch: -1,
      maxWait: fetchMaxWait,
      minBytes: fetchMinBytes,
      maxBytes: fetchMaxBytes,
      partitionMaxBytes,
      positions,
      rack: this.#config.rack === '' ? undefined : this.#config.rack,
      committed: this.#config.committedOnly,
    };
    const asked: Asked = { positions };
    this.#client.send(broker, Kind.fetch, request, this.#words.fetch, asked);
  }

  onResponse(broker: BrokerIndex, { positions }: Asked, response: FetchResponse): void {
    this.#open[broker] = false;
    for (const fetched of response.partitions) {
      const held = this.held.get(fetched.partition);
      const asked = positions.find((p) => p.partition === fetched.partition);
      // Revoked meanwhile, or the position is another one now.
      if (held === undefined || asked === undefined || held.position !== asked.offset) continue;
      switch (fetched.error) {
        case 'NONE':
          held.preferred = fetched.preferred ?? held.preferred;
          if (fetched.lastStable !== undefined) this.#noteLags(held, fetched, fetched.lastStable);
          if (fetched.batches.length === 0 || held.buffer.length > 0) break;
          held.buffer = fetched.batches;
          held.filter = fetched.aborted && new AbortedFilter(fetched.aborted);
          this.#ready.push(held);
          held.validEpoch = Math.max(held.validEpoch, asked.leaderEpoch);
          break;
        case 'OFFSET_OUT_OF_RANGE':
          if (held.preferred >= 0) {
            // A follower may lag: the leader knows.
            this.#pause(held, fetched.error);
            break;
          }
          this.#out.ignored('FetchRequest', fetched.error);
          held.position = -1;
          held.lacks = 'reset';
          break;
        default:
          this.#pause(held, fetched.error);
      }
    }
  }

  /**
   * The client's metric `records-lag` looks no further than the last stable offset: behind an open
   * transaction it is 0. Kept as two counters that rise and fall.
   */
  #noteLags(held: Held, { highWatermark }: FetchedPartition, lastStable: number): void {
    const lags = [lastStable - held.position, highWatermark - held.position] as const;
    const { recordsLag, watermarkLag } = this.#words;
    if (lags[0] !== held.lags[0]) this.#out.count(recordsLag, lags[0] - held.lags[0]);
    if (lags[1] !== held.lags[1]) this.#out.count(watermarkLag, lags[1] - held.lags[1]);
    held.lags = lags;
  }

  /** After an error: fresh metadata, and a pause before the next try. */
  #pause(held: Held, error: string): void {
    this.#out.ignored('FetchRequest', error);
    this.#metadata.request();
    if (error === 'NOT_LEADER_OR_FOLLOWER' || error === 'OFFSET_OUT_OF_RANGE') held.preferred = -1;
    const wait = this.#config.retry.base;
    held.retryAt = this.#out.clock + wait;
    this.#out.timer(wait, this.#timerCode, held);
  }

  /** The pause is over, whatever the clock says by now. */
  resume(held: Held): void {
    held.retryAt = -Infinity;
  }

  onLost(broker: BrokerIndex): void {
    this.#open[broker] = false;
    this.#metadata.request();
    for (const held of this.held.values()) if (held.preferred === broker) held.preferred = -1;
  }

  // --- Is a position still in the log of a new leader? (KIP-320) ---

  #validate(held: Held, broker: BrokerIndex, leaderEpoch: number): void {
    if (held.validating || !this.#client.ready(broker)) return;
    held.validating = true;
    const correlation = this.#client.next(broker, Kind.epochEnd);
    const { partition, lastEpoch: epoch } = held;
    const type = 'OffsetForLeaderEpochRequest';
    const request = { type, correlation, partition, leaderEpoch, epoch } as const;
    const data = { held, leaderEpoch };
    this.#client.send(broker, Kind.epochEnd, request, this.#words.epochs, data);
  }

  onEpochEnd(
    { held, leaderEpoch }: { held: Held; leaderEpoch: number },
    response: OffsetForLeaderEpochResponse | undefined,
  ): void {
    held.validating = false;
    if (this.held.get(held.partition) !== held) return;
    if (response === undefined || response.error !== 'NONE') {
      return this.#pause(held, response?.error ?? 'NETWORK_EXCEPTION');
    }
    held.validEpoch = leaderEpoch;
    if (response.end < 0) {
      held.position = -1;
      held.lacks = 'reset';
    } else if (response.end < held.position) {
      if (this.#config.reset === 'none') return this.#failed('LogTruncationException');
      this.seek(held, response.end);
      held.lastEpoch = response.epoch;
      this.#assigned(held, this.#words.truncated);
    }
  }
}
