import { Fact } from '../../../sim/kernel/entry.ts';
import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { Message, MessageId, NodeId, Role } from '../../../sim/kernel/node.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import {
  MOVED,
  responseTo,
  WHY,
  type QueueIndex,
  type Received,
  type Stored,
} from '../protocol.ts';
import type { ServicePlan } from '../service.ts';
import type {
  FifoCall,
  HideMessage,
  MoveMessages,
  PickMessages,
  PutMessages,
  RemoveMessages,
} from './protocol.ts';
import { Quota } from './quota.ts';
import {
  bookOf,
  gone,
  isExpired,
  keep,
  nextPosition,
  rouse,
  start,
  store,
  sweep,
  Timer,
  type FifoServer,
} from './state.ts';
import type { Item } from './shelf.ts';

/** A message stays in flight at most 12 h after a receive ("ChangeMessageVisibility"). */
const IN_FLIGHT_MAX: Micros = seconds(43_200);
const RECENT = 256;
const EXPIRED_HANDLE = 'InvalidParameterValue';

/** Keeps one partition of every FIFO queue: a single authority, so that order means something. */
export function fifoServer(plan: ServicePlan, self: number): Role<FifoServer, FifoCall> {
  return {
    start: (out) => start(plan, self, out),

    onMessage(state, from, request, out) {
      if (state.recent.has(request.correlation)) return;
      state.recent.add(request.correlation);
      if (state.recent.size > RECENT) state.recent.delete([...state.recent][0]);
      if (request.type === 'PutMessages') out.sync('books', Timer.synced, { from, request });
      else answer(state, from, request);
    },

    onTimer(state, code, data) {
      if (code === Timer.synced) {
        const { from, request } = data as { from: NodeId; request: PutMessages };
        return answer(state, from, request);
      }
      const queue = data as QueueIndex;
      if (code === Timer.sweep) return sweep(state, queue);
      state.alarms[queue] = NO_HANDLE;
      rouse(state, queue);
    },
  };
}

function answer(state: FifoServer, from: NodeId, request: FifoCall): void {
  const { out } = state;
  const { type, queue, correlation, label } = request;
  bookOf(state, queue).shelf.surface(out.clock);
  const body = execute(state, from, request);
  const reply = { type: responseTo(type), correlation, ...body } as Message;
  out.send(from, reply, label.about, label.nr, label.attempt);
  rouse(state, queue);
}

function execute(state: FifoServer, from: NodeId, request: FifoCall): object {
  const { queue, type } = request;
  if (!isAllowed(state, queue, type)) {
    state.out.count(state.out.names.id('throttled'));
    const error = 'ThrottlingException';
    return { error, received: [], codes: throttled(request, error) };
  }
  switch (request.type) {
    case 'PutMessages':
      return { codes: request.entries.map((_, i) => put(state, request, i)) };
    case 'PickMessages':
      return pick(state, from, request);
    case 'RemoveMessages':
      return { codes: request.handles.map((_, i) => remove(state, request, i)) };
    case 'HideMessage':
      return { codes: [hide(state, request)] };
    case 'PurgeMessages':
      return purge(state, queue);
    case 'MoveMessages':
      return move(state, request);
  }
}

function throttled(request: FifoCall, error: string): string[] {
  if (request.type === 'PutMessages') return request.entries.map(() => error);
  if (request.type === 'RemoveMessages') return request.handles.map(() => error);
  return [error];
}

/** Each action is counted apart, and a call once, whatever it carries. */
function isAllowed({ quotas, plan, out }: FifoServer, queue: QueueIndex, type: string): boolean {
  const key = `${queue} ${type}`;
  let quota = quotas.get(key);
  if (quota === undefined) quotas.set(key, (quota = new Quota(plan.fifoCallsPerSecond)));
  return quota.allows(out.clock);
}

function put(state: FifoServer, { queue, entries, tries }: PutMessages, i: number): string {
  const { plan, out, self } = state;
  const { fifo, delay } = plan.queues[queue];
  if (fifo === undefined) return 'UnsupportedOperation';
  const entry = entries[i];
  const id = entry.deduplication !== '' ? entry.deduplication : entry.hash;
  const scoped = fifo.scope === 'messageGroup' ? `${entry.group}\n${id}` : id;
  const book = bookOf(state, queue);
  const known = book.deduplication.find(scoped, out.clock);
  if (known !== undefined) {
    out.count(out.names.id('deduplicated'));
    if (known !== entry.message) swallow(state, queue, entry.message);
    return '';
  }
  const { message, key, sequence, poison, bytes, group } = entry;
  const homes = plan.fifoHomes[self];
  const stored: Stored = {
    message,
    key,
    sequence,
    poison,
    bytes,
    group,
    position: nextPosition(state, queue),
    sentAt: out.clock,
    attempt: tries,
    homes,
    source: -1,
  };
  book.deduplication.accept(scoped, stored.message, out.clock);
  plan.audit.accepts(queue, scoped, out.clock, out.names.text(plan.queues[queue].about));
  store(state, queue, stored, delay);
  return '';
}

/** Another message of the same id: it is acknowledged, and there is no such message. */
function swallow({ out, plan, self }: FifoServer, queue: QueueIndex, message: MessageId): void {
  const reason = out.names.id('taken for a repeat of another message');
  out.fact(Fact.dropped, message, plan.queues[queue].streams[self], reason);
}

