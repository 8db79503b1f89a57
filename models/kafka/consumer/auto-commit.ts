import type { Micros } from '../../../sim/kernel/time.ts';
import type { ErrorName } from '../protocol.ts';
import type { Consumer } from './consumer.ts';

/**
 * Automatic commits inside poll(), before records are handed out: what earlier polls returned.
 * Source: `ConsumerCoordinator.maybeAutoCommitOffsetsAsync`. The client of KIP-848 had its commits
 * built by another thread, from the positions as they were by then (KAFKA-18641).
 */
export class AutoCommit {
  readonly on: boolean;
  readonly #consumer: Consumer;
  readonly #timerCode: number;
  readonly #laterCode: number;
  /** Commits are built by the background thread, whatever poll() has done meanwhile. */
  readonly #racing: boolean;
  #next: Micros = Infinity;
  /** A timer for the next one is set. */
  #timed = false;
  /** The background thread was told that it is time, and has not got to it. */
  #told = false;
  #committed = '';

  constructor(consumer: Consumer, timerCode: number, laterCode: number) {
    const { plan, config, layout } = consumer;
    this.#consumer = consumer;
    this.#timerCode = timerCode;
    this.#laterCode = laterCode;
    this.on = plan.handling.acknowledge === 'auto';
    this.#racing = config.modern && !layout.rules.pollBuildsCommit;
  }

  /** Called by poll() before it hands out anything. */
  poll(): void {
    if (!this.on) return;
    const { out } = this.#consumer;
    const now = out.clock;
    if (now >= this.#next && this.#racing) {
      if (!this.#told) out.timer(0, this.#laterCode);
      this.#told = true;
    } else if (now >= this.#next) this.#commit(now);
    if (this.#timed || this.#next === Infinity || this.#told) return;
    this.#timed = true;
    out.timer(this.#next - now, this.#timerCode);
  }

  /** The background thread gets to it: positions may have moved since poll() asked. */
  later(): void {
    if (!this.#told) return;
    this.#told = false;
    this.#commit(this.#consumer.out.clock);
  }

  #commit(now: Micros): void {
    const { config, membership, ownership } = this.#consumer;
    const offsets = ownership.positions();
    const text = offsets.map((o) => o.offset).join();
    const sent = offsets.length === 0 || text === this.#committed;
    if (sent || membership.commitAsync(offsets)) {
      this.#committed = text;
      this.#next = now + config.autoCommitInterval;
    } else this.#next = now + config.retry.base;
  }

  /** poll() waited for this time. */
  onTimer(): void {
    this.#timed = false;
  }

  /** After each assignment the interval starts anew. */
  restart(): void {
    this.#committed = '';
    this.#next = this.#consumer.out.clock + this.#consumer.config.autoCommitInterval;
  }

  /** A commit was refused: tried again soon, with the positions as they are then. */
  refused(error: ErrorName): void {
    this.#committed = '';
    this.#next = this.#consumer.out.clock + this.#consumer.config.retry.base;
    this.#consumer.membership.reject(error);
  }

  /** Nobody knows whether it was executed. */
  unanswered(): void {
    this.#committed = '';
    this.#consumer.link.forget();
  }
}
