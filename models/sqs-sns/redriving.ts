import { assert } from '../../sim/kernel/assert.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Draft } from './fan.ts';
import { MOVED } from './protocol.ts';
import { announce, isDown, spawn, type FrontEnd } from './front-end-state.ts';
import { forget, remember } from './reconciling.ts';
import {
  Fate,
  type FatesResponse,
  type QueueIndex,
  type ServerIndex,
  type Stored,
} from './protocol.ts';

/** Moves messages that were received `maxReceiveCount` times to the dead-letter queue. */
export function redrive(state: FrontEnd, queue: QueueIndex, exhausted: readonly Stored[]): void {
  for (const stored of exhausted) spawn(state, (task) => move(state, queue, stored, task));
}

function* move(state: FrontEnd, queue: QueueIndex, stored: Stored, task: Task): Program<void> {
  const { redrive, subscriptions } = state.plan.queues[queue];
  assert(redrive !== undefined, 'only a queue with a redrive policy exhausts messages');
  const { to } = redrive;
  const target = state.plan.queues[to];
  const { message } = stored;
  // A standard queue keeps the time of the first sending: the retention goes on counting.
  const moved: Stored = { ...stored, position: state.book.positions[to]++, source: queue };
  const leader = yield* take(state, queue, to, stored, moved, task);
  if (leader < 0) return;
  const reason = state.out.names.id('maxReceiveCount');
  for (const subscription of subscriptions) {
    state.out.fact(Fact.deadLettered, message, subscription, reason);
  }
  state.out.fact(Fact.stored, message, target.streams[0], moved.position);
  announce(state, to);
  yield* follow(state, queue, to, stored, moved, leader, task);
}

/** Into another queue, with a fresh receive count; what it is there, or undefined if it is gone. */
export function* moveTo(
  state: FrontEnd,
  queue: QueueIndex,
  to: QueueIndex,
  stored: Stored,
  task: Task,
): Program<Stored | undefined> {
  const position = state.book.positions[to]++;
  const moved: Stored = { ...stored, position, source: -1, attempt: stored.attempt + MOVED };
  const leader = yield* take(state, queue, to, stored, moved, task);
  if (leader < 0) return undefined;
  announce(state, to);
  spawn(state, (other) => follow(state, queue, to, stored, moved, leader, other));
  return moved;
}

/** The first home in reach decides: the message may have been deleted meanwhile. */
function* take(
  state: FrontEnd,
  queue: QueueIndex,
  to: QueueIndex,
  { position, homes }: Stored,
  moved: Stored,
  task: Task,
): Program<ServerIndex> {
  const leader = homes.find((home) => !isDown(state, home));
  if (leader === undefined) return -1;
  const draft = draftOf(queue, to, position, moved, false);
  const label = { about: state.plan.queues[to].about, nr: moved.position, attempt: 1 };
  const answers = yield* state.fan.ask(task, new Map([[leader, draft]]), label);
  const answer = answers.get(leader) as FatesResponse | undefined;
  return answer?.fates[0] === Fate.done ? leader : -1;
}

function draftOf(
  queue: QueueIndex,
  to: QueueIndex,
  position: number,
  stored: Stored,
  force: boolean,
): Draft {
  const carries = [stored.message];
  return { type: 'MoveCopies', queue, to, position, stored, carries, force } as Draft;
}

/** The other homes do as the first one did. */
function* follow(
  state: FrontEnd,
  queue: QueueIndex,
  to: QueueIndex,
  { position, homes }: Stored,
  moved: Stored,
  leader: ServerIndex,
  task: Task,
): Program<void> {
  const asked = new Map<ServerIndex, Draft>();
  const others = homes.filter((home) => home !== leader);
  for (const home of others) {
    if (!isDown(state, home)) asked.set(home, draftOf(queue, to, position, moved, true));
  }
  const label = { about: state.plan.queues[to].about, nr: moved.position, attempt: 2 };
  const answers = yield* state.fan.ask(task, asked, label);
  forget(state, leader, queue, position);
  for (const home of others) {
    if (answers.has(home)) forget(state, home, queue, position);
    else remember(state, home, position, { is: 'moved', queue, position, to, stored: moved });
  }
}
