import { assert } from '../../sim/kernel/assert.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Draft } from './fan.ts';
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
  const { position, homes, message } = stored;
  // A standard queue keeps the time of the first sending: the retention goes on counting.
  const moved: Stored = { ...stored, position: state.book.positions[to]++ };
  const request = { type: 'MoveCopies', queue, to, position, stored: moved, carries: [message] };
  const label = { about: target.about, nr: moved.position };

  // The first home in reach decides: the message may have been deleted meanwhile.
  const leader = homes.find((home) => !isDown(state, home));
  if (leader === undefined) return;
  const draft = { ...request, force: false } as Draft;
  let answers = yield* state.fan.ask(task, new Map([[leader, draft]]), { ...label, attempt: 1 });
  const answer = answers.get(leader) as FatesResponse | undefined;
  if (answer?.fates[0] !== Fate.done) return;
  const reason = state.out.names.id('maxReceiveCount');
  for (const subscription of subscriptions) {
    state.out.fact(Fact.deadLettered, message, subscription, reason);
  }
  state.out.fact(Fact.stored, message, target.streams[0], moved.position);
  announce(state, to);

  const asked = new Map<ServerIndex, Draft>();
  const others = homes.filter((home) => home !== leader);
  for (const home of others) {
    if (!isDown(state, home)) asked.set(home, { ...request, force: true } as Draft);
  }
  answers = yield* state.fan.ask(task, asked, { ...label, attempt: 2 });
  forget(state, leader, queue, position);
  for (const home of others) {
    if (answers.has(home)) forget(state, home, queue, position);
    else remember(state, home, position, { is: 'moved', queue, position, to, stored: moved });
  }
}
