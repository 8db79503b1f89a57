import type { MessageId } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';

/**
 * How often this consumer has been handed each message, over all its lives. It names occasions
 * ("the second time that message 17 is processed here") and decides nothing. One bit per message,
 * and a number for those that came again.
 */
export class HandOuts {
  #bits = new Uint32Array(32);
  readonly #again = new Map<MessageId, number>();

  static of(out: Out): HandOuts {
    const kept = out.disk.read<HandOuts>('hand-outs');
    if (kept !== undefined) return kept;
    const fresh = new HandOuts();
    out.disk.write('hand-outs', fresh);
    out.disk.harden('hand-outs', 0);
    return fresh;
  }

  /** Which time it is, this one included. */
  count(message: MessageId): number {
    const word = message >>> 5;
    const bit = 1 << (message & 31);
    if (word >= this.#bits.length) {
      const wider = new Uint32Array(Math.max(word + 1, this.#bits.length * 2));
      wider.set(this.#bits);
      this.#bits = wider;
    }
    if ((this.#bits[word] & bit) === 0) {
      this.#bits[word] |= bit;
      return 1;
    }
    const times = (this.#again.get(message) ?? 1) + 1;
    this.#again.set(message, times);
    return times;
  }
}
