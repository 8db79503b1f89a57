import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { QueueIndex, Stored } from '../protocol.ts';

/** A message that is out, as its hand-out said. */
interface Loan {
  readonly batch: number;
  until: Micros;
}

interface Group {
  /** Stored and never handed out, in order. Gone ones are passed over when they come first. */
  readonly waiting: number[];
  next: number;
  readonly gone: Set<number>;
  readonly out: Map<number, Loan>;
}

/** Message groups of FIFO queues: what arrives, what is handed out and what leaves. */
export class Groups {
  readonly #lock: Tally;
  readonly #order: Tally;
  readonly #groups = new Map<string, Group>();

  constructor(lock: Tally, order: Tally) {
    this.#lock = lock;
    this.#order = order;
  }

  stored(queue: QueueIndex, stored: Stored): void {
    this.#of(queue, stored).waiting.push(stored.position);
  }

  hands(queue: QueueIndex, stored: Stored, batch: number, until: Micros, now: Micros): void {
    const group = this.#of(queue, stored);
    this.#lock.checked++;
    for (const [position, loan] of group.out) {
      if (loan.until <= now) group.out.delete(position);
      else if (loan.batch !== batch) {
        this.#lock.violated(now, () => {
          const both = `${stored.position} is handed out while ${position} is in flight`;
          return `group "${stored.group}": ${both}`;
        });
      }
    }
    group.out.set(stored.position, { batch, until });
    this.#inOrder(group, stored, now);
  }

  /** Only the first time counts: what comes again comes after what has passed it. */
  #inOrder(group: Group, { position, group: name }: Stored, now: Micros): void {
    const { waiting, gone } = group;
    while (group.next < waiting.length && gone.has(waiting[group.next])) {
      gone.delete(waiting[group.next++]);
    }
    const first = waiting[group.next];
    if (first === undefined || position < first) return;
    this.#order.checked++;
    if (first === position) {
      group.next++;
      if (group.next <= 1000) return;
      waiting.splice(0, group.next);
      group.next = 0;
      return;
    }
    gone.add(position);
    this.#order.violated(now, () => `group "${name}": ${position} is handed out before ${first}`);
  }

  hidden(queue: QueueIndex, stored: Stored, until: Micros): void {
    const loan = this.#of(queue, stored).out.get(stored.position);
    if (loan !== undefined) loan.until = until;
  }

  removed(queue: QueueIndex, stored: Stored): void {
    const group = this.#of(queue, stored);
    group.out.delete(stored.position);
    const first = group.waiting[group.next];
    if (first !== undefined && stored.position >= first) group.gone.add(stored.position);
  }

  #of(queue: QueueIndex, { group: name, homes }: Stored): Group {
    const key = `${queue}/${homes[0]}/${name}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, (group = { waiting: [], next: 0, gone: new Set(), out: new Map() }));
    }
    return group;
  }
}
