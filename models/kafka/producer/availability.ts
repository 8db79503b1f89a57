import type { Micros } from '../../../sim/kernel/time.ts';
import type { BrokerIndex } from '../protocol.ts';

/**
 * Which brokers have data waiting and take no request. Source: `NodeLatencyStats` of
 * `RecordAccumulator`, KIP-794.
 */
export class Availability {
  /** `partitioner.availability.timeout.ms`; 0: nobody is avoided. */
  readonly #timeout: Micros;
  /** By broker: when data was last ready for it, and when it could last be sent. */
  readonly #readyAt: Micros[] = [];
  readonly #takenAt: Micros[] = [];

  constructor(timeout: Micros) {
    this.#timeout = timeout;
  }

  /** Data is ready for a broker; could it be sent? */
  note(broker: BrokerIndex, takes: boolean, now: Micros): void {
    if (this.#timeout === 0) return;
    this.#readyAt[broker] = now;
    if (takes || this.#takenAt[broker] === undefined) this.#takenAt[broker] = now;
  }

  takes(broker: BrokerIndex): boolean {
    if (this.#timeout === 0) return true;
    return (this.#readyAt[broker] ?? 0) - (this.#takenAt[broker] ?? 0) <= this.#timeout;
  }
}
