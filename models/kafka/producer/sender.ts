import { assert } from '../../../sim/kernel/assert.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { backoff } from '../client/backoff.ts';
import { isRetriable, isStale, maybeAppended } from '../client/errors.ts';
import type { ClientMetadata } from '../client/metadata.ts';
import { Kind, type NetworkClient } from '../client/network-client.ts';
import type { ProducerConfig } from '../config/settings.ts';
import type { Layout } from '../layout.ts';
import { labelBase } from '../../parts/lives.ts';
import {
  type BrokerIndex,
  type ErrorName,
  type PartitionIndex,
  type ProduceEntry,
  ProduceRequest,
  type ProduceResponse,
  type ProduceResult,
} from '../protocol.ts';
import type { Accumulator, Lane } from './accumulator.ts';
import type { ProducerBatch } from './batch.ts';
import { Availability } from './availability.ts';
import { IdRequest } from './id-request.ts';
import { Sequences } from './sequences.ts';
import { split } from './splitting.ts';
import type { Transactions } from './transactions.ts';

/** What a record came to, reported once for each batch. */
export interface Reports {
  /** The acknowledgement was heard (with acks=0: the batch was sent). */
  acknowledged(batch: ProducerBatch): void;
  /** It will be tried again. */
  retried(batch: ProducerBatch, reason: string): void;
  /** Given up: certainly not appended, or nobody knows. */
  givenUp(batch: ProducerBatch, reason: string): void;
}

/**
 * The sender thread: takes ready batches from the accumulator, sends them, and deals with answers,
 * silence and retries. Source: `Sender`, `RecordAccumulator.drain`, Kafka 3.9.
 */
export class Sender {
  readonly sequences: Sequences;
  readonly availability: Availability;
  readonly ids: IdRequest;
  /** Set for a producer with a transactional.id. */
  transactions: Transactions | undefined;
  readonly #out: Out;
  readonly #layout: Layout;
  readonly #config: ProducerConfig;
  readonly #client: NetworkClient;
  readonly #metadata: ClientMetadata;
  readonly #accumulator: Accumulator;
  readonly #reports: Reports;
  readonly #timers: { send: number; expiry: number };
  readonly #words: { retry: NameId; retries: NameId };
  readonly #laneOf: (Lane | undefined)[] = [];
  /** Tries of this process are numbered from here, so that no two lives share a name. */
  readonly #attemptBase: number;
  readonly #labelBase: number;
  readonly #ready: boolean[];
  #turn = 0;
  #timer: Handle = NO_HANDLE;
  #timerAt: Micros = Infinity;
  #expiry: Handle = NO_HANDLE;

