import { Bits } from '../../../sim/history/bits.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { QueueIndex } from '../protocol.ts';

/** What each connection has settled, by the place of a message in its queue. */
export class SettledOnce {
  readonly #tally: Tally;
  readonly #nameOf: (queue: QueueIndex) => string;
  readonly #settled = new WeakMap<object, Map<QueueIndex, Bits>>();

  constructor(tally: Tally, nameOf: (queue: QueueIndex) => string) {
    this.#tally = tally;
    this.#nameOf = nameOf;
  }

  #of(connection: object, queue: QueueIndex): Bits {
    let queues = this.#settled.get(connection);
    if (queues === undefined) this.#settled.set(connection, (queues = new Map()));
    let bits = queues.get(queue);
    if (bits === undefined) queues.set(queue, (bits = new Bits()));
    return bits;
  }

  settles(connection: object, queue: QueueIndex, handle: number): void {
    this.#of(connection, queue).add(handle);
  }

  delivers(connection: object, queue: QueueIndex, handle: number, now: Micros): void {
    this.#tally.checked++;
    if (!this.#of(connection, queue).has(handle)) return;
    this.#tally.violated(now, () => {
      const what = `message ${handle} of queue "${this.#nameOf(queue)}"`;
      return `${what} is delivered again on the connection that has settled it`;
    });
  }
}
