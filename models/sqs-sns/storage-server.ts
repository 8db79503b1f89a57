import { assert } from '../../sim/kernel/assert.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import { NO_HANDLE, type Handle } from '../../sim/kernel/event-queue.ts';
import type { Message, NodeId, Role } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { seconds, type Micros } from '../../sim/kernel/time.ts';
import {
  Fate,
  responseTo,
  type ChangeCopy,
  type DeleteCopies,
  type Hint,
  type Mark,
  type MarkCopies,
  type MergeCopies,
  type MoveCopies,
  type PickCopies,
  type Picked,
  type PutCopies,
  type QueueIndex,
  type ReceiptHandle,
  type ServerIndex,
  type StoreCall,
  type Stored,
} from './protocol.ts';
import type { ServicePlan } from './service.ts';
import { At, Shelf } from './shelf.ts';

/** A front end that waits for copies of a queue to become visible. */
interface Watch {
  readonly frontEnd: NodeId;
  readonly down: number;
}

export interface ServerState {
  readonly plan: ServicePlan;
  readonly self: ServerIndex;
  /** By queue. They lie on the disk: every change of them is durable before it is answered. */
  readonly shelves: readonly Shelf[];
  readonly watches: (Watch | undefined)[];
  /** The timer of a watched shelf: its next copy becomes visible. */
  readonly alarms: Handle[];
  readonly sweeping: boolean[];
  /** Numbers of the latest requests. */
  readonly recent: Set<number>;
}

const Timer = { synced: 0, visible: 1, sweep: 2 } as const;

/**
 * Copies past their retention go in sweeps at least this far apart; none is handed out meanwhile.
 */
const SWEEP: Micros = seconds(1);
/** How long an exhausted copy is set aside for its move; afterwards it is offered again. */
const SET_ASIDE: Micros = seconds(1);
/** Most exhausted copies that one pick sets aside. */
const EXHAUSTED_LIMIT = 100;
/** Requests that a repeat is recognised among. */
const RECENT = 256;
/** A message stays in flight at most 12 h after a receive ("ChangeMessageVisibility"). */
const IN_FLIGHT_MAX: Micros = seconds(43_200);

/** One storage server: keeps copies and hands out those of which it is the first home in reach. */
export function storageServer(plan: ServicePlan, self: ServerIndex): Role<ServerState, StoreCall> {
  return {
    start(out) {
      const shelves = out.disk.read<Shelf[]>('shelves') ?? plan.queues.map(() => new Shelf(self));
      out.disk.write('shelves', shelves);
      out.disk.harden('shelves', Infinity);
      const state: ServerState = {
        plan,
        self,
        shelves,
        watches: [],
        alarms: shelves.map(() => NO_HANDLE),
        sweeping: [],
        recent: new Set(),
      };
      shelves.forEach((_, queue) => keepSweeping(state, queue, out));
      return state;
    },

    onMessage(state, from, request, out) {
      if (isRepeated(state, request.correlation)) return;
      // A copy counts once it is on stable storage; what a crash interrupts was never written.
      if (request.type === 'PutCopies') out.sync('shelves', Timer.synced, { from, request });
      else answer(state, from, request, out);
    },

    onTimer(state, code, data, out) {
      if (code === Timer.synced) {
        const { from, request } = data as { from: NodeId; request: PutCopies };
        return answer(state, from, request, out);
      }
      const queue = data as QueueIndex;
      if (code === Timer.sweep) return sweep(state, queue, out);
      state.alarms[queue] = NO_HANDLE;
      surface(state, queue, out);
      rouse(state, queue, out);
    },
  };
}

/** Servers and front end talk over connections: what the network repeats is seen once. */
function isRepeated({ recent }: ServerState, correlation: number): boolean {
  if (recent.has(correlation)) return true;
  recent.add(correlation);
  if (recent.size > RECENT) for (const oldest of recent) return !recent.delete(oldest);
  return false;
}

function answer(state: ServerState, from: NodeId, request: StoreCall, out: Out): void {
  const { queue, correlation, label } = request;
  surface(state, queue, out);
  const body = execute(state, from, request, out);
  const reply = { type: responseTo(request.type), correlation, ...body } as Message;
  out.send(from, reply, label.about, label.nr, label.attempt);
  rouse(state, queue, out);
  if (request.type === 'MoveCopies') rouse(state, request.to, out);
}

function execute(state: ServerState, from: NodeId, request: StoreCall, out: Out): object {
  switch (request.type) {
    case 'PutCopies':
      return onPut(state, request, out);
    case 'PickCopies':
      return onPick(state, from, request, out);
    case 'MarkCopies':
      return onMark(state, request, out);
    case 'DeleteCopies':
      return onDelete(state, request, out.clock);
    case 'ChangeCopy':
      return onChange(state, request, out);
    case 'MoveCopies':
      return onMove(state, request, out);
    case 'MergeCopies':
      return onMerge(state, request, out);
    case 'PurgeCopies':
      return onPurge(state, request.queue, out);
    case 'Ping':
      return {};
  }
}

