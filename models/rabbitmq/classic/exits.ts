import { Fact } from '../../../sim/kernel/entry.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import type { QueuePlan } from '../layout.ts';
import type { Content, QueueIndex, Reason } from '../protocol.ts';
import type { Publisher, QueueHost } from '../queue.ts';
import { Place, type Entry } from './entry.ts';
import type { Store } from './store.ts';

/** `msg_store_credit_disc_bound`, {4000, 800}: messages on their way to the disk. */
const STORE_CREDIT = 4_000;

/** The ways out of a classic queue: what is stated, forgotten on disk, and confirmed. */
export class Exits {
  readonly #host: QueueHost;
  readonly #queue: QueueIndex;
  readonly #store: Store | undefined;
  /** Publishers without credit. */
  readonly #blocked = new Set<Publisher>();

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

  /** `reject-publish`: the publisher hears of it; who asked for no confirm does not. */
  refuse(plan: QueuePlan, content: Content, publisher: Publisher | undefined, seq: number): void {
    const { out } = this.#host;
    if (plan.limits.overflow === 'reject-publish-dlx') {
      this.#host.deadLetter(plan, content, 'maxlen');
    } else if (seq === 0) {
      out.fact(Fact.dropped, content.message, plan.stream, out.names.id('refused: maxlen'));
    }
    if (seq > 0) publisher?.rejected(this.#queue, seq);
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

  /** Too much waits for the disk: this publisher sends no more until less does. */
  credit(publisher: Publisher | undefined): void {
    if (publisher === undefined || (this.#store?.unsynced ?? 0) < STORE_CREDIT) return;
    if (this.#blocked.has(publisher)) return;
    this.#blocked.add(publisher);
    publisher.block(this.#queue);
  }

  /** The disk has caught up. */
  flow(): void {
    if (this.#blocked.size === 0 || (this.#store?.unsynced ?? 0) >= STORE_CREDIT) return;
    const publishers = [...this.#blocked];
    this.#blocked.clear();
    for (const publisher of publishers) publisher.unblock(this.#queue);
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
