import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { Consumer } from '../queue.ts';

/** A channel with a limit of its own; 0: none. */
export interface Limited {
  readonly id: number;
  readonly globalPrefetch: number;
}

/** Deliveries that are not settled, counted at the channel and not at the queue that hands out. */
export class Held {
  readonly #tally: Tally;
  readonly #byConsumer = new WeakMap<Consumer, { count: number }>();
  readonly #byChannel = new WeakMap<Limited, { count: number }>();

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  change(channel: Limited, consumer: Consumer, by: number, now: Micros): void {
    const own = counterOf(this.#byConsumer, consumer);
    const all = counterOf(this.#byChannel, channel);
    own.count += by;
    all.count += by;
    if (by < 0) return;
    this.#tally.checked++;
    this.#compare(`consumer ${consumer.tag}`, own.count, consumer.prefetch, now);
    this.#compare('the channel', all.count, channel.globalPrefetch, now);
  }

  #compare(who: string, held: number, prefetch: number, now: Micros): void {
    if (prefetch === 0 || held <= prefetch) return;
    this.#tally.violated(now, () => `${who} holds ${held} deliveries, its prefetch is ${prefetch}`);
  }
}

function counterOf<K extends object>(map: WeakMap<K, { count: number }>, key: K) {
  let counter = map.get(key);
  if (counter === undefined) map.set(key, (counter = { count: 0 }));
  return counter;
}
