import { Fact } from '../../../sim/kernel/entry.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { ClientMetadata } from '../client/metadata.ts';
import { type InFlight, Kind, NetworkClient, type Owner } from '../client/network-client.ts';
import { type ConsumerConfig } from '../config/settings.ts';
import { Fetcher, type Polled } from '../consumer/fetcher.ts';
import type { Layout } from '../layout.ts';
import { labelBase } from '../../parts/lives.ts';
import type { BrokerIndex, ClientResponse, Correlated, PartitionIndex } from '../protocol.ts';
import type { SourceState } from './protocol.ts';
import { codesOf } from './sink-producer.ts';

/**
 * The source of one task: partitions that are assigned once and for all, read from the offsets of
 * the checkpoint. What is committed to Kafka plays no part. Source: `KafkaSource`, Flink.
 */
export class Source implements Owner {
  readonly #client: NetworkClient;
  readonly #metadata: ClientMetadata;
  readonly #fetcher: Fetcher;
  readonly #config: ConsumerConfig;
  readonly #base: number;
  /** There may be something to take. */
  readonly #changed: () => void;
  readonly #failed: (why: string) => void;

  constructor(
    out: Out,
    layout: Layout,
    config: ConsumerConfig,
    number: number,
    turn: number,
    changed: () => void,
    failed: (why: string) => void,
  ) {
    const { brokers, partitions, rules } = layout;
    const base = codesOf(number);
    this.#base = base;
    this.#config = config;
    this.#changed = changed;
    this.#failed = failed;
    this.#client = new NetworkClient(out, brokers, config, this, base, number, turn);
    const count = partitions.length;
    const first = labelBase(number);
    this.#metadata = new ClientMetadata(out, this.#client, config, count, base + 1, first);
    this.#fetcher = new Fetcher(
      out,
      this.#client,
      this.#metadata,
      config,
      brokers.length,
      base + 2,
      rules.consumersValidatePositions,
      () => {},
      failed,
    );
  }

  /** Reads these partitions from where the checkpoint says, or from their beginning. */
  assign(
    out: Out,
    layout: Layout,
    subscription: number,
    partitions: readonly PartitionIndex[],
    state: SourceState,
    reason: string,
  ): void {
    const offsets = new Map(state);
    this.#fetcher.add(
      partitions.map((partition) => ({ partition, stream: layout.partitions[partition].stream })),
    );
    for (const held of this.#fetcher.held.values()) {
      this.#fetcher.seek(held, offsets.get(held.partition) ?? 0);
      const name = out.names.id(reason);
      out.fact(Fact.assigned, subscription, held.stream, held.position, name);
    }
    this.#metadata.maybeRefresh();
  }

  take(): Polled[] {
    const records = this.#fetcher.take(this.#config.maxPollRecords);
    this.#fetcher.send();
    return records;
  }

  state(): SourceState {
    return [...this.#fetcher.held.values()].map(({ partition, position }) => [partition, position]);
  }

  onMessage(from: NodeId, message: Correlated): boolean {
    if (!this.#client.awaits(from, message)) return false;
    this.#client.onMessage(from, message);
    return true;
  }

  onDisconnect(peer: NodeId): void {
    this.#client.onDisconnect(peer);
  }

  onTimer(code: number, data: unknown): void {
    if (code === this.#base) this.#client.onTimer(data);
    else this.#metadata.maybeRefresh();
    this.#changed();
  }

  onResponse(broker: BrokerIndex, { data }: InFlight, response: ClientResponse): void {
    if (response.type === 'FetchResponse') {
      this.#fetcher.onResponse(broker, data as never, response);
      this.#notInRange();
    } else if (response.type === 'MetadataResponse') this.#metadata.onResponse(response);
    else if (response.type === 'OffsetForLeaderEpochResponse') {
      this.#fetcher.onEpochEnd(data as never, response);
    }
    this.#changed();
  }

  /** What the checkpoint names is not in the log any more: the source throws. */
  #notInRange(): void {
    for (const { position } of this.#fetcher.held.values()) {
      if (position < 0) return this.#failed('OFFSET_OUT_OF_RANGE');
    }
  }

  onLost(broker: BrokerIndex, { kind, data }: InFlight): void {
    if (kind === Kind.fetch) this.#fetcher.onLost(broker);
    else if (kind === Kind.metadata) this.#metadata.onLost();
    else if (kind === Kind.epochEnd) this.#fetcher.onEpochEnd(data as never, undefined);
    this.#changed();
  }

  onClosed(): void {
    this.#metadata.request();
  }

  onConnection(): void {
    this.#metadata.maybeRefresh();
    this.#changed();
  }
}
