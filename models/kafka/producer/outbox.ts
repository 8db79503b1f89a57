import type { Out } from '../../../sim/kernel/out.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import type { Outgoing } from '../../parts/workload.ts';

/**
 * What the application remembers of its sends, in a database of its own: every change is durable at
 * once. A restarted producer sends again what nobody has confirmed; that is at-least-once, and no
 * idempotent producer can see that it is a repeat (T16).
 */
export interface Outbox {
  /** Messages that the application has begun to send; the last may never have got further. */
  begun: number;
  /** Those of them that were written down. */
  written: number;
  /** Written down and without an outcome, in order. */
  readonly open: Map<MessageId, Outgoing>;
  finished: boolean;
}

export function openOutbox(out: Out): Outbox {
  const kept = out.disk.read<Outbox>('outbox');
  if (kept !== undefined) return kept;
  const outbox: Outbox = { begun: 0, written: 0, open: new Map(), finished: false };
  out.disk.write('outbox', outbox);
  out.disk.harden('outbox', 0);
  return outbox;
}
