import type { QueuePlan } from '../layout.ts';
import type { QueueIndex, Reason } from '../protocol.ts';
import type { Publisher, QueueHost } from '../queue.ts';
import { CONFIRM_TIMEOUT } from './config.ts';
import type { Held } from './messages.ts';

interface Task {
  readonly id: number;
  readonly held: Held;
  readonly reason: Reason;
  /** Queues that have not confirmed. */
  left: number;
}

/**
 * `rabbit_fifo_dlx_worker`: beside the leader, publishes dead letters with confirms, and tries
 * again what was not routed, refused or not confirmed in time, until every target has it.
 */
export class DeadLetterWorker implements Publisher {
  readonly id: number;
  readonly node: number;
  readonly #host: QueueHost;
  readonly #queue: QueueIndex;
  readonly #timerCode: number;
  readonly #arrived: (id: number, held: Held, reason: Reason) => void;
  /** By the number of the latest try: what is said of an earlier one comes too late. */
  readonly #tasks = new Map<number, Task>();
  #tries = 0;

  /** `arrived` is called once for each message that all its targets have. */
  constructor(
    host: QueueHost,
    queue: QueueIndex,
    id: number,
    timerCode: number,
    arrived: (id: number, held: Held, reason: Reason) => void,
  ) {
    this.#host = host;
    this.#queue = queue;
    this.id = id;
    this.node = host.node;
    this.#timerCode = timerCode;
    this.#arrived = arrived;
  }

  take(id: number, held: Held, reason: Reason): void {
    this.#publish({ id, held, reason, left: 0 });
  }

  #publish(task: Task): void {
    const { held, reason } = task;
    const plan: QueuePlan = this.#host.plan(this.#queue);
    const seq = ++this.#tries;
    this.#tasks.set(seq, task);
    // Some may answer before all are asked, and none may be found: one more keeps it open.
    task.left = 1;
    const targets = this.#host.deadLetterTo(plan, held.content, reason, this, seq);
    task.left += targets;
    if (targets > 0) this.confirmed(this.#queue, seq);
    if (!this.#tasks.has(seq)) return;
    this.#host.timer(this.#queue, CONFIRM_TIMEOUT, this.#timerCode, { worker: this, seq });
  }

  /** Not all have confirmed in time. */
  onTimer(seq: number): void {
    const task = this.#tasks.get(seq);
    if (task === undefined) return;
    this.#tasks.delete(seq);
    this.#publish(task);
  }

  confirmed(_queue: QueueIndex, seq: number): void {
    const task = this.#tasks.get(seq);
    if (task === undefined || --task.left > 0) return;
    this.#tasks.delete(seq);
    this.#arrived(task.id, task.held, task.reason);
  }

  /** Never confirmed, then: it is tried again with the rest. */
  rejected(): void {}

  block(): void {}
  unblock(): void {}
}
