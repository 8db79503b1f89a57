import type { Micros } from '../../../sim/kernel/time.ts';
import type { Tally } from '../../parts/audit.ts';
import type { QueueIndex } from '../protocol.ts';

/** What is known of one priority of one queue. */
interface Line {
  /** The youngest message that was handed out for the first time. */
  latest: number;
  /** Messages that came back and wait. */
  readonly returned: Set<number>;
}

/**
 * Order of a classic queue, from what it is told to hand out and take back, not from how it keeps
 * its messages: first deliveries go up, and none passes a message that has come back.
 */
export class Fifo {
  readonly #tally: Tally;
  readonly #nameOf: (queue: QueueIndex) => string;
  readonly #lines: (Map<number, Line> | undefined)[] = [];

  constructor(tally: Tally, nameOf: (queue: QueueIndex) => string) {
    this.#tally = tally;
    this.#nameOf = nameOf;
  }

  /** The queue starts anew, with what its disk has. */
  starts(queue: QueueIndex): void {
    this.#lines[queue] = undefined;
  }

  #line(queue: QueueIndex, priority: number): Line {
    const lines = (this.#lines[queue] ??= new Map());
    let line = lines.get(priority);
    if (line === undefined) lines.set(priority, (line = { latest: -1, returned: new Set() }));
    return line;
  }

  returns(queue: QueueIndex, priority: number, seqId: number): void {
    this.#line(queue, priority).returned.add(seqId);
  }

  /** A message that waited leaves without being handed out. */
  leaves(queue: QueueIndex, priority: number, seqId: number): void {
    this.#line(queue, priority).returned.delete(seqId);
  }

  delivers(queue: QueueIndex, priority: number, seqId: number, now: Micros): void {
    const line = this.#line(queue, priority);
    this.#tally.checked++;
    const isBack = line.returned.delete(seqId);
    const waiting = oldest(line.returned);
    if (waiting < seqId) this.#passed(queue, seqId, waiting, 'waits', now);
    else if (!isBack && line.latest > seqId) {
      this.#passed(queue, seqId, line.latest, 'was handed out before', now);
    }
    if (!isBack) line.latest = Math.max(line.latest, seqId);
  }

  #passed(queue: QueueIndex, seqId: number, other: number, how: string, now: Micros): void {
    this.#tally.violated(now, () => {
      return `queue "${this.#nameOf(queue)}" hands out ${seqId} although ${other} ${how}`;
    });
  }
}

/** Sets of what came back are small, but for a consumer that hoarded: then one look is enough. */
function oldest(returned: ReadonlySet<number>): number {
  if (returned.size === 0 || returned.size > LOOKS) return Infinity;
  return Math.min(...returned);
}
const LOOKS = 64;
