import { NO_HANDLE, type Handle } from '../../sim/kernel/event-queue.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { Message, NodeId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { PARK, type Program, type Task } from '../../sim/kernel/program.ts';
import type { Micros } from '../../sim/kernel/time.ts';

/** An answer says which question it belongs to. */
export interface Reply extends Message {
  readonly correlation: number;
}

interface Open {
  readonly task: Task;
  readonly timer: Handle;
}

/**
 * Questions of a program to other nodes: send, wait, and take the answer or the silence. The node
 * passes replies to `onReply` and timers of code `timerCode` to `onTimeout`.
 */
export class Calls {
  readonly #out: Out;
  readonly #timerCode: number;
  readonly #timeout: Micros;
  readonly #open = new Map<number, Open>();
  /** Above all numbers of an earlier life: an answer to one of those may still be on its way. */
  #next: number;

  constructor(out: Out, timerCode: number, timeout: Micros) {
    this.#out = out;
    this.#timerCode = timerCode;
    this.#timeout = timeout;
    this.#next = out.now + 1;
  }

  /**
   * The reply, or undefined when none came in time: the request may or may not have been executed.
   * `task` is the one that runs this program.
   */
  *call(
    task: Task,
    to: NodeId,
    request: Message,
    about: NameId,
    nr: number,
    attempt: number,
  ): Program<Reply | undefined> {
    const correlation = this.#next++;
    this.#out.send(to, { ...request, correlation } as Message, about, nr, attempt);
    const timer =
      this.#timeout > 0 ? this.#out.timer(this.#timeout, this.#timerCode, correlation) : NO_HANDLE;
    this.#open.set(correlation, { task, timer });
    return (yield PARK) as Reply | undefined;
  }

  onReply(reply: Reply): void {
    const open = this.#open.get(reply.correlation);
    if (open === undefined) {
      this.#out.ignored(reply.type, 'nobody waits for it any more');
      return;
    }
    this.#open.delete(reply.correlation);
    this.#out.cancel(open.timer);
    open.task.resume(reply);
  }

  onTimeout(correlation: number): void {
    const open = this.#open.get(correlation);
    if (open === undefined) return;
    this.#open.delete(correlation);
    open.task.resume(undefined);
  }
}
