import type { MessageId } from '../kernel/node.ts';
import { Bits } from './bits.ts';
import type { ProducerMeasures } from './record.ts';

/** Client operations, as in Jepsen: each invoked one becomes ok, failed or unknown, once. */
export class Operations {
  readonly acked = new Bits();
  readonly failed = new Bits();
  readonly unknown = new Bits();
  /** Invoked and without an outcome yet. */
  open = 0;
  readonly #producers: { invoked: number; ok: number; failed: number; unknown: number }[];
  readonly #finished = new Bits();

  constructor(producers: number) {
    this.#producers = Array.from({ length: producers }, () => ({
      invoked: 0,
      ok: 0,
      failed: 0,
      unknown: 0,
    }));
  }

  invoked(message: MessageId): void {
    this.#of(message).invoked++;
    this.open++;
  }

  /** False when the outcome was known already. */
  ok(message: MessageId): boolean {
    if (this.failed.has(message) || this.unknown.has(message) || !this.acked.add(message)) {
      return false;
    }
    this.#of(message).ok++;
    this.open--;
    return true;
  }

  notOk(message: MessageId, certain: boolean): boolean {
    if (this.acked.has(message) || this.failed.has(message) || this.unknown.has(message)) {
      return false;
    }
    (certain ? this.failed : this.unknown).add(message);
    if (certain) this.#of(message).failed++;
    else this.#of(message).unknown++;
    this.open--;
    return true;
  }

  finished(producer: number): void {
    this.#finished.add(producer);
  }

  /** Every producer has finished and every operation has its outcome. */
  get done(): boolean {
    return this.open === 0 && this.#finished.count === this.#producers.length;
  }

  measures(producer: number): ProducerMeasures {
    return this.#producers[producer];
  }

  #of(message: MessageId) {
    return this.#producers[message % this.#producers.length];
  }
}
