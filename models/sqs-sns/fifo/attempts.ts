import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import type { FifoShelf, Item } from './shelf.ts';

/** How long a ReceiveRequestAttemptId is good for. */
const LIFETIME: Micros = seconds(300);

interface Attempt {
  readonly at: Micros;
  readonly items: readonly Item[];
  /** How each of them stood afterwards. */
  readonly receives: readonly number[];
  until: Micros;
}

/** Receives that may be repeated with the same ReceiveRequestAttemptId. */
export class Attempts {
  readonly #attempts = new Map<string, Attempt>();

  remember(id: string, items: readonly Item[], until: Micros, now: Micros): void {
    this.#attempts.set(id, { at: now, items, receives: items.map((i) => i.receives), until });
  }

  /**
   * The same messages once more, their timers restarted; undefined when one of them was deleted or
   * had its visibility changed meanwhile, or the id is new or too old.
   */
  repeat(
    id: string,
    shelf: FifoShelf,
    visibility: Micros,
    now: Micros,
  ): readonly Item[] | undefined {
    for (const [old, { at }] of this.#attempts) {
      if (now - at < LIFETIME) break;
      this.#attempts.delete(old);
    }
    const attempt = this.#attempts.get(id);
    if (attempt === undefined || attempt.items.length === 0) return undefined;
    const { items, receives, until } = attempt;
    const untouched = items.every(
      (item, i) =>
        shelf.find(item.stored.position) === item &&
        item.receives === receives[i] &&
        item.visibleAt === until &&
        until > now,
    );
    if (!untouched) return undefined;
    attempt.until = now + visibility;
    for (const item of items) shelf.hide(item, attempt.until, now);
    return items;
  }
}
