import { assert } from '../../../sim/kernel/assert.ts';
import type { BrokerIndex } from '../queue.ts';
import type { ConsumerKey } from './commands.ts';
import type { Held } from './messages.ts';

/** A consumer as the state machine knows it. */
export interface FifoConsumer {
  readonly key: ConsumerKey;
  readonly node: BrokerIndex;
  readonly prefetch: number;
  readonly priority: number;
  /** Deliveries that are not settled, by number, in order of delivery. */
  readonly checked: Map<number, Held>;
  nextId: number;
  /** A suspected one's node is out of reach; one that takes its leave finishes what it has. */
  status: 'up' | 'suspected' | 'leaving' | 'cancelled';
}

/**
 * Who gets the next message. Competing: consumers take turns within the highest priority that has
 * room. Single active: one gets all, the others wait, by priority and then by age.
 */
export class Consumers {
  readonly isSingle: boolean;
  readonly #all = new Map<ConsumerKey, FifoConsumer>();
  /** Those that may have room, in the order of their turns; a stable list by priority. */
  #turns: FifoConsumer[] = [];
  #active: FifoConsumer | undefined;

  constructor(isSingle: boolean) {
    this.isSingle = isSingle;
  }

  /** All that were not cancelled, whatever they hold. */
  get count(): number {
    let count = 0;
    for (const { status } of this.#all.values()) if (status !== 'cancelled') count++;
    return count;
  }

  get(key: ConsumerKey): FifoConsumer | undefined {
    return this.#all.get(key);
  }

  values(): IterableIterator<FifoConsumer> {
    return this.#all.values();
  }

  add(consumer: FifoConsumer): void {
    assert(!this.#all.has(consumer.key), 'a consumer checks out once');
    this.#all.set(consumer.key, consumer);
    this.activate(consumer);
  }

  /** It is gone, with nothing left that it holds. */
  remove(consumer: FifoConsumer): void {
    assert(consumer.checked.size === 0, 'nothing goes with a consumer');
    this.#all.delete(consumer.key);
    this.#turns = this.#turns.filter((other) => other !== consumer);
    this.elect();
  }

  /** It may have room (again): its turn comes last among its equals. */
  activate(consumer: FifoConsumer): void {
    if (this.isSingle) return this.elect();
    if (!hasRoom(consumer) || this.#turns.includes(consumer)) return;
    let place = this.#turns.length;
    while (place > 0 && this.#turns[place - 1].priority < consumer.priority) place--;
    this.#turns.splice(place, 0, consumer);
  }

  /** The next in turn that has room; it is the caller's to `activate` it again. */
  take(): FifoConsumer | undefined {
    if (this.isSingle) {
      const active = this.#active;
      return active !== undefined && hasRoom(active) ? active : undefined;
    }
    for (;;) {
      const consumer = this.#turns.shift();
      if (consumer === undefined || hasRoom(consumer)) return consumer;
    }
  }

  /**
   * Single active: a consumer of higher priority takes over once the active one holds nothing;
   * until then that one gets nothing new.
   */
  elect(): void {
    if (!this.isSingle) return;
    const active = this.#active;
    const isThere =
      active !== undefined &&
      this.#all.get(active.key) === active &&
      (active.status === 'up' || active.status === 'leaving');
    const best = this.#best();
    if (!isThere) {
      this.#active = best;
      return;
    }
    const isOutranked = best !== undefined && best.priority > active.priority;
    active.status = isOutranked && active.checked.size > 0 ? 'leaving' : 'up';
    if (isOutranked && active.status === 'up') this.#active = best;
  }

  #best(): FifoConsumer | undefined {
    let best: FifoConsumer | undefined;
    for (const consumer of this.#all.values()) {
      if (consumer.status !== 'up' || consumer === this.#active) continue;
      if (best === undefined || consumer.priority > best.priority) best = consumer;
    }
    return best;
  }

  copy(): Consumers {
    const copy = new Consumers(this.isSingle);
    const twins = new Map<FifoConsumer, FifoConsumer>();
    for (const consumer of this.#all.values()) {
      const twin = { ...consumer, checked: new Map(consumer.checked) };
      twins.set(consumer, twin);
      copy.#all.set(twin.key, twin);
    }
    copy.#turns = this.#turns.flatMap((consumer) => twins.get(consumer) ?? []);
    copy.#active = this.#active && twins.get(this.#active);
    return copy;
  }
}

function hasRoom({ status, prefetch, checked }: FifoConsumer): boolean {
  return status === 'up' && checked.size < prefetch;
}
