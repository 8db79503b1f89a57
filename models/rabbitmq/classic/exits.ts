import { Fact } from '../../../sim/kernel/entry.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import type { QueuePlan } from '../layout.ts';
import type { QueueIndex, Reason } from '../protocol.ts';
import type { QueueHost } from '../queue.ts';
import { Place, type Entry } from './entry.ts';
import type { Store } from './store.ts';

/** The ways out of a classic queue: what is stated, forgotten on disk, and confirmed. */
export class Exits {
  readonly #host: QueueHost;
  readonly #queue: QueueIndex;
  readonly #store: Store | undefined;

  constructor(host: QueueHost, queue: QueueIndex, store: Store | undefined) {
    this.#host = host;
    this.#queue = queue;
    this.#store = store;
  }

  /** Acknowledged, or handed to a consumer that acknowledges nothing. */
  settled({ subscriptions }: QueuePlan, entry: Entry): void {
    const { out } = this.#host;
    for (const subscription of subscriptions) {
      out.fact(Fact.settled, entry.content.message, subscription);
    }
    this.#finish(entry);
  }

  /** Dead-lettered, if there is a way. */
  leave(plan: QueuePlan, entry: Entry, reason: Reason): void {
    this.#passes(plan, entry);
    this.#host.deadLetter(plan, entry.content, reason);
    this.#finish(entry);
  }

  drop(plan: QueuePlan, entry: Entry, why: string): void {
    const { out } = this.#host;
    this.#passes(plan, entry);
    out.fact(Fact.dropped, entry.content.message, plan.stream, out.names.id(why));
    this.#finish(entry);
  }

  #passes(plan: QueuePlan, entry: Entry): void {
    const { audit } = this.#host.layout;
    audit.fifo.leaves(plan.index, priorityOf(plan, entry), entry.seqId);
  }

  #finish(entry: Entry): void {
    if (this.#store === undefined) entry.place = Place.gone;
    else this.#store.remove(entry);
    this.confirm(entry);
  }

  /** Its publisher hears that the queue has it, or needs it no more. */
  confirm(entry: Entry): void {
    const { publisher } = entry;
    if (publisher === undefined) return;
    entry.publisher = undefined;
    publisher.confirmed(this.#queue, entry.publishSeq);
  }

  /** A fact about a message, for everybody who reads the queue. */
  state({ subscriptions }: QueuePlan, fact: number, message: MessageId, why: NameId): void {
    for (const subscription of subscriptions) this.#host.out.fact(fact, message, subscription, why);
  }
}

/** The sub-queue that a message is in. */
export function priorityOf({ limits }: QueuePlan, { content }: Entry): number {
  return Math.max(0, Math.min(content.priority, limits.maxPriority));
}
