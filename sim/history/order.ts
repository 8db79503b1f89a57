import type { MessageId } from '../kernel/node.ts';
import type { OrderMeasures } from './record.ts';

/**
 * Order within many tracks at once (a key of a producer, a partition, ...). Only messages of one
 * producer share a track, so their ids grow in sending order.
 */
export class Order implements OrderMeasures {
  inversions = 0;
  rewinds = 0;
  /** Track -> the youngest message delivered on it. */
  #youngest = new Int32Array(8).fill(-1);

  /** Notes a first delivery; true when a younger message of the track came before it. */
  first(track: number, message: MessageId): boolean {
    if (track >= this.#youngest.length) this.#grow(track);
    if (message < this.#youngest[track]) {
      this.inversions++;
      return true;
    }
    this.#youngest[track] = message;
    return false;
  }

  /** Notes a repeated delivery; true when a younger message of the track came before it. */
  again(track: number, message: MessageId): boolean {
    if (track >= this.#youngest.length || this.#youngest[track] <= message) return false;
    this.rewinds++;
    return true;
  }

  #grow(track: number): void {
    const old = this.#youngest;
    this.#youngest = new Int32Array(Math.max(track + 1, old.length * 2)).fill(-1);
    this.#youngest.set(old);
  }
}