function pick(state: FifoServer, from: NodeId, request: PickMessages): object {
  const { queue, max, visibility, attemptId, watch } = request;
  const { out, plan } = state;
  const { shelf, attempts } = bookOf(state, queue);
  const now = out.clock;
  if (attemptId !== '') {
    const again = attempts.repeat(attemptId, shelf, visibility, now);
    if (again !== undefined) {
      for (const { stored, visibleAt } of again) plan.audit.groups.hidden(queue, stored, visibleAt);
      return answered(again);
    }
  }
  // At the limit a FIFO queue says nothing: it gives nothing.
  const room = Math.max(0, plan.inFlightLimit - shelf.inFlight);
  if (room === 0) out.count(out.names.id('over limit'));
  const { redrive } = plan.queues[queue];
  const most = redrive?.maxReceives ?? Infinity;
  const stale = ({ stored }: Item) => isExpired(state, queue, stored);
  const wanted = Math.min(max, room);
  const { handed, exhausted, expired } = shelf.take(wanted, visibility, now, most, stale);
  for (const item of expired) gone(state, queue, item.stored, 'expired');
  for (const item of exhausted) setAside(state, queue, item.stored);
  for (const item of handed) {
    plan.audit.hands(queue, item.stored, item.receives, request.correlation, item.visibleAt, now);
    if (item.receives > 1) returned(state, queue, item.stored, WHY[item.why]);
  }
  if (attemptId !== '') attempts.remember(attemptId, handed, now + visibility, now);
  if (watch && handed.length === 0) state.watches[queue] = from;
  return answered(handed);
}

function answered(items: readonly Item[]): object {
  const carries = items.map((item) => item.stored.message);
  return { received: items.map(receivedOf), error: '', carries };
}

function receivedOf({ stored, receives }: Item): Received {
  const { position, homes } = stored;
  const handle = { position, receives, server: homes[0], homes };
  return { stored, receiveCount: receives, handle };
}

function returned(state: FifoServer, queue: QueueIndex, { message }: Stored, why: string): void {
  const reason = state.out.names.id(why);
  for (const subscription of state.plan.queues[queue].subscriptions) {
    state.out.fact(Fact.returned, message, subscription, reason);
  }
}

/** Into the dead-letter queue: at its end, with the time of now as its time of sending. */
function setAside(state: FifoServer, queue: QueueIndex, stored: Stored): void {
  const { out, plan } = state;
  const { redrive, subscriptions } = plan.queues[queue];
  plan.audit.removes(queue, stored);
  if (redrive === undefined) return;
  const reason = out.names.id('maxReceiveCount');
  for (const subscription of subscriptions) {
    out.fact(Fact.deadLettered, stored.message, subscription, reason);
  }
  const position = nextPosition(state, redrive.to);
  store(state, redrive.to, { ...stored, position, sentAt: out.clock, source: queue }, 0);
  rouse(state, redrive.to);
}

/** With a handle of an earlier receive, or one whose time is over, the call fails. */
function remove(state: FifoServer, { queue, handles }: RemoveMessages, i: number): string {
  const { out, plan } = state;
  const { position, receives } = handles[i];
  const { shelf } = bookOf(state, queue);
  const item = shelf.find(position);
  if (item === undefined) return '';
  const now = out.clock;
  if (item.receives !== receives || item.visibleAt <= now) {
    out.count(out.names.id('expired handles'));
    return EXPIRED_HANDLE;
  }
  shelf.remove(item, now);
  plan.audit.removes(queue, item.stored);
  for (const subscription of plan.queues[queue].subscriptions) {
    out.fact(Fact.settled, item.stored.message, subscription);
  }
  return '';
}

function hide(state: FifoServer, { queue, handle, visibility }: HideMessage): string {
  const { shelf } = bookOf(state, queue);
  const now = state.out.clock;
  const item = shelf.find(handle.position);
  if (item?.receives !== handle.receives) return EXPIRED_HANDLE;
  if (item.visibleAt <= now) return 'MessageNotInflight';
  if (now + visibility > item.receivedAt + IN_FLIGHT_MAX) return 'InvalidParameterValue';
  shelf.hide(item, now + visibility, now);
  state.plan.audit.groups.hidden(queue, item.stored, item.visibleAt);
  return '';
}

/** Whatever is there goes, in flight or not. */
function purge(state: FifoServer, queue: QueueIndex): object {
  const { shelf } = bookOf(state, queue);
  for (let item = shelf.oldest; item !== undefined; item = shelf.oldest) {
    shelf.remove(item, state.out.clock);
    gone(state, queue, item.stored, 'purged');
  }
  return {};
}

/** Back to the end of the queue that each message came from, or into another one. */
function move(state: FifoServer, { queue, destination, max }: MoveMessages): object {
  const { out, plan, self } = state;
  const { shelf } = bookOf(state, queue);
  const { handed } = shelf.take(max, 0, out.clock, Infinity, () => false);
  for (const { stored } of handed) {
    const to = destination < 0 ? stored.source : destination;
    const target = plan.queues[to]?.streams[self];
    const item = shelf.find(stored.position);
    if (target === undefined || item === undefined) continue;
    shelf.remove(item, out.clock);
    plan.audit.removes(queue, stored);
    const position = nextPosition(state, to);
    const attempt = stored.attempt + MOVED;
    keep(state, to, { ...stored, position, sentAt: out.clock, attempt, source: -1 }, 0);
    out.fact(Fact.moved, stored.message, plan.queues[queue].streams[self], target, position);
    out.count(out.names.id('redriven'));
    rouse(state, to);
  }
  return { more: handed.length === max };
}
