import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import type { Outgoing } from '../../parts/workload.ts';
import { ClientMetadata } from '../client/metadata.ts';
import { type InFlight, Kind, NetworkClient, type Owner } from '../client/network-client.ts';
import type { ProducerConfig } from '../config/settings.ts';
import type { Layout } from '../layout.ts';
import { labelBase } from '../../parts/lives.ts';
import { javaHash } from '../murmur2.ts';
import { Accumulator } from '../producer/accumulator.ts';
import type { ProducerBatch } from '../producer/batch.ts';
import { Partitioner } from '../producer/partitioner.ts';
import { type Reports, Sender } from '../producer/sender.ts';
import { type TransactionHost, Transactions } from '../producer/transactions.ts';
import type { BrokerIndex, ClientResponse, Correlated, ProduceResponse } from '../protocol.ts';
import type { Prepared } from './protocol.ts';

/** What a producer needs of the task that it belongs to. */
export interface SinkHost {
  readonly out: Out;
  readonly layout: Layout;
  readonly config: ProducerConfig;
  readonly topic: string;
  /** The subscription whose messages are transformed. */
  readonly origin: number;
  wait(): Program;
}

/** Every client of a task has timer codes of its own: late timers of a closed one find nobody. */
const CODES = 8;
const FIRST = 1000;
export const slotOf = (number: number): number => number % 100_000;
export const codesOf = (number: number): number => FIRST + slotOf(number) * CODES;
export const slotOfCode = (code: number): number => Math.floor((code - FIRST) / CODES);

/** One KafkaProducer inside a task, with a transactional id or without. */
export class SinkProducer implements Owner, Reports, TransactionHost {
  readonly id: string;
  /** Why a batch was given up, "" when none was. */
  failure = '';
  dirty = true;
  /** Something was written since the last transaction began. */
  started = false;
  readonly transactions: Transactions | undefined;
  readonly #host: SinkHost;
  readonly #client: NetworkClient;
  readonly #metadata: ClientMetadata;
  readonly #accumulator: Accumulator;
  readonly #partitioner: Partitioner;
  readonly #sender: Sender;
  readonly #base: number;

