import type { NameId } from '../../../sim/kernel/names.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { ConnectionConfig } from '../config/settings.ts';
import type { BrokerIndex, MetadataResponse, PartitionIndex } from '../protocol.ts';
import { backoff } from './backoff.ts';
import { Kind, type NetworkClient } from './network-client.ts';

/**
 * A client's picture of who leads what: old until it is refreshed, after an error or when
 * `metadata.max.age.ms` is over. Source: `Metadata`, `NetworkClient.DefaultMetadataUpdater`.
 */
export class ClientMetadata {
  readonly leaders: BrokerIndex[];
  readonly epochs: number[];
  /** Has any metadata been heard? */
  known = false;
  readonly #out: Out;
  readonly #client: NetworkClient;
  readonly #config: ConnectionConfig;
  readonly #timerCode: number;
  readonly #words: { about: NameId; retry: NameId };
  #wanted = true;
  #open = false;
  #refreshedAt: Micros = 0;
  #notBefore: Micros = -Infinity;
  #failures = 0;
  #rounds: number;
  #timer: Handle = NO_HANDLE;
  /** An idle client refreshes, too: `metadata.max.age.ms` after the last time. */
  #age: Handle = NO_HANDLE;

  constructor(
    out: Out,
    client: NetworkClient,
    config: ConnectionConfig,
    partitions: number,
    timerCode: number,
    first: number,
  ) {
    this.#rounds = first;
    this.#out = out;
    this.#client = client;
    this.#config = config;
    this.#timerCode = timerCode;
    this.leaders = new Array<BrokerIndex>(partitions).fill(-1);
    this.epochs = new Array<number>(partitions).fill(-1);
    this.#words = { about: out.names.id('metadata'), retry: out.names.id('retry') };
  }

  /** What is known does not fit: ask again soon. */
  request(): void {
    this.#wanted = true;
  }

  /** Sends a MetadataRequest if one is due; otherwise sees to it that a timer comes up for it. */
  maybeRefresh(): void {
    if (this.#open) return;
    const now = this.#out.clock;
    if (!this.#wanted && now - this.#refreshedAt < this.#config.metadataMaxAge) return;
    if (now < this.#notBefore) {
      this.#out.cancel(this.#timer);
      this.#timer = this.#out.timer(this.#notBefore - now, this.#timerCode);
      return;
    }
    const broker = this.#client.leastLoaded();
    if (broker < 0) return;
    this.#open = true;
    const correlation = this.#client.next(broker, Kind.metadata);
    const request = { type: 'MetadataRequest', correlation } as const;
    this.#client.send(broker, Kind.metadata, request, this.#words.about, undefined);
  }

  onResponse({ partitions }: MetadataResponse): void {
    this.#open = false;
    this.#wanted = false;
    this.known = true;
    this.#refreshedAt = this.#out.clock;
    this.#out.cancel(this.#age);
    this.#age = this.#out.timer(this.#config.metadataMaxAge, this.#timerCode);
    this.#failures = 1;
    this.#wait();
    this.#failures = 0;
    partitions.forEach(({ leader, leaderEpoch }, p) => this.learn(p, leader, leaderEpoch));
  }

  onLost(): void {
    this.#open = false;
    this.#wanted = true;
    this.#failures++;
    this.#wait();
  }

  /** Two refreshes are at least a backoff apart. */
  #wait(): void {
    const { retry, about } = this.#words;
    const wait = backoff(
      this.#config.retry,
      this.#failures,
      this.#out,
      retry,
      about,
      this.#rounds++,
    );
    this.#notBefore = this.#out.clock + wait;
  }

  /** Takes over what somebody said of a partition, unless we know something newer. */
  learn(partition: PartitionIndex, leader: BrokerIndex, epoch: number): void {
    if (epoch < this.epochs[partition]) return;
    this.epochs[partition] = epoch;
    this.leaders[partition] = leader;
  }
}
