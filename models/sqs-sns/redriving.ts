import { assert } from '../../sim/kernel/assert.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Draft } from './fan.ts';
import { announce, isDown, spawn, type FrontEnd } from './front-end-state.ts';
import { remember } from './reconciling.ts';
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
  const { position, homes, message } = stored;
  // A standard queue keeps the time of the first sending: the retention goes on counting.
  const moved: Stored = { ...stored, position: state.book.positions[to]++ };
  const asked = new Map<ServerIndex, Draft>();
  for (const home of homes) {
    if (isDown(state, home)) continue;
    const moves = [{ position, stored: moved }];
    asked.set(home, { type: 'MoveCopies', queue, to, moves, carries: [message] } as Draft);
  }
  const label = { about: target.about, nr: moved.position, attempt: 1 };
  const answers = yield* state.fan.ask(task, asked, label);
  const fates = [...answers.values()].map((answer) => (answer as FatesResponse).fates[0]);
  // Deleted meanwhile, or nobody heard of it: then it is offered again after a while.
  if (!fates.includes(Fate.done)) return;
  for (const home of homes) {
    if (answers.has(home)) continue;
    remember(state, home, position, { is: 'moved', queue, position, to, stored: moved });
  }
  const reason = state.out.names.id('maxReceiveCount');
  for (const subscription of subscriptions) {
    state.out.fact(Fact.deadLettered, message, subscription, reason);
  }
  state.out.fact(Fact.stored, message, target.stream, moved.position);
  announce(state, to);
}
