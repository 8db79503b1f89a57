import { Fact } from '../../sim/kernel/entry.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import { PARK, type Program, type Task } from '../../sim/kernel/program.ts';
import { seconds, type Micros } from '../../sim/kernel/time.ts';
import type { Draft } from './fan.ts';
import {
  announce,
  count,
  hintKey,
  isDown,
  respond,
  spawn,
  Timer,
  type FrontEnd,
  type Waiter,
} from './front-end-state.ts';
import { noisyOf } from './fair.ts';
import { remember } from './reconciling.ts';
import { redrive } from './redriving.ts';
import {
  WHY,
  type Label,
  type Mark,
  type Picked,
  type PickCopiesResponse,
  type QueueIndex,
  type ReceiptHandle,
  type Received,
  type ReceiveMessage,
  type ServerIndex,
} from './protocol.ts';

/** One ReceiveMessage in progress. */
interface Receive {
  readonly request: ReceiveMessage;
  readonly task: Task;
  readonly wait: Micros;
  readonly visibility: Micros;
  /** Exchanges with the servers so far: their names. */
  steps: number;
}

const OVER = 'OverLimit';

/**
 * ReceiveMessage. A short poll asks a sample of the servers and answers at once, also with nothing.
 * A long poll asks all of them, waits for one to have something, and looks once more when time is
 * up.
 */
export function* onReceive(
  state: FrontEnd,
  from: NodeId,
  request: ReceiveMessage,
  task: Task,
): Program<void> {
  const plan = state.plan.queues[request.queue];
  const wait = request.wait < 0 ? plan.wait : request.wait;
  const visibility = request.visibility < 0 ? plan.visibility : request.visibility;
  const receive: Receive = { request, task, wait, visibility, steps: 0 };
  const q = state.queues[request.queue];
  const deadline = state.out.clock + wait;
  let messages: Received[] = [];
  for (;;) {
    const news = q.news;
    const late = state.out.clock >= deadline;
    const room = yield* roomInFlight(state, receive);
    q.full = room === 0;
    if (q.full && wait === 0) {
      count(state, 'over limit');
      return respond(state, from, request, { messages, error: OVER });
    }
    messages = yield* collect(state, receive, Math.min(request.max, room));
    if (messages.length > 0 || late) break;
    if (q.news === news) {
      yield* park(state, request.queue, task, Math.max(0, deadline - state.out.clock));
    }
  }
  if (messages.length === 0) count(state, 'empty receives');
  const carries = messages.map((m) => m.stored.message);
  const bytes = messages.reduce((sum, m) => sum + m.stored.bytes, 0);
  respond(state, from, request, { messages, carries, bytes });
}

/** Sleeps until something is announced or the wait is over. */
export function* park(state: FrontEnd, queue: QueueIndex, task: Task, wait: Micros): Program<void> {
  const waiter: Waiter = { task, timer: -1 };
  waiter.timer = state.out.timer(wait, Timer.waited, { waiter, queue });
  state.queues[queue].waiters.push(waiter);
  yield PARK;
}

/** How many more messages of the queue may be in flight. Near the limit all servers are counted. */
function* roomInFlight(state: FrontEnd, receive: Receive): Program<number> {
  const { inFlight } = state.queues[receive.request.queue];
  const left = () => Math.max(0, state.plan.inFlightLimit - inFlight.reduce((a, b) => a + b, 0));
  if (left() >= receive.request.max) return left();
  yield* pick(state, receive, new Map(reachable(state, everyServer(state)).map((s) => [s, 0])));
  return left();
}

/** Takes up to `max` messages from the servers that this poll asks. */
function* collect(state: FrontEnd, receive: Receive, max: number): Program<Received[]> {
  const { request } = receive;
  const { oldest } = state.queues[request.queue];
  const received: Received[] = [];
  let rest = reachable(state, receive.wait > 0 ? everyServer(state) : sample(state, receive));
  while (received.length < max && rest.length > 0) {
    // The oldest messages first, as far as known: an equal share of each server, then the
    // remainder.
    rest.sort((a, b) => oldest[a] - oldest[b] || a - b);
    const wanted = max - received.length;
    const share = Math.ceil(wanted / rest.length);
    const asked = rest.slice(0, Math.ceil(wanted / share));
    const shares = asked.map((s, i) => [s, Math.min(share, wanted - i * share)] as const);
    received.push(...(yield* pick(state, receive, new Map(shares))));
    const more = asked.filter((s) => !isDown(state, s) && oldest[s] < Infinity);
    rest = [...rest.slice(asked.length), ...more];
  }
  if (received.length > 0 && rest.some((s) => oldest[s] < Infinity)) announce(state, request.queue);
  return received.sort((a, b) => a.stored.position - b.stored.position);
}

function everyServer(state: FrontEnd): ServerIndex[] {
  return Array.from({ length: state.plan.servers }, (_, server) => server);
}

/**
 * The servers that a short poll asks. The choice 0 is a window that moves on with every poll, so
 * that repeated polls see every server also in a run without luck.
 */
function sample(state: FrontEnd, { request }: Receive): ServerIndex[] {
  const { out, samples, plan } = state;
  const { nr, attempt } = request;
  const which = out.choose(out.names.id('sample'), request.client, nr, attempt, samples.length);
  return samples[which].map((offset) => (offset + nr) % plan.servers);
}

function reachable(state: FrontEnd, servers: ServerIndex[]): ServerIndex[] {
  return servers.filter((server) => !isDown(state, server));
}

