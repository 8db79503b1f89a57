import type { MessageId } from '../kernel/node.ts';
import { Bits } from './bits.ts';

/**
 * Channels that only pass messages on (a topic of SNS) have no streams: what is sent to one is owed
 * wherever it is said to be routed, and nowhere else.
 */
export class Routes {
  /** By channel: what was routed there from another one. */
  readonly #routed: readonly Bits[];
  /** By channel: routed there and neither readable nor gone. */
  readonly #underWay: readonly Bits[];
  readonly #keeps: boolean[];

  constructor(channels: number) {
    const each = Array.from({ length: channels }, (_, channel) => channel);
    this.#routed = each.map(() => new Bits());
    this.#underWay = each.map(() => new Bits());
    this.#keeps = each.map(() => false);
  }

  /** A stream of the channel was announced: it keeps messages itself. */
  announced(channel: number): void {
    this.#keeps[channel] = true;
  }

  keeps(channel: number): boolean {
    return this.#keeps[channel];
  }

  /** False when that was known. */
  routed(message: MessageId, channel: number): boolean {
    if (!this.#routed[channel].add(message)) return false;
    this.#underWay[channel].add(message);
    return true;
  }

  isRouted(message: MessageId, channel: number): boolean {
    return this.#routed[channel].has(message);
  }

  /** It became readable in the channel, or is gone or set aside. */
  arrived(message: MessageId, channel: number): void {
    this.#underWay[channel].remove(message);
  }

  get underWay(): boolean {
    return this.#underWay.some((messages) => messages.count > 0);
  }
}