  constructor(
    out: Out,
    layout: Layout,
    config: ProducerConfig,
    client: NetworkClient,
    metadata: ClientMetadata,
    accumulator: Accumulator,
    reports: Reports,
    timers: { send: number; expiry: number },
    life: number,
  ) {
    this.#out = out;
    this.#layout = layout;
    this.#config = config;
    this.#client = client;
    this.#metadata = metadata;
    this.#accumulator = accumulator;
    this.#reports = reports;
    this.#timers = timers;
    this.sequences = new Sequences(layout.rules);
    this.availability = new Availability(config.availabilityTimeout);
    this.ids = new IdRequest(out, client, this.sequences);
    this.#attemptBase = (life - 1) * 100_000;
    this.#labelBase = labelBase(life);
    this.#ready = layout.brokers.map(() => false);
    for (const lane of accumulator.lanes) this.#laneOf[lane.partition] = lane;
    const { names } = out;
    this.#words = {
      retry: names.id('retry'),
      retries: names.id('retries'),
    };
  }

  /** A batch was opened just now: it must not be forgotten. */
  watch(): void {
    if (this.#expiry !== NO_HANDLE) return;
    this.#expiry = this.#out.timer(this.#config.deliveryTimeout, this.#timers.expiry);
  }

  /** One round: everything that can be sent now is, and a timer is set for the rest. */
  run(): void {
    this.#metadata.maybeRefresh();
    if (this.transactions !== undefined) {
      if (this.sequences.hasGap()) this.transactions.onGap();
      this.transactions.run();
      if (!this.sequences.ready) return;
    } else if (this.#config.idempotent) {
      this.sequences.settle();
      if (!this.sequences.ready) return this.ids.ask(this.#accumulator.empty);
    }
    const now = this.#out.clock;
    let next = Infinity;
    for (const lane of this.#accumulator.lanes) {
      if (lane.queue.length === 0 || this.#muted(lane)) continue;
      const leader = this.#metadata.leaders[lane.partition];
      if (leader < 0) {
        this.#metadata.request();
        continue;
      }
      const at = this.#accumulator.readyAt(lane, this.#metadata.epochs[lane.partition], now);
      if (at <= now) this.#ready[leader] = true;
      else if (at < next) next = at;
    }
    for (let broker = 0; broker < this.#ready.length; broker++) {
      if (!this.#ready[broker]) continue;
      this.#ready[broker] = false;
      this.#sendTo(broker, now);
    }
    this.#metadata.maybeRefresh();
    this.#arm(next, now);
  }

  #arm(at: Micros, now: Micros): void {
    if (at === this.#timerAt) return;
    this.#out.cancel(this.#timer);
    this.#timerAt = at;
    if (at < Infinity) this.#timer = this.#out.timer(at - now, this.#timers.send);
  }

  onSendTimer(): void {
    this.#timerAt = Infinity;
    this.run();
  }

  /**
   * With one request in flight allowed, a partition waits for its own (KAFKA-3197). Before 0.10
   * only the connection did, and a partition that moved to another broker had two.
   */
  #muted(lane: Lane): boolean {
    if (this.#config.maxInFlight > 1 || lane.inFlight.length === 0) return false;
    return this.#layout.rules.mutesPartitions;
  }

  #takes(broker: BrokerIndex): boolean {
    return this.#client.ready(broker) && this.#client.inFlight(broker) < this.#config.maxInFlight;
  }

  #sendTo(broker: BrokerIndex, now: Micros): void {
    const takes = this.#takes(broker);
    this.availability.note(broker, takes, now);
    if (!takes) return;
    while (this.#takes(broker)) {
      const batches = this.#drain(broker, now);
      if (batches.length === 0) return;
      this.#send(broker, batches);
      // Another round only for lanes that are ready by themselves.
      if (!this.#anyReady(broker, now)) return;
    }
  }

  #anyReady(broker: BrokerIndex, now: Micros): boolean {
    for (const lane of this.#accumulator.lanes) {
      if (lane.queue.length === 0 || this.#muted(lane)) continue;
      if (this.#metadata.leaders[lane.partition] !== broker) continue;
      if (this.#accumulator.readyAt(lane, this.#metadata.epochs[lane.partition], now) <= now) {
        return true;
      }
    }
    return false;
  }

  /**
   * One head batch of every partition that the broker leads, ready or not, up to the size limit.
   */
  #drain(broker: BrokerIndex, now: Micros): ProducerBatch[] {
    const { lanes } = this.#accumulator;
    const drained: ProducerBatch[] = [];
    let bytes = 0;
    const start = this.#turn;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[(start + i) % lanes.length];
      const head = lane.queue[0];
      if (head === undefined || this.#muted(lane)) continue;
      if (this.#metadata.leaders[lane.partition] !== broker) continue;
      const epoch = this.#metadata.epochs[lane.partition];
      if (head.retryAt > now && epoch <= head.leaderEpoch) continue;
      if (this.#config.idempotent && !this.sequences.maySend(head)) continue;
      if (this.transactions?.maySend(lane.partition) === false) continue;
      if (drained.length > 0 && bytes + head.bytes > this.#config.maxRequestSize) break;
      lane.queue.shift();
      head.closed = true;
      head.leaderEpoch = epoch;
      head.transactional = this.transactions !== undefined;
      if (this.#config.idempotent) this.sequences.number(head);
      bytes += head.bytes;
      drained.push(head);
      this.#turn = (start + i + 1) % lanes.length;
    }
    return drained;
  }

  #send(broker: BrokerIndex, batches: ProducerBatch[]): void {
    const { acks, requestTimeout } = this.#config;
    const entries: ProduceEntry[] = [];
    let bytes = 0;
    for (const batch of batches) {
      entries.push({ partition: batch.partition, batch: batch.wire() });
      bytes += batch.bytes;
    }
    const [first] = batches;
    const attempt = this.#attemptBase + first.named + first.attempts + 1;
    const about = this.#layout.partitions[first.partition].nameId;
    const correlation = this.#client.next(broker, Kind.produce);
    const request = new ProduceRequest(
      correlation,
      acks,
      requestTimeout,
      entries,
      bytes,
      first.nr,
      attempt,
      this.transactions?.id,
    );
    if (acks === '0') {
      this.#client.sendOneWay(broker, request, about, first.nr, attempt);
      for (const batch of batches) this.#succeed(batch);
      return;
    }
    for (const batch of batches) this.#lane(batch.partition).inFlight.push(batch);
    this.#client.sendAs(broker, Kind.produce, request, about, first.nr, attempt, batches);
  }

  #lane(partition: PartitionIndex): Lane {
    const lane = this.#laneOf[partition];
    assert(lane !== undefined, 'a producer sends to its own topic only');
    return lane;
  }

  // --- Answers and silence ---

  onResponse(batches: readonly ProducerBatch[], response: ProduceResponse): void {
    const { results } = response;
    for (let i = 0; i < batches.length; i++) this.#onResult(batches[i], results[i]);
  }

  #onResult(batch: ProducerBatch, result: ProduceResult): void {
    this.#land(batch);
    if (result.leader >= 0) {
      this.#metadata.learn(result.partition, result.leader, result.leaderEpoch);
    }
    const { error } = result;
    if (error === 'NONE' || error === 'DUPLICATE_SEQUENCE_NUMBER') {
      return this.#succeed(batch, result.baseOffset);
    }
    const { splitsBatches } = this.#layout.rules;
    if (error === 'MESSAGE_TOO_LARGE' && batch.count > 1 && splitsBatches && !batch.done) {
      return this.#split(batch, error);
    }
    this.#fail(batch, error, maybeAppended(error, this.#config.acks), result.logStart);
  }

  onLost(batches: readonly ProducerBatch[], reason: string): void {
    // Back to front, so that the oldest stands first in its queue again.
    for (let i = batches.length - 1; i >= 0; i--) {
      this.#land(batches[i]);
      this.#fail(batches[i], reason, true);
    }
  }

  #land(batch: ProducerBatch): void {
    const { inFlight } = this.#lane(batch.partition);
    const place = inFlight.indexOf(batch);
    if (place >= 0) inFlight.splice(place, 1);
  }

  /** `offset`: -1 when it is not known. */
  #succeed(batch: ProducerBatch, offset = -1): void {
    if (batch.done) return;
    batch.done = true;
    if (this.#config.idempotent) this.sequences.succeeded(batch, offset);
    this.#accumulator.release(batch);
    this.#reports.acknowledged(batch);
  }

  /** It is sent again in pieces, at once and without counting as a try. */
  #split(batch: ProducerBatch, error: string): void {
    const { queue } = this.#lane(batch.partition);
    const { idempotent, batchSize } = this.#config;
    const pieces = split(batch, batchSize, this.#layout.producers, this.#layout.rules);
    batch.done = true;
    if (idempotent) this.sequences.replace(batch, pieces);
    for (const piece of pieces.toReversed()) {
      piece.ambiguous = batch.ambiguous;
      if (idempotent) Sequences.insert(queue, piece);
      else queue.unshift(piece);
    }
    this.#accumulator.release(batch);
    this.#out.count(this.#out.names.id('batches.split'));
    this.#reports.retried(batch, error);
  }

  #fail(batch: ProducerBatch, error: string, ambiguous: boolean, logStart = -1): void {
    if (isStale(error)) this.#metadata.request();
    if (batch.done) return;
    if (ambiguous) batch.ambiguous = true;
    const now = this.#out.clock;
    const { deliveryTimeout, retries, idempotent } = this.#config;
    const exhausted = batch.attempts >= retries;
    const inTime = now - batch.created < deliveryTimeout;
    if (inTime && !exhausted && this.#mayRetry(batch, error, logStart)) {
      return this.#requeue(batch, error);
    }
    batch.done = true;
    if (this.transactions !== undefined && !exhausted) this.sequences.withdraw(batch);
    else if (idempotent) this.sequences.failed(batch, !exhausted);
    this.#accumulator.release(batch);
    this.#reports.givenUp(batch, error);
  }

  #mayRetry(batch: ProducerBatch, error: string, logStart: number): boolean {
    if (!this.#config.idempotent) return isRetriable(error);
    return this.sequences.mayRetry(batch, error as ErrorName, logStart);
  }

  #requeue(batch: ProducerBatch, reason: string): void {
    batch.attempts++;
    const about = this.#layout.partitions[batch.partition].nameId;
    const { retry, retries } = this.#words;
    const nr = this.#labelBase + batch.nr;
    const times = this.#config.retry;
    const wait = backoff(times, batch.attempts, this.#out, retry, about, nr);
    batch.retryAt = this.#out.clock + wait;
    const { queue } = this.#lane(batch.partition);
    if (this.#config.idempotent) Sequences.insert(queue, batch);
    else queue.unshift(batch);
    this.#out.count(retries);
    this.#reports.retried(batch, reason);
  }

  /** Gives up whatever is older than delivery.timeout.ms, in flight or not. */
  onExpiryTimer(): void {
    this.#expiry = NO_HANDLE;
    const now = this.#out.clock;
    let oldest = Infinity;
    for (const lane of this.#accumulator.lanes) {
      // What is in flight was drained before what is queued; both are in order of creation.
      for (const batch of [...lane.inFlight, ...lane.queue]) {
        // The one before it may have taken its transaction with it.
        if (batch.done) continue;
        if (now - batch.created < this.#config.deliveryTimeout) {
          oldest = Math.min(oldest, batch.created);
        } else this.#expire(lane, batch);
      }
    }
    if (oldest < Infinity) {
      const wait = oldest + this.#config.deliveryTimeout - now;
      this.#expiry = this.#out.timer(wait, this.#timers.expiry);
    }
    this.run();
  }

  /** Gives up what has not been sent once, or everything. */
  abort(reason: string, all: boolean): void {
    for (const batch of this.#accumulator.abandon(all)) {
      batch.done = true;
      this.sequences.withdraw(batch);
      this.#accumulator.release(batch);
      this.#reports.givenUp(batch, reason);
    }
  }

  #expire(lane: Lane, batch: ProducerBatch): void {
    const place = lane.queue.indexOf(batch);
    if (place >= 0) lane.queue.splice(place, 1);
    else batch.ambiguous = true;
    this.#land(batch);
    batch.done = true;
    if (this.#config.idempotent) this.sequences.expired(batch);
    this.#accumulator.release(batch);
    this.#reports.givenUp(batch, 'delivery.timeout.ms');
  }
}
