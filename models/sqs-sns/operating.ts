import { Distribution } from '../../sim/kernel/distribution.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import { SECOND, seconds, type Micros } from '../../sim/kernel/time.ts';
import type { Draft } from './fan.ts';
import { respond, spawn, type FrontEnd } from './front-end-state.ts';
import { pickForMove } from './receiving.ts';
import { moveTo } from './redriving.ts';
import type {
  ListMessageMoveTasks,
  PurgeQueue,
  QueueIndex,
  SetQueueAttributes,
  StartMessageMoveTask,
} from './protocol.ts';

/** What the front end does for operators. */

/** "The message deletion process takes up to 60 seconds"; a second purge must wait that long. */
const PURGE: Micros = seconds(60);
const BATCH = 10;

/**
 * PurgeQueue: each server empties its own copies at some moment of the next 60 s, whenever they
 * were sent. What was sent before may be received until then; what is sent after may go as well.
 */
export function onPurge(state: FrontEnd, from: NodeId, request: PurgeQueue): void {
  const { queue, nr, attempt } = request;
  const { out, plan, book } = state;
  const since = out.clock - (book.purged[queue] ?? -PURGE);
  if (since < PURGE) return respond(state, from, request, { error: 'PurgeQueueInProgress' });
  book.purged[queue] = out.clock;
  const { about, fifo, streams } = plan.queues[queue];
  const servers = fifo === undefined ? plan.servers : streams.length;
  const fan = fifo === undefined ? state.fan : state.fifo;
  const type = fifo === undefined ? 'PurgeCopies' : 'PurgeMessages';
  for (let server = 0; server < servers; server++) {
    const which = nr * 100 + server;
    const table = Distribution.uniform(0, PURGE);
    const delay = out.sample(out.names.id('purge'), about, which, attempt, table);
    spawn(state, (task) => purge(state, server, queue, type, delay, which, fan, task));
  }
  respond(state, from, request, {});
}

function* purge(
  state: FrontEnd,
  server: number,
  queue: QueueIndex,
  type: string,
  delay: Micros,
  nr: number,
  fan: FrontEnd['fan'],
  task: Task,
): Program<void> {
  yield delay;
  for (let attempt = 1; attempt <= 60; attempt++) {
    const label = { about: state.out.names.id('purge'), nr, attempt };
    const draft = { type, queue } as Draft;
    const answers = yield* fan.ask(task, new Map([[server, draft]]), label);
    if (answers.has(server)) return;
    yield SECOND;
  }
}

export function onSetAttributes(state: FrontEnd, from: NodeId, request: SetQueueAttributes): void {
  state.book.admitsSns[request.queue] = request.admitsSns;
  respond(state, from, request, {});
}

/** StartMessageMoveTask: what is in a dead-letter queue goes back, with a fresh receive count. */
export function onMoveTask(state: FrontEnd, from: NodeId, request: StartMessageMoveTask): void {
  const { queue, destination } = request;
  const sources = state.plan.queues.some((q) => q.redrive?.to === queue);
  if (destination < 0 && !sources) {
    // "Source queue must be configured as a Dead Letter Queue."
    return respond(state, from, request, { error: 'InvalidParameterValue' });
  }
  const running = state.moving.get(queue);
  if (running !== undefined) {
    const error = running === request.nr ? undefined : 'UnsupportedOperation';
    return respond(state, from, request, { error });
  }
  state.moving.set(queue, request.nr);
  spawn(state, (task) => moveAll(state, request, task));
  respond(state, from, request, {});
}

export function onListTasks(state: FrontEnd, from: NodeId, request: ListMessageMoveTasks): void {
  respond(state, from, request, { running: state.moving.has(request.queue) });
}

function* moveAll(state: FrontEnd, request: StartMessageMoveTask, task: Task): Program<void> {
  const { queue } = request;
  const fifo = state.plan.queues[queue].fifo !== undefined;
  yield* (fifo ? moveFifo : moveStandard)(state, request, task);
  state.moving.delete(queue);
}

function* moveStandard(state: FrontEnd, request: StartMessageMoveTask, task: Task): Program<void> {
  const { queue, destination, perSecond, nr } = request;
  const { out, plan } = state;
  for (let round = 1; ; round++) {
    const picked = yield* pickForMove(state, queue, Math.min(BATCH, perSecond), nr, round, task);
    if (picked.length === 0) break;
    for (const { stored } of picked) {
      const to = destination < 0 ? stored.source : destination;
      if (to < 0) continue;
      const target = yield* moveTo(state, queue, to, stored, task);
      if (target === undefined) continue;
      const [source, stream] = [plan.queues[queue].streams[0], plan.queues[to].streams[0]];
      out.fact(Fact.moved, stored.message, source, stream, target.position);
      out.count(out.names.id('redriven'));
    }
    yield Math.ceil((SECOND * picked.length) / perSecond);
  }
}

/** Each server moves its own: into the same partition of the other queue. */
function* moveFifo(state: FrontEnd, request: StartMessageMoveTask, task: Task): Program<void> {
  const { queue, destination, perSecond, nr } = request;
  const servers = state.plan.queues[queue].streams.length;
  for (let server = 0, round = 1; server < servers; round++) {
    const draft = { type: 'MoveMessages', queue, destination, max: perSecond } as Draft;
    const label = { about: state.out.names.id('move'), nr: nr * 1000 + server, attempt: round };
    const answers = yield* state.fifo.ask(task, new Map([[server, draft]]), label);
    const answer = answers.get(server) as { readonly more?: boolean } | undefined;
    if (answer?.more === false) server++;
    else yield SECOND;
    if (round > 100_000) break;
  }
}
