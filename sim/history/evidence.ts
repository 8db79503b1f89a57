import type { MessageId } from '../kernel/node.ts';
import type { Micros } from '../kernel/time.ts';
import type { Witness } from './record.ts';

/** How many witnesses of one kind are kept: enough to look at, never as many as there are. */
const KEPT = 5;

/** The first few proofs of each kind of finding. Words are built only for those that are kept. */
export class Evidence {
  readonly #name: (message: MessageId) => string;
  readonly #witnesses = new Map<string, Witness[]>();
  readonly #messages = new Map<string, MessageId[]>();

  constructor(name: (message: MessageId) => string) {
    this.#name = name;
  }

  add(kind: string, message: MessageId, at: Micros, says: string | (() => string)): void {
    let kept = this.#witnesses.get(kind);
    if (kept === undefined) {
      this.#witnesses.set(kind, (kept = []));
      this.#messages.set(kind, []);
    }
    if (kept.length >= KEPT) return;
    const words = typeof says === 'string' ? says : says();
    kept.push({ says: words, message: this.#name(message), atUs: at });
    this.#messages.get(kind)?.push(message);
  }

  of(kind: string): readonly Witness[] {
    return this.#witnesses.get(kind) ?? [];
  }

  /** Their message numbers, for whoever wants to look the messages up in a trace. */
  messagesOf(kind: string): readonly MessageId[] {
    return this.#messages.get(kind) ?? [];
  }
}