  /** `number` is a producer's own among all that this node ever has; `base` its timers' codes. */
  constructor(host: SinkHost, id: string, number: number, base: number) {
    const { out, layout, config, topic } = host;
    this.id = id;
    this.#host = host;
    this.#base = base;
    const { brokers, partitions } = layout;
    const turn = javaHash(id) & 0x7fff;
    this.#client = new NetworkClient(out, brokers, config, this, base, number, turn);
    const first = labelBase(number);
    const count = partitions.length;
    this.#metadata = new ClientMetadata(out, this.#client, config, count, base + 1, first);
    this.#accumulator = new Accumulator(config, layout.topics.get(topic)?.partitions ?? []);
    this.#accumulator.learn(layout, this.#metadata);
    const known = {
      leads: (lane: { partition: number }) => this.#metadata.leaders[lane.partition] >= 0,
      takes: () => true,
    };
    const { rules } = layout;
    this.#partitioner = new Partitioner(config, rules, this.#accumulator, known, topic, first, out);
    this.#sender = new Sender(
      out,
      layout,
      config,
      this.#client,
      this.#metadata,
      this.#accumulator,
      this,
      { send: base + 2, expiry: base + 3 },
      number,
    );
    if (id === '') return;
    const { sequences } = this.#sender;
    sequences.transactional = true;
    this.transactions = new Transactions(
      out,
      id,
      config,
      rules,
      this.#client,
      sequences,
      this,
      base + 4,
      number,
    );
    this.#sender.transactions = this.transactions;
  }

  // --- What the sink calls ---

  /** initTransactions(): fences older producers of the id; "" or why there can be none. */
  *initialise(): Program<string> {
    const { transactions } = this;
    if (transactions === undefined) return '';
    transactions.initialise();
    while (transactions.phase.is === 'INITIALIZING') yield* this.#host.wait();
    if (transactions.phase.is === 'READY') return '';
    return this.#error;
  }

  get epoch(): number {
    return this.#sender.sequences.epoch;
  }

  begin(): void {
    this.transactions?.begin();
    this.started = false;
  }

  get #error(): string {
    const phase = this.transactions?.phase;
    return phase !== undefined && 'error' in phase ? phase.error : this.failure;
  }

  /** KafkaProducer.send(): waits for metadata and memory as long as it takes. */
  *send(outgoing: Outgoing): Program {
    const bytes = this.#accumulator.sizeOf(outgoing);
    while (!this.#metadata.known) {
      this.#metadata.request();
      this.dirty = true;
      yield* this.#host.wait();
    }
    const lane = this.#partitioner.laneOf(outgoing.key, bytes);
    while (!this.#accumulator.hasRoom(lane, bytes) && this.#error === '') {
      this.#accumulator.exhausted = true;
      this.dirty = true;
      yield* this.#host.wait();
      this.#accumulator.exhausted = false;
    }
    if (this.#error !== '') return;
    this.started = true;
    if (this.transactions?.phase.is === 'IN_TRANSACTION') this.transactions.touch(lane.partition);
    if (this.#accumulator.append(lane, outgoing, bytes, this.#host.out.clock)) {
      this.#sender.watch();
    }
    const batch = lane.queue.at(-1);
    if (batch !== undefined) batch.origin = this.#host.origin;
    this.dirty = true;
    this.#partitioner.produced(lane, outgoing.key, bytes);
  }

  /** Waits until everything is acknowledged; "" or why something was not. */
  *flush(): Program<string> {
    this.#accumulator.flushing = true;
    this.dirty = true;
    while (!this.#accumulator.empty && this.#error === '') yield* this.#host.wait();
    this.#accumulator.flushing = false;
    return this.#error;
  }

  prepared(): Prepared {
    const { producerId, epoch: producerEpoch } = this.#sender.sequences;
    return { transactionalId: this.id, producerId, producerEpoch };
  }

  /** Goes on with a transaction that was flushed by an earlier process. */
  resume({ producerId, producerEpoch }: Prepared): void {
    this.transactions?.resume(producerId, producerEpoch);
    this.dirty = true;
  }

  /** commitTransaction(); "" or why it was not possible. */
  *commit(): Program<string> {
    const { transactions } = this;
    if (transactions === undefined) return '';
    transactions.commit();
    this.dirty = true;
    while (transactions.phase.is === 'COMMITTING') yield* this.#host.wait();
    return transactions.phase.is === 'READY' ? '' : this.#error;
  }

  // --- Events: true when it was for this producer ---

  onMessage(from: NodeId, message: Correlated): boolean {
    if (!this.#client.awaits(from, message)) return false;
    this.#client.onMessage(from, message);
    return true;
  }

  onDisconnect(peer: NodeId): void {
    this.#client.onDisconnect(peer);
  }

  onTimer(code: number, data: unknown): void {
    this.dirty = true;
    switch (code - this.#base) {
      case 0:
        return this.#client.onTimer(data);
      case 2:
        return this.#sender.onSendTimer();
      case 3:
        return this.#sender.onExpiryTimer();
    }
  }

  /** The sender's round. */
  run(): void {
    this.dirty = false;
    this.#sender.run();
  }

  onResponse(_broker: BrokerIndex, { kind, data }: InFlight, response: ClientResponse): void {
    this.dirty = true;
    if (this.transactions?.onResponse(data, response) === true) return;
    switch (kind) {
      case Kind.produce:
        return this.#sender.onResponse(data as ProducerBatch[], response as ProduceResponse);
      case Kind.metadata:
        if (response.type !== 'MetadataResponse') return;
        this.#metadata.onResponse(response);
        return this.#accumulator.learn(this.#host.layout, this.#metadata);
      case Kind.initProducerId:
        if (response.type !== 'InitProducerIdResponse') return;
        this.#sender.ids.given(response.producerId, response.producerEpoch);
    }
  }

  onLost(_broker: BrokerIndex, { kind, data }: InFlight, reason: string): void {
    this.dirty = true;
    if (this.transactions?.onLost(data) === true) return;
    switch (kind) {
      case Kind.produce:
        return this.#sender.onLost(data as ProducerBatch[], reason);
      case Kind.metadata:
        return this.#metadata.onLost();
      case Kind.initProducerId:
        return this.#sender.ids.lost();
    }
  }

  onClosed(): void {
    this.#metadata.request();
  }

  onConnection(): void {
    this.dirty = true;
  }

  // --- What the sender and the transactions report ---

  acknowledged(): void {
    this.dirty = true;
  }

  retried({ messages, attempts }: ProducerBatch, reason: string): void {
    const { out } = this.#host;
    if (out.tracing) out.tell(`${messages.length} records, try ${attempts + 1}: ${reason}`);
    this.dirty = true;
  }

  givenUp(_batch: ProducerBatch, reason: string): void {
    this.failure ||= reason;
    this.transactions?.onBatchFailed(reason);
    this.dirty = true;
  }

  get incomplete(): boolean {
    return !this.#accumulator.empty;
  }

  abortBatches(reason: string, all: boolean): void {
    this.#sender.abort(reason, all);
  }

  changed(): void {
    this.dirty = true;
  }
}