// --- One function a request ---

function onPut(state: ServerState, { queue, copies }: PutCopies, out: Out): object {
  for (const { stored, delay } of copies) putCopy(state, queue, stored, delay, out);
  keepSweeping(state, queue, out);
  return {};
}

function putCopy(
  state: ServerState,
  queue: QueueIndex,
  stored: Stored,
  delay: Micros,
  out: Out,
): void {
  const shelf = state.shelves[queue];
  if (shelf.find(stored.position) >= 0) return;
  shelf.put(stored, out.clock + delay, out.clock);
  // The first home is asked last, when the others have it: now it is stored, and can be read.
  if (stored.homes[0] !== state.self) return;
  out.fact(Fact.stored, stored.message, state.plan.queues[queue].streams[0], stored.position);
}

function onPick(state: ServerState, from: NodeId, request: PickCopies, out: Out): object {
  const { queue, max, visibility, down, watch, noisy } = request;
  const shelf = state.shelves[queue];
  const limit = state.plan.queues[queue].redrive?.maxReceives ?? Infinity;
  const now = out.clock;
  shelf.setAside(noisy);
  const picked: Picked[] = [];
  const exhausted: Stored[] = [];
  while (picked.length < max && exhausted.length < EXHAUSTED_LIMIT) {
    const slot = shelf.oldest(down);
    if (slot < 0) break;
    const stored = shelf.stored(slot);
    const receives = shelf.receives(slot);
    if (isExpired(state, queue, stored, now)) {
      discard(state, queue, slot, 'expired', out);
    } else if (receives >= limit) {
      shelf.hide(slot, now + SET_ASIDE, now, 0, At.leaving);
      exhausted.push(stored);
    } else {
      const why = shelf.why(slot);
      shelf.take(slot, receives + 1, state.self, now, now + visibility);
      picked.push({ stored, receives: receives + 1, why });
    }
  }
  const next = shelf.oldest(down);
  if (watch && next < 0) state.watches[queue] = { frontEnd: from, down };
  const oldest = next < 0 ? -1 : shelf.stored(next).position;
  const carries = picked.map((p) => p.stored.message);
  const { tenants, inFlight } = shelf;
  const load = tenants && { inFlight: new Map(tenants.inFlight), busy: tenants.busy(now) };
  return { picked, exhausted, oldest, inFlight, load, carries };
}

function onMark(state: ServerState, { queue, marks }: MarkCopies, out: Out): object {
  for (const mark of marks) applyMark(state, queue, mark, 0, out);
  return {};
}

/**
 * `late`: how long ago the receive was. A copy that knows of a later receive keeps its own state.
 */
function applyMark(state: ServerState, queue: number, mark: Mark, late: Micros, out: Out): void {
  const shelf = state.shelves[queue];
  const slot = shelf.find(mark.position);
  if (slot < 0 || mark.receives <= shelf.receives(slot)) return;
  const now = out.clock;
  shelf.take(slot, mark.receives, mark.server, now - late, now - late + mark.visibility);
}

function onDelete(
  state: ServerState,
  { queue, handles, force }: DeleteCopies,
  now: Micros,
): object {
  const shelf = state.shelves[queue];
  const fates = handles.map((handle) => {
    const slot = shelf.find(handle.position);
    if (slot < 0) return Fate.gone;
    if (!force && isStale(shelf, slot, handle)) return Fate.stale;
    shelf.worked(slot, now);
    shelf.remove(slot);
    return Fate.done;
  });
  return { fates };
}

/** A later receive of the same message has made the handle stale. */
function isStale(shelf: Shelf, slot: number, handle: ReceiptHandle): boolean {
  const receives = shelf.receives(slot);
  if (receives !== handle.receives) return receives > handle.receives;
  return shelf.server(slot) !== handle.server;
}

function onChange(state: ServerState, request: ChangeCopy, out: Out): object {
  const { queue, handle, visibility } = request;
  const shelf = state.shelves[queue];
  const slot = shelf.find(handle.position);
  const now = out.clock;
  if (slot < 0) return { fates: [Fate.gone] };
  if (isStale(shelf, slot, handle)) return { fates: [Fate.stale] };
  if (shelf.receives(slot) < handle.receives) {
    // The change overtook the mark of its receive.
    shelf.take(slot, handle.receives, handle.server, now, now + visibility);
  }
  if (!shelf.isInFlight(slot)) return { fates: [Fate.visible] };
  if (now + visibility > shelf.receivedAt(slot) + IN_FLIGHT_MAX) return { fates: [Fate.tooLong] };
  shelf.hide(slot, now + visibility, now, visibility === 0 ? 1 : 0);
  return { fates: [Fate.done] };
}

