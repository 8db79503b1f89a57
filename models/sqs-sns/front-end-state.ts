import type { Handle } from '../../sim/kernel/event-queue.ts';
import type { Message, NodeId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { Task, type Program } from '../../sim/kernel/program.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import type { Load } from './fair.ts';
import type { Fan } from './fan.ts';
import {
  responseTo,
  type ApiRequest,
  type Hint,
  type QueueIndex,
  type ServerIndex,
  type Stored,
} from './protocol.ts';
import type { ServicePlan } from './service.ts';

export const Timer = { task: 0, silence: 1, waited: 2, fifoSilence: 3 } as const;

/** What the front end must not forget; durable before anything is answered. */
export interface Book {
  /** By queue: sends so far. */
  readonly positions: number[];
  /** Probes and merges so far: their names. */
  readonly exchanges: { count: number };
  /** Sends that no client has heard of yet. */
  readonly open: Map<number, OpenSend>;
  /** By queue: when it was last purged, and whether its policy lets SNS in. */
  readonly purged: Micros[];
  readonly admitsSns: boolean[];
  /** By server: what it missed while it was out of reach. */
  readonly hints: readonly Map<number, Hint>[];
}

export interface OpenSend {
  readonly queue: QueueIndex;
  readonly stored: Stored;
  readonly delay: Micros;
  /** Its first home has handed it out, so it is kept, whatever becomes of the answer. */
  seen: boolean;
}

/** A long poll that found nothing yet. */
export interface Waiter {
  readonly task: Task;
  timer: Handle;
}

export interface QueueState {
  /** By server: the oldest visible message that it spoke of last; Infinity: it had none. */
  readonly oldest: number[];
  /** By server: messages in flight, as it said last. */
  readonly inFlight: number[];
  /** By server: what its tenants have, as it said last. */
  readonly loads: (Load | undefined)[];
  /** Fair queues: who comes last. */
  noisy: ReadonlySet<string>;
  readonly waiters: Waiter[];
  /** Grows whenever something may have become visible. */
  news: number;
  /** A poll found the in-flight limit reached. */
  full: boolean;
}

export interface FrontEnd {
  readonly plan: ServicePlan;
  readonly out: Out;
  readonly book: Book;
  readonly fan: Fan;
  /** The same for the servers of FIFO queues. */
  readonly fifo: Fan;
  readonly queues: readonly QueueState[];
  /** Ways to sample servers for a short poll. */
  readonly samples: readonly (readonly number[])[];
  /** Queues that are being moved out of -> number of the request that began it. */
  readonly moving: Map<QueueIndex, number>;
  /** Bit i: server i did not answer and has not been heard of since. */
  down: number;
  /** Bit i: a program looks after server i. */
  nursed: number;
}

/** Runs a program of the front end beside all others. */
export function spawn(state: FrontEnd, program: (task: Task) => Program): void {
  const task = new Task(state.out, Timer.task);
  task.start(program(task));
}

export function isDown(state: FrontEnd, server: ServerIndex): boolean {
  return (state.down & (1 << server)) !== 0;
}

/** Positions stay below 2^32. */
export function hintKey(queue: QueueIndex, position: number): number {
  return queue * 4_294_967_296 + position;
}

export function respond(state: FrontEnd, to: NodeId, request: ApiRequest, body: object): void {
  const { correlation, queue, nr, attempt } = request;
  const reply = { type: responseTo(request.type), correlation, ...body } as Message;
  state.out.send(to, reply, state.plan.queues[queue].about, nr, attempt);
}

export function count(state: FrontEnd, counter: string): void {
  state.out.count(state.out.names.id(counter));
}

/** Something may have become visible: the poll that has waited longest looks again. */
export function announce(state: FrontEnd, queue: QueueIndex): void {
  const q = state.queues[queue];
  q.news++;
  const waiter = q.waiters.shift();
  if (waiter === undefined) return;
  state.out.cancel(waiter.timer);
  waiter.task.resume(undefined);
}
