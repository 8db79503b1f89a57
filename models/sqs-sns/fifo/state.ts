import { Fact } from '../../../sim/kernel/entry.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { Message, NodeId } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import type { QueueIndex, Stored } from '../protocol.ts';
import type { ServicePlan } from '../service.ts';
import { Attempts } from './attempts.ts';
import { Deduplication } from './deduplication.ts';
import type { Quota } from './quota.ts';
import { FifoShelf } from './shelf.ts';

/** What a server keeps of one FIFO queue: durable before anything is answered. */
export interface FifoBook {
  readonly shelf: FifoShelf;
  readonly deduplication: Deduplication;
  readonly attempts: Attempts;
  /** Messages stored so far: sequence numbers grow with it. */
  stored: number;
  notices: number;
}

export interface FifoServer {
  readonly plan: ServicePlan;
  /** Which partition of every FIFO queue it keeps. */
  readonly self: number;
  readonly out: Out;
  /** By queue; undefined for standard queues. */
  readonly books: readonly (FifoBook | undefined)[];
  /** By queue: a front end that waits for something to become available. */
  readonly watches: (NodeId | undefined)[];
  readonly alarms: Handle[];
  readonly sweeping: boolean[];
  /** By queue and action. */
  readonly quotas: Map<string, Quota>;
  readonly recent: Set<number>;
}

export const Timer = { synced: 0, wake: 1, sweep: 2 } as const;
const SWEEP: Micros = seconds(1);
export function start(plan: ServicePlan, self: number, out: Out): FifoServer {
  const books =
    out.disk.read<FifoServer['books']>('books') ??
    plan.queues.map(({ fifo }) =>
      fifo === undefined
        ? undefined
        : {
            shelf: new FifoShelf(fifo.scan),
            deduplication: new Deduplication(),
            attempts: new Attempts(),
            stored: 0,
            notices: 0,
          },
    );
  out.disk.write('books', books);
  out.disk.harden('books', Infinity);
  const state: FifoServer = {
    plan,
    self,
    out,
    books,
    watches: [],
    alarms: books.map(() => NO_HANDLE),
    sweeping: [],
    quotas: new Map(),
    recent: new Set(),
  };
  books.forEach((_, queue) => keepSweeping(state, queue));
  return state;
}

export function bookOf({ books }: FifoServer, queue: QueueIndex): FifoBook {
  return books[queue] as FifoBook;
}

/** Grows within a partition and so within a group; no two messages of a queue share one. */
export function nextPosition(state: FifoServer, queue: QueueIndex): number {
  return bookOf(state, queue).stored++ * state.plan.queues[queue].streams.length + state.self;
}

/** A message becomes part of a queue. */
export function store(state: FifoServer, queue: QueueIndex, stored: Stored, delay: Micros): void {
  keep(state, queue, stored, delay);
  const stream = state.plan.queues[queue].streams[state.self];
  state.out.fact(Fact.stored, stored.message, stream, stored.position);
}

export function keep(state: FifoServer, queue: QueueIndex, stored: Stored, delay: Micros): void {
  const { out, plan } = state;
  bookOf(state, queue).shelf.put(stored, out.clock + delay, out.clock);
  plan.audit.groups.stored(queue, stored);
  keepSweeping(state, queue);
}

/** Tells a waiting front end of something available, or sets the clock for the next group. */
export function rouse(state: FifoServer, queue: QueueIndex): void {
  const { out, plan } = state;
  const watch = state.watches[queue];
  if (watch === undefined) return;
  const book = bookOf(state, queue);
  book.shelf.surface(out.clock);
  out.cancel(state.alarms[queue]);
  state.alarms[queue] = NO_HANDLE;
  if (book.shelf.ready) {
    state.watches[queue] = undefined;
    const message = { type: 'CopyVisible', queue } as Message;
    out.send(watch, message, plan.queues[queue].about, book.notices++, 1);
    return;
  }
  const at = book.shelf.nextWake;
  if (at < 0) return;
  state.alarms[queue] = out.timer(Math.max(0, at - out.clock), Timer.wake, queue);
}

export function isExpired(
  { plan, out }: FifoServer,
  queue: QueueIndex,
  { sentAt }: Stored,
): boolean {
  return out.clock - sentAt > plan.queues[queue].retention;
}

export function gone(state: FifoServer, queue: QueueIndex, stored: Stored, why: string): void {
  const { out, plan, self } = state;
  plan.audit.removes(queue, stored);
  const stream = plan.queues[queue].streams[self];
  out.fact(Fact.dropped, stored.message, stream, out.names.id(why));
}

export function sweep(state: FifoServer, queue: QueueIndex): void {
  const { shelf } = bookOf(state, queue);
  state.sweeping[queue] = false;
  for (;;) {
    const item = shelf.oldest;
    if (item === undefined || !isExpired(state, queue, item.stored)) break;
    shelf.remove(item, state.out.clock);
    gone(state, queue, item.stored, 'expired');
  }
  keepSweeping(state, queue);
}

function keepSweeping(state: FifoServer, queue: QueueIndex): void {
  const item = state.books[queue]?.shelf.oldest;
  if (item === undefined || state.sweeping[queue]) return;
  const due = item.stored.sentAt + state.plan.queues[queue].retention + 1 - state.out.clock;
  state.sweeping[queue] = true;
  state.out.timer(Math.max(due, SWEEP), Timer.sweep, queue);
}