function onMove(state: ServerState, request: MoveCopies, out: Out): object {
  const { queue, to, position, stored, force } = request;
  if (!force && state.shelves[queue].find(position) < 0) return { fates: [Fate.gone] };
  moveCopy(state, queue, position, to, stored, out);
  return { fates: [Fate.done] };
}

function moveCopy(
  state: ServerState,
  queue: QueueIndex,
  position: number,
  to: QueueIndex,
  stored: Stored,
  out: Out,
): void {
  const slot = state.shelves[queue].find(position);
  if (slot >= 0) state.shelves[queue].remove(slot);
  const target = state.shelves[to];
  if (target.find(stored.position) < 0) target.put(stored, out.clock, out.clock);
  keepSweeping(state, to, out);
}

/** Whatever is there goes, visible or not. */
function onPurge(state: ServerState, queue: QueueIndex, out: Out): object {
  const shelf = state.shelves[queue];
  while (shelf.earliest >= 0) discard(state, queue, shelf.earliest, 'purged', out);
  return {};
}

function onMerge(state: ServerState, { hints }: MergeCopies, out: Out): object {
  for (const hint of hints) merge(state, hint, out);
  return {};
}

function merge(state: ServerState, hint: Hint, out: Out): void {
  const shelf = state.shelves[hint.queue];
  switch (hint.is) {
    case 'marked':
      return applyMark(state, hint.queue, hint.mark, Math.max(0, out.clock - hint.at), out);
    case 'put':
      putCopy(state, hint.queue, hint.stored, hint.delay, out);
      return keepSweeping(state, hint.queue, out);
    case 'moved':
      return moveCopy(state, hint.queue, hint.position, hint.to, hint.stored, out);
    case 'deleted': {
      const slot = shelf.find(hint.position);
      if (slot >= 0) shelf.remove(slot);
    }
  }
}

// --- Time ---

function surface(state: ServerState, queue: QueueIndex, out: Out): void {
  const shelf = state.shelves[queue];
  while (shelf.surface(out.clock) >= 0);
}

/** Tells a waiting front end of a visible copy, or sets the clock for the next one. */
function rouse(state: ServerState, queue: QueueIndex, out: Out): void {
  const watch = state.watches[queue];
  if (watch === undefined) return;
  const shelf = state.shelves[queue];
  out.cancel(state.alarms[queue]);
  state.alarms[queue] = NO_HANDLE;
  const slot = shelf.oldest(watch.down);
  if (slot >= 0) {
    state.watches[queue] = undefined;
    const nr = shelf.stored(slot).position;
    const message = { type: 'CopyVisible', queue } as Message;
    out.send(watch.frontEnd, message, state.plan.queues[queue].about, nr, noticeOf(shelf, slot));
    return;
  }
  const at = shelf.nextVisible;
  if (at < 0) return;
  state.alarms[queue] = out.timer(Math.max(0, at - out.clock), Timer.visible, queue);
}

/** A copy is announced at most once before each receive, and once when it was released. */
function noticeOf(shelf: Shelf, slot: number): number {
  return shelf.receives(slot) * 2 + (shelf.why(slot) === 1 ? 2 : 1);
}

function isExpired(state: ServerState, queue: QueueIndex, stored: Stored, now: Micros): boolean {
  return now - stored.sentAt > state.plan.queues[queue].retention;
}

function discard(state: ServerState, queue: QueueIndex, slot: number, why: string, out: Out): void {
  const shelf = state.shelves[queue];
  const { message } = shelf.stored(slot);
  const isFirst = shelf.isFirstHome(slot);
  shelf.remove(slot);
  if (!isFirst) return;
  out.fact(Fact.dropped, message, state.plan.queues[queue].streams[0], out.names.id(why));
}

/** Copies arrive nearly in the order of their sending, so a sweep stops at the first young one. */
function sweep(state: ServerState, queue: QueueIndex, out: Out): void {
  const shelf = state.shelves[queue];
  assert(state.sweeping[queue], 'a sweep was announced');
  state.sweeping[queue] = false;
  for (;;) {
    const slot = shelf.earliest;
    if (slot < 0 || !isExpired(state, queue, shelf.stored(slot), out.clock)) break;
    discard(state, queue, slot, 'expired', out);
  }
  keepSweeping(state, queue, out);
}

function keepSweeping(state: ServerState, queue: QueueIndex, out: Out): void {
  const slot = state.shelves[queue].earliest;
  if (slot < 0 || state.sweeping[queue]) return;
  const { sentAt } = state.shelves[queue].stored(slot);
  const due = sentAt + state.plan.queues[queue].retention + 1 - out.clock;
  state.sweeping[queue] = true;
  out.timer(Math.max(due, SWEEP), Timer.sweep, queue);
}
