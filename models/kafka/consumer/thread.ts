import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { PARK, type Program, Task } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { InFlight, NetworkClient } from '../client/network-client.ts';
import type { BrokerIndex, ClientRequest, ClientResponse } from '../protocol.ts';

/**
 * A thread of a consumer, first of all that of the application: one program, and what it waits for.
 * Everything else in the process (heartbeats, fetches, workers) goes on meanwhile.
 */
export class Thread {
  readonly task: Task;
  readonly #out: Out;
  readonly #client: NetworkClient;
  readonly #connectTimer: number;
  readonly #setupTimeout: Micros;
  #waiting: 'nothing' | 'wake' | 'answer' | 'workers' = 'nothing';

  constructor(
    out: Out,
    client: NetworkClient,
    setupTimeout: Micros,
    timers: { task: number; connect: number },
  ) {
    this.task = new Task(out, timers.task);
    this.#out = out;
    this.#client = client;
    this.#setupTimeout = setupTimeout;
    this.#connectTimer = timers.connect;
  }

  /** Stands in the middle of a call to a broker. */
  get calling(): boolean {
    return this.#waiting === 'answer';
  }

  /** Waits inside poll() until something has changed. */
  *idle(): Program {
    this.#waiting = 'wake';
    yield PARK;
  }

  wake(): void {
    this.#resume('wake', undefined);
  }

  *waitForWorkers(): Program {
    this.#waiting = 'workers';
    yield PARK;
  }

  workersDone(): void {
    this.#resume('workers', undefined);
  }

  /** Asks a broker and waits; undefined: no answer. */
  *call(
    kind: number,
    broker: BrokerIndex,
    request: ClientRequest,
    about: NameId,
    timeout?: Micros,
  ): Program<ClientResponse | undefined> {
    this.#client.send(broker, kind, request, about, this, timeout);
    this.#waiting = 'answer';
    return (yield PARK) as ClientResponse | undefined;
  }

  /** Hands over an answer, or its absence; false when the thread does not wait for this one. */
  answered({ data }: InFlight, response: ClientResponse | undefined): boolean {
    if (data !== this) return false;
    this.#resume('answer', response);
    return true;
  }

  #resume(waiting: 'wake' | 'answer' | 'workers', value: unknown): void {
    if (this.#waiting !== waiting) return;
    this.#waiting = 'nothing';
    this.task.resume(value);
  }

  /** Waits until the connection to a broker is usable; false when that takes too long. */
  *connected(broker: BrokerIndex): Program<boolean> {
    const deadline = this.#out.clock + this.#setupTimeout;
    while (!this.#client.ready(broker)) {
      const left = deadline - this.#out.clock;
      if (left <= 0) return false;
      const timer = this.#out.timer(left, this.#connectTimer);
      yield* this.idle();
      this.#out.cancel(timer);
    }
    return true;
  }

  /** Waits for a broker that can be asked; -1 when the consumer is stopping. */
  *anyBroker(stopping: () => boolean): Program<BrokerIndex> {
    for (;;) {
      const broker = this.#client.leastLoaded();
      if (broker >= 0 || stopping()) return broker;
      yield* this.idle();
    }
  }
}
