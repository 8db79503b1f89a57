import { type Distribution } from '../../sim/kernel/distribution.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { MessageId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Micros } from '../../sim/kernel/time.ts';

/** What one producing application wants to send, and when. Units: microseconds, bytes. */
export interface WorkloadPlan {
  /** Index of the producer among all producers of the scenario, and how many there are. */
  readonly producer: number;
  readonly producers: number;
  readonly name: string;
  readonly channel: number;
  readonly count: number;
  readonly start: Micros;
  /** Time between two messages (between two bursts when `burst` > 1). */
  readonly gap: Distribution;
  readonly burst: number;
  /** Draws a key's number, 0 .. n - 1; undefined: messages have no key. */
  readonly keys: Distribution | undefined;
  readonly bytes: Distribution;
  /** Every n-th message is one that no handler can ever process; 0: none. */
  readonly poisonEvery: number;
  /** How messages are put together into transactions, where the system has them. */
  readonly transaction?: TransactionPlan;
}

export interface TransactionPlan {
  /** Messages in each. */
  readonly messages: number;
  /** Every n-th is aborted by the application; 0: none. */
  readonly aborts: number;
  /** Is what was aborted sent again, or given up? */
  readonly repeats: boolean;
}

/**
 * The application's end of a producer: hands out messages one by one, each drawn by its own name.
 */
export class Workload {
  readonly plan: WorkloadPlan;
  /** Messages handed out so far. */
  sent = 0;
  readonly #out: Out;
  readonly #about: NameId;
  readonly #gap: NameId;
  readonly #key: NameId;
  readonly #bytes: NameId;

  constructor(plan: WorkloadPlan, out: Out, sent = 0) {
    this.plan = plan;
    this.sent = sent;
    this.#out = out;
    this.#about = out.names.id(plan.name);
    this.#gap = out.names.id('gap');
    this.#key = out.names.id('key');
    this.#bytes = out.names.id('bytes');
  }

  get done(): boolean {
    return this.sent >= this.plan.count;
  }

  /** How long after the previous message the next one is due; `start` for the first. */
  wait(): Micros {
    const { start, burst, gap } = this.plan;
    if (this.sent === 0) return start;
    if (this.sent % burst !== 0) return 0;
    return this.#out.sample(this.#gap, this.#about, this.sent, 1, gap);
  }

  /** Hands out the next message and states it as invoked. */
  next(): Outgoing {
    const { producer, producers, channel, keys, bytes, poisonEvery } = this.plan;
    const sequence = this.sent++;
    const message = sequence * producers + producer;
    const out = this.#out;
    const key = keys === undefined ? -1 : out.sample(this.#key, this.#about, sequence, 1, keys);
    const size = out.sample(this.#bytes, this.#about, sequence, 1, bytes);
    const poison = poisonEvery > 0 && (sequence + 1) % poisonEvery === 0;
    out.fact(Fact.invoked, message, channel, key);
    return { message, sequence, key, bytes: size, poison };
  }
}

/** One application message on its way out. */
export interface Outgoing {
  readonly message: MessageId;
  /** Its place among this producer's messages, from 0. */
  readonly sequence: number;
  /** -1: without key. */
  readonly key: number;
  readonly bytes: number;
  readonly poison: boolean;
}

/** The key as the application would spell it: what a partitioner hashes. */
export function keyText(key: number): string {
  return `key-${key}`;
}
