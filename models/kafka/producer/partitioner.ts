import { Distribution } from '../../../sim/kernel/distribution.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { keyText } from '../../parts/workload.ts';
import type { ProducerConfig } from '../config/settings.ts';
import { partitionOfKey } from '../murmur2.ts';
import type { Accumulator, Lane } from './accumulator.ts';

/**
 * Where a record goes: by the hash of its key, or to the sticky partition. Source:
 * `BuiltInPartitioner`, KIP-794.
 */
export class Partitioner {
  readonly #config: ProducerConfig;
  readonly #accumulator: Accumulator;
  readonly #out: Out;
  readonly #words: { sticky: NameId; about: NameId };
  /** Lane of each key seen so far. */
  readonly #byKey = new Map<number, Lane>();
  #sticky = -1;
  #producedBytes = 0;
  #switches: number;

  /** `topic` and the number `first` name the draws. */
  constructor(
    config: ProducerConfig,
    accumulator: Accumulator,
    topic: string,
    first: number,
    out: Out,
  ) {
    this.#config = config;
    this.#accumulator = accumulator;
    this.#out = out;
    this.#switches = first;
    this.#words = { sticky: out.names.id('sticky'), about: out.names.id(topic) };
  }

  /** `leads` says whether a partition has a leader; keyed records do not care. */
  laneOf(key: number, leads: (lane: Lane) => boolean): Lane {
    const { lanes } = this.#accumulator;
    if (key >= 0 && !this.#config.ignoreKeys) {
      let lane = this.#byKey.get(key);
      if (lane === undefined) {
        lane = lanes[partitionOfKey(keyText(key), lanes.length)];
        this.#byKey.set(key, lane);
      }
      return lane;
    }
    if (this.#sticky < 0) this.#switch(leads);
    return lanes[this.#sticky];
  }

  /**
   * A record went to a lane: once enough has, and its last batch is complete, another is chosen.
   */
  produced(lane: Lane, key: number, bytes: number, leads: (lane: Lane) => boolean): void {
    if (key >= 0 && !this.#config.ignoreKeys) return;
    if (lane !== this.#accumulator.lanes[this.#sticky]) return;
    this.#producedBytes += bytes;
    const { batchSize } = this.#config;
    const enough = this.#producedBytes >= batchSize && this.#accumulator.isFull(lane);
    if (enough || this.#producedBytes >= 2 * batchSize) this.#switch(leads);
  }

  #switch(leads: (lane: Lane) => boolean): void {
    const { lanes } = this.#accumulator;
    this.#producedBytes = 0;
    const led = lanes.filter(leads);
    const choice = led.length > 0 ? led : lanes;
    const longest = Math.max(...choice.map((lane) => lane.queue.length));
    const shortest = Math.min(...choice.map((lane) => lane.queue.length));
    const adapts = this.#config.adaptive && longest > shortest;
    const weights = choice.map((lane) => (adapts ? longest + 1 - lane.queue.length : 1));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const { sticky, about } = this.#words;
    const table = Distribution.uniform(0, total);
    let draw = this.#out.sample(sticky, about, this.#switches++, 1, table);
    let place = 0;
    while (place < choice.length - 1 && draw >= weights[place]) draw -= weights[place++];
    this.#sticky = lanes.indexOf(choice[place]);
  }
}
