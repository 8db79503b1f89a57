import { Distribution } from '../../../sim/kernel/distribution.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { keyText } from '../../parts/workload.ts';
import type { ProducerConfig } from '../config/settings.ts';
import { partitionOfInteger, partitionOfKey } from '../murmur2.ts';
import type { Rules } from '../versions.ts';
import type { Accumulator, Lane } from './accumulator.ts';

/** What the partitioner knows of the brokers behind the lanes. */
export interface Brokers {
  /** Has the partition a leader? Keyed records do not care. */
  leads(lane: Lane): boolean;
  /** Has its broker taken requests within `partitioner.availability.timeout.ms`? */
  takes(lane: Lane): boolean;
}

/**
 * Where a record goes: by the hash of its key, or to the sticky partition. Three rules for records
 * without a key: KIP-794 (since 3.3) leaves a partition once enough bytes went to it; KIP-480
 * (since 2.4) whenever a new batch is begun; before that they went round in a circle. Sources:
 * `BuiltInPartitioner`, `StickyPartitionCache`, `DefaultPartitioner`.
 */
export class Partitioner {
  readonly #config: ProducerConfig;
  readonly #rules: Rules;
  readonly #accumulator: Accumulator;
  readonly #brokers: Brokers;
  readonly #out: Out;
  readonly #words: { sticky: NameId; about: NameId };
  /** Lane of each key seen so far, among these lanes. */
  #hashed: readonly Lane[] | undefined;
  readonly #byKey = new Map<number, Lane>();
  #sticky: Lane | undefined;
  #producedBytes = 0;
  #switches: number;
  /** Place in the circle. */
  #turn = -1;

  /** `topic` and the number `first` name the draws. */
  constructor(
    config: ProducerConfig,
    rules: Rules,
    accumulator: Accumulator,
    brokers: Brokers,
    topic: string,
    first: number,
    out: Out,
  ) {
    this.#config = config;
    this.#rules = rules;
    this.#accumulator = accumulator;
    this.#brokers = brokers;
    this.#out = out;
    this.#switches = first;
    this.#words = { sticky: out.names.id('sticky'), about: out.names.id(topic) };
  }

  laneOf(key: number, bytes: number): Lane {
    const lanes = this.#accumulator.known;
    if (this.#isKeyed(key)) {
      if (lanes !== this.#hashed) this.#byKey.clear();
      this.#hashed = lanes;
      let lane = this.#byKey.get(key);
      if (lane === undefined) {
        const { integerKeys } = this.#config;
        const count = lanes.length;
        lane =
          lanes[integerKeys ? partitionOfInteger(key, count) : partitionOfKey(keyText(key), count)];
        this.#byKey.set(key, lane);
      }
      return lane;
    }
    if (!this.#rules.sticksToPartition) return this.#next();
    let sticky = this.#sticky ?? this.#switch();
    const begins = !this.#rules.sticksByBytes && !this.#accumulator.fits(sticky, bytes);
    // `onNewBatch`: the record that would begin a batch here begins or joins one elsewhere.
    if (begins) sticky = this.#leave(sticky);
    return sticky;
  }

  #isKeyed(key: number): boolean {
    return key >= 0 && !this.#config.ignoreKeys;
  }

  /** A record went to a lane: once enough has, and its last batch is complete, the next one. */
  produced(lane: Lane, key: number, bytes: number): void {
    if (!this.#rules.sticksByBytes || this.#isKeyed(key) || lane !== this.#sticky) return;
    this.#producedBytes += bytes;
    const { batchSize } = this.#config;
    const enough = this.#producedBytes >= batchSize && this.#accumulator.isFull(lane);
    if (enough || this.#producedBytes >= 2 * batchSize) this.#switch();
  }

  /** KIP-794: uniform, or with shorter queues the more likely the shorter they are. */
  #switch(): Lane {
    this.#producedBytes = 0;
    const choice = this.#choice();
    const longest = Math.max(...choice.map((lane) => lane.queue.length));
    const shortest = Math.min(...choice.map((lane) => lane.queue.length));
    const adapts = this.#rules.sticksByBytes && this.#config.adaptive && longest > shortest;
    const weights = choice.map((lane) => (adapts ? longest + 1 - lane.queue.length : 1));
    let draw = this.#draw(weights.reduce((sum, weight) => sum + weight, 0));
    let place = 0;
    while (place < choice.length - 1 && draw >= weights[place]) draw -= weights[place++];
    return (this.#sticky = choice[place]);
  }

  /** KIP-480: any but the last one, where there is another. */
  #leave(last: Lane): Lane {
    const choice = this.#choice().filter((lane) => lane !== last);
    if (choice.length > 0) this.#sticky = choice[this.#draw(choice.length)];
    return this.#sticky ?? last;
  }

  #next(): Lane {
    const choice = this.#choice();
    if (this.#turn < 0) this.#turn = this.#draw(choice.length);
    return choice[this.#turn++ % choice.length];
  }

  /** Partitions that can be had: with a leader that takes requests, else with one, else all. */
  #choice(): readonly Lane[] {
    const lanes = this.#accumulator.known;
    const led = lanes.filter((lane) => this.#brokers.leads(lane));
    const ready = led.filter((lane) => this.#brokers.takes(lane));
    if (ready.length > 0) return ready;
    return led.length > 0 ? led : lanes;
  }

  #draw(n: number): number {
    const { sticky, about } = this.#words;
    return this.#out.sample(sticky, about, this.#switches++, 1, upTo(n));
  }
}

const TABLES = new Map<number, Distribution>();

function upTo(n: number): Distribution {
  let table = TABLES.get(n);
  if (table === undefined) {
    table = Distribution.uniform(0, n);
    if (n < 1000) TABLES.set(n, table);
  }
  return table;
}
