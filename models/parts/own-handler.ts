import { Fact } from '../../sim/kernel/entry.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Delivery } from './application.ts';
import type { Calls } from './calls.ts';
import {
  type Handler,
  HandlerMistake,
  type HandlerPlan,
  type Received,
  type Steps,
} from './handler.ts';
import { attempt, Runner } from './own-code.ts';
import { toolsOf } from './tools.ts';
import { keyText } from './workload.ts';

/** A handler of somebody's own within one life of a consumer. */
export class OwnHandler {
  readonly #plan: HandlerPlan;
  readonly #handler: Handler;
  readonly #runner: Runner;
  readonly #subscription: number;
  readonly #out: Out;
  readonly #about: NameId;

  constructor(plan: HandlerPlan, subscription: number, calls: Calls, out: Out) {
    const started = plan.start(toolsOf(out.name, plan.producers, out, out.now));
    this.#plan = plan;
    this.#handler = handlerOf(started, out.name);
    this.#runner = new Runner(plan, subscription, calls, out);
    this.#subscription = subscription;
    this.#out = out;
    this.#about = out.names.id('message');
  }

  /** False when own code rejected the message. */
  *handle(delivery: Delivery, round: number, task: Task): Program<boolean> {
    const { message } = delivery;
    const received = this.#received(delivery);
    let returned: unknown;
    const called = attempt(() => {
      returned = this.#handler.onMessage(received);
      return { done: true, value: undefined };
    });
    if ('threw' in called) return this.#rejected(called.threw, received);
    if (!isSteps(returned)) {
      refusePromise(returned, 'onMessage', this.#out.name);
      if (returned !== false) this.#out.fact(Fact.effect, message, this.#subscription, -1);
      return true;
    }
    const work = { about: this.#about, nr: message, round, carries: [message] };
    const turn = yield* this.#runner.run(returned, work, task);
    return 'threw' in turn ? this.#rejected(turn.threw, received) : true;
  }

  #rejected(thrown: unknown, { id }: Received): boolean {
    this.#plan.onThrow(thrown, this.#out.name, id);
    return false;
  }

  #received({ message, key, sequence, stream, position, poison, deliveries }: Delivery): Received {
    const { producers, valueOf } = this.#plan;
    const producer = producers[message % producers.length];
    const id = `${producer}/${sequence}`;
    const spelled = key < 0 ? undefined : keyText(key);
    return {
      id,
      producer,
      number: sequence,
      key: spelled,
      partition: stream,
      offset: position,
      deliveries,
      get value() {
        if (poison) throw new TypeError(`${id} cannot be read: it is poison`);
        const named = spelled === undefined ? {} : { key: spelled };
        return valueOf({ producer, number: sequence, ...named });
      },
    };
  }

  assigned(partitions: readonly number[]): void {
    this.#hear('onAssigned', this.#handler.onAssigned, partitions);
  }

  revoked(partitions: readonly number[]): void {
    this.#hear('onRevoked', this.#handler.onRevoked, partitions);
  }

  lost(partitions: readonly number[]): void {
    const { onLost, onRevoked } = this.#handler;
    if (onLost === undefined) this.#hear('onRevoked', onRevoked, partitions);
    else this.#hear('onLost', onLost, partitions);
  }

  #hear(
    name: string,
    listener: ((partitions: readonly number[]) => void) | undefined,
    partitions: readonly number[],
  ): void {
    if (partitions.length === 0) return;
    const { name: process } = this.#out;
    let returned: unknown;
    try {
      returned = listener?.call(this.#handler, partitions);
    } catch (thrown) {
      throw new HandlerMistake(`${name} of ${process} threw: ${String(thrown)}`);
    }
    refusePromise(returned, name, process);
    if (!isSteps(returned)) return;
    throw new HandlerMistake(`${name} of ${process} is a generator: here nothing is waited for`);
  }
}

function handlerOf(started: unknown, process: string): Handler {
  refusePromise(started, 'the handler', process);
  if (typeof started === 'function') return { onMessage: started as Handler['onMessage'] };
  if (typeof (started as Partial<Handler> | undefined)?.onMessage === 'function') {
    return started as Handler;
  }
  throw new HandlerMistake(
    `the handler of ${process} is called when its process starts, and returns what is called ` +
      'for each message: (tools) => function* (message) { ... }',
  );
}

function isSteps(value: unknown): value is Steps<unknown> {
  return typeof (value as { next?: unknown } | undefined)?.next === 'function';
}

/** Promises take turns that nobody can repeat. */
function refusePromise(value: unknown, what: string, process: string): void {
  if (typeof (value as { then?: unknown } | null | undefined)?.then !== 'function') return;
  throw new HandlerMistake(
    `${what} of ${process} returned a promise: write function* and yield* in place of async ` +
      'and await',
  );
}