/** Named after the client's request, which the client has numbered. */
function labelOf(receive: Receive): Label {
  const { request } = receive;
  const attempt = (request.attempt - 1) * 100_000 + ++receive.steps;
  return { about: request.client, nr: request.nr, attempt };
}

/** Asks servers for so many messages each, tells the other homes, and sees to what is exhausted. */
function* pick(
  state: FrontEnd,
  receive: Receive,
  shares: ReadonlyMap<ServerIndex, number>,
): Program<Received[]> {
  const { queue } = receive.request;
  const q = state.queues[queue];
  const { visibility } = receive;
  const watch = receive.wait > 0 || q.waiters.length > 0;
  const asked = new Map<ServerIndex, Draft>();
  for (const [server, max] of shares) {
    const { down } = state;
    const { noisy } = q;
    const draft = { type: 'PickCopies', queue, max, visibility, down, watch, noisy } as Draft;
    asked.set(server, draft);
  }
  const answers = yield* state.fan.ask(receive.task, asked, labelOf(receive));
  const received: Received[] = [];
  const exhausted = [];
  for (const [server, answer] of answers) {
    const { picked, oldest, inFlight, ...rest } = answer as PickCopiesResponse;
    q.oldest[server] = oldest < 0 ? Infinity : oldest;
    q.inFlight[server] = inFlight;
    if (rest.load !== undefined) {
      q.loads[server] = rest.load;
      const noisy = noisyOf(q.loads);
      for (const tenant of noisy) if (!q.noisy.has(tenant)) count(state, 'noisy tenants');
      q.noisy = noisy;
    }
    exhausted.push(...rest.exhausted);
    for (const p of picked) received.push(handOut(state, queue, server, p));
  }
  if (received.length > 0) {
    const label = labelOf(receive);
    spawn(state, (task) => tell(state, queue, visibility, received, label, task));
  }
  if (exhausted.length > 0) redrive(state, queue, exhausted);
  return received;
}

function handOut(state: FrontEnd, queue: QueueIndex, server: ServerIndex, p: Picked): Received {
  const { stored, receives } = p;
  const { message, position, homes } = stored;
  const open = state.book.open.get(hintKey(queue, position));
  if (open !== undefined && server === homes[0]) open.seen = true;
  const stale = isStaleCopy(state, queue, server, position);
  state.plan.audit.received(queue, server, position, receives, state.out.clock);
  if (receives > 1 || stale) {
    const reason = state.out.names.id(WHY[stale ? 2 : p.why]);
    for (const subscription of state.plan.queues[queue].subscriptions) {
      state.out.fact(Fact.returned, message, subscription, reason);
    }
  }
  const handle: ReceiptHandle = { position, receives, server, homes };
  return { stored, receiveCount: receives, handle };
}

/** Has the server missed that the message was deleted, moved, or is in flight? */
function isStaleCopy(
  state: FrontEnd,
  queue: QueueIndex,
  server: ServerIndex,
  position: number,
): boolean {
  const hints = state.book.hints[server];
  const hint = hints.size === 0 ? undefined : hints.get(hintKey(queue, position));
  if (hint === undefined || hint.is === 'put') return false;
  return hint.is !== 'marked' || state.out.clock < hint.at + hint.mark.visibility;
}

/** The other homes learn of a receive: their copies go out of sight as well. */
function* tell(
  state: FrontEnd,
  queue: QueueIndex,
  visibility: Micros,
  received: readonly Received[],
  label: Label,
  task: Task,
): Program<void> {
  const at = state.out.clock;
  const marks = new Map<ServerIndex, Mark[]>();
  for (const { handle } of received) {
    const { position, receives, server } = handle;
    for (const home of handle.homes) {
      if (home === server) continue;
      const mark: Mark = { position, receives, server, visibility };
      const list = marks.get(home);
      if (list === undefined) marks.set(home, [mark]);
      else list.push(mark);
    }
  }
  const asked = new Map<ServerIndex, Draft>();
  for (const [home, list] of marks) {
    if (!isDown(state, home)) {
      asked.set(home, { type: 'MarkCopies', queue, marks: list } as Draft);
    }
  }
  const answers = yield* state.fan.ask(task, asked, label);
  for (const [home, list] of marks) {
    if (answers.has(home)) continue;
    for (const mark of list) {
      remember(state, home, mark.position, { is: 'marked', queue, mark, at });
    }
  }
}

/** How long a message that is being moved stays out of sight. */
const MOVING: Micros = seconds(30);

/** Takes messages out of sight for a move to another queue. */
export function* pickForMove(
  state: FrontEnd,
  queue: QueueIndex,
  max: number,
  nr: number,
  round: number,
  task: Task,
): Program<readonly Picked[]> {
  const picked: Picked[] = [];
  for (const server of reachable(state, everyServer(state))) {
    if (picked.length >= max) break;
    const { down } = state;
    const wanted = max - picked.length;
    const { noisy } = state.queues[queue];
    const request = { queue, max: wanted, visibility: MOVING, down, noisy, watch: false };
    const draft = { type: 'PickCopies', ...request } as Draft;
    const label = { about: state.out.names.id('move'), nr: nr * 1000 + server, attempt: round };
    const answers = yield* state.fan.ask(task, new Map([[server, draft]]), label);
    const answer = answers.get(server) as PickCopiesResponse | undefined;
    picked.push(...(answer?.picked ?? []));
  }
  return picked;
}
