import type { MessageId } from '../../../sim/kernel/node.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';

/** Remembered from the acceptance on, whatever becomes of the message. */
const INTERVAL: Micros = seconds(300);

/** Deduplication ids of the last five minutes; those accepted first are forgotten first. */
export class Deduplication {
  readonly #accepted = new Map<string, { readonly message: MessageId; readonly at: Micros }>();

  /** The message that an id was accepted with, or undefined when it is new. */
  find(id: string, now: Micros): MessageId | undefined {
    for (const [old, { at }] of this.#accepted) {
      if (now - at < INTERVAL) break;
      this.#accepted.delete(old);
    }
    return this.#accepted.get(id)?.message;
  }

  accept(id: string, message: MessageId, now: Micros): void {
    this.#accepted.set(id, { message, at: now });
  }
}
