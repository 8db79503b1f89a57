import { assert } from '../../sim/kernel/assert.ts';
import type { Handle } from '../../sim/kernel/event-queue.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { PARK, type Program, type Task } from '../../sim/kernel/program.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import type { Label, ServerIndex, StoreReply, StoreRequest } from './protocol.ts';

/** A request before it is sent: the fan fills in which exchange it belongs to. */
export type Draft<Request extends StoreRequest = StoreRequest> = Omit<
  Request,
  'correlation' | 'label'
>;
/**
 * What is asked of each server; a server without an entry is not asked. No request is used twice.
 */
export type Asked = ReadonlyMap<ServerIndex, Draft>;
/** What was answered; a server that kept silent has no entry. */
export type Answers = ReadonlyMap<ServerIndex, StoreReply>;

interface Open {
  readonly task: Task;
  readonly timer: Handle;
  readonly asked: Asked;
  readonly answers: Map<ServerIndex, StoreReply>;
}

/** Asks several storage servers at once and waits until all have answered or the time is up. */
export class Fan {
  readonly #out: Out;
  readonly #nodes: readonly NodeId[];
  readonly #timerCode: number;
  readonly #timeout: Micros;
  readonly #onSilence: (server: ServerIndex) => void;
  readonly #open = new Map<number, Open>();
  /** Above all numbers of an earlier life, whose answers may still be on their way. */
  #next: number;

  constructor(
    out: Out,
    nodes: readonly NodeId[],
    timerCode: number,
    timeout: Micros,
    onSilence: (server: ServerIndex) => void,
  ) {
    this.#out = out;
    this.#nodes = nodes;
    this.#timerCode = timerCode;
    this.#timeout = timeout;
    this.#onSilence = onSilence;
    this.#next = out.now + 1;
  }

  *ask(task: Task, asked: Asked, label: Label): Program<Answers> {
    const answers = new Map<ServerIndex, StoreReply>();
    if (asked.size === 0) return answers;
    const correlation = this.#next++;
    const timer = this.#out.timer(this.#timeout, this.#timerCode, correlation);
    this.#open.set(correlation, { task, timer, asked, answers });
    const { about, nr, attempt } = label;
    for (const [server, request] of asked) {
      // Completed in place rather than copied: this is the busiest line of the model.
      const message = Object.assign(request, { correlation, label });
      this.#out.send(this.#nodes[server], message, about, nr, attempt);
    }
    yield PARK;
    for (const server of asked.keys()) if (!answers.has(server)) this.#onSilence(server);
    return answers;
  }

  onAnswer(from: NodeId, reply: StoreReply): void {
    const open = this.#open.get(reply.correlation);
    if (open === undefined) {
      this.#out.ignored(reply.type, 'it came too late');
      return;
    }
    const server = this.#nodes.indexOf(from);
    assert(open.asked.has(server), 'only a server that was asked answers');
    open.answers.set(server, reply);
    if (open.answers.size === open.asked.size) this.#close(reply.correlation, open);
  }

  onTimeout(correlation: number): void {
    const open = this.#open.get(correlation);
    if (open !== undefined) this.#close(correlation, open);
  }

  #close(correlation: number, open: Open): void {
    this.#open.delete(correlation);
    this.#out.cancel(open.timer);
    open.task.resume(undefined);
  }
}
