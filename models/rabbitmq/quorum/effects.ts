import type { Micros } from '../../../sim/kernel/time.ts';
import type { Reason } from '../protocol.ts';
import type { BrokerIndex } from '../queue.ts';
import type { FifoConsumer } from './consumers.ts';
import type { Held } from './messages.ts';

/**
 * What applying a command makes happen. The first four are statements about the queue, true for all
 * members; the rest is done by the leader alone.
 */
export interface Effects {
  stored(held: Held): void;
  returned(held: Held, why: string): void;
  settled(held: Held): void;
  dropped(held: Held, why: string): void;

  deliver(consumer: FifoConsumer, id: number, held: Held): void;
  /** At most once: published without confirms, or dropped where there is no exchange for it. */
  deadLetter(held: Held, reason: Reason): void;
  /** At least once: handed to the worker, which says `dlx_settle` when all targets have it. */
  toDeadLetterWorker(id: number, held: Held, reason: Reason): void;
  /** A publishing channel is told that the queue is full, or that it has room again. */
  queueStatus(channel: number, node: BrokerIndex, refuses: boolean): void;
  /** The head expires then; -1: no head that does. */
  expiresAt(time: Micros): void;
}

/** Nothing comes of it: of commands that are applied again to see where they led. */
export const SILENT: Effects = {
  stored() {},
  returned() {},
  settled() {},
  dropped() {},
  deliver() {},
  deadLetter() {},
  toDeadLetterWorker() {},
  queueStatus() {},
  expiresAt() {},
};

/** What the command was answered with. */
export type Answer =
  | { readonly is: 'ok' | 'duplicate' | 'not_enqueued' | 'reject_publish' | 'empty' }
  | { readonly is: 'got'; readonly id: number; readonly held: Held; readonly ready: number }
  | { readonly is: 'purged'; readonly count: number };

export const OK: Answer = { is: 'ok' };
export const EMPTY: Answer = { is: 'empty' };
