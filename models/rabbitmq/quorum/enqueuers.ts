import type { BrokerIndex } from '../queue.ts';
import { UNTRACKED, type Enqueue, type RegisterEnqueuer } from './commands.ts';
import type { Effects } from './effects.ts';

/** A publishing channel. */
interface Enqueuer {
  readonly node: BrokerIndex;
  nextSeqno: number;
  /** Has been told that the queue is full. */
  isRefused: boolean;
}

/** The publishers of a queue: by them a repeat is told from a new message. */
export class Enqueuers {
  readonly #all = new Map<number, Enqueuer>();

  register({ channel, node }: RegisterEnqueuer, isFull: boolean): void {
    const known = this.#all.get(channel);
    if (known === undefined) this.#all.set(channel, { node, nextSeqno: 1, isRefused: isFull });
    else if (isFull) known.isRefused = true;
  }

  /** Takes just the next of each publisher: an earlier one is a repeat, a later one a gap. */
  accept({ channel, seqno }: Enqueue): 'ok' | 'duplicate' | 'not_enqueued' {
    if (seqno === UNTRACKED) return 'ok';
    const enqueuer = this.#all.get(channel);
    if (enqueuer === undefined || seqno > enqueuer.nextSeqno) return 'not_enqueued';
    if (seqno < enqueuer.nextSeqno) return 'duplicate';
    enqueuer.nextSeqno++;
    return 'ok';
  }

  /** Tells all that do not know it yet whether the queue is full. */
  tell(isFull: boolean, effects: Effects): void {
    for (const [channel, enqueuer] of this.#all) {
      if (enqueuer.isRefused === isFull) continue;
      enqueuer.isRefused = isFull;
      effects.queueStatus(channel, enqueuer.node, isFull);
    }
  }

  remove(channel: number): void {
    this.#all.delete(channel);
  }

  forEach(visit: (channel: number, node: BrokerIndex) => void): void {
    for (const [channel, { node }] of this.#all) visit(channel, node);
  }

  copy(): Enqueuers {
    const copy = new Enqueuers();
    for (const [channel, enqueuer] of this.#all) copy.#all.set(channel, { ...enqueuer });
    return copy;
  }
}
