import type { QueueIndex } from '../protocol.ts';

/** Publishes of one channel in confirm mode, numbered from 1, and what is known of each. */
export class Confirms {
  #published = 0;
  /** Not answered: how many queues have yet to take it, and whether one refused. */
  readonly #open = new Map<number, { left: number; refused: boolean }>();
  /** Done, and to be told to the client. */
  #acked: number[] = [];
  #nacked: number[] = [];

  /** A publish that goes to so many queues. */
  publish(queues: number): number {
    const seq = ++this.#published;
    if (queues === 0) this.#acked.push(seq);
    else this.#open.set(seq, { left: queues, refused: false });
    return seq;
  }

  get open(): number {
    return this.#open.size;
  }

  /** One queue took it, or refused it: with several queues one refusal makes it a nack. */
  answered(_queue: QueueIndex, seq: number, refused: boolean): void {
    const confirm = this.#open.get(seq);
    if (confirm === undefined) return;
    confirm.refused ||= refused;
    if (--confirm.left > 0) return;
    this.#open.delete(seq);
    (confirm.refused ? this.#nacked : this.#acked).push(seq);
  }

  /**
   * Tells what is done: all up to the oldest open one with one `multiple`, the rest one by one.
   */
  tell(send: (acked: boolean, tag: number, multiple: boolean) => void): void {
    const [acked, nacked] = [this.#acked, this.#nacked];
    if (acked.length + nacked.length === 0) return;
    this.#acked = [];
    this.#nacked = [];
    nacked.sort((a, b) => a - b);
    for (const seq of nacked) send(false, seq, false);
    if (acked.length === 1) return send(true, acked[0], false);
    acked.sort((a, b) => a - b);
    const oldest = this.#oldestOpen();
    let below = 0;
    while (below < acked.length && acked[below] < oldest) below++;
    if (below > 0) send(true, acked[below - 1], below > 1);
    for (let i = below; i < acked.length; i++) send(true, acked[i], false);
  }

  #oldestOpen(): number {
    for (const seq of this.#open.keys()) return seq;
    return Infinity;
  }
}
