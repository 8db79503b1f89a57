import { Fact } from '../../sim/kernel/entry.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Draft } from './fan.ts';
import { announce, count, isDown, respond, type FrontEnd } from './front-end-state.ts';
import { remember } from './reconciling.ts';
import {
  Fate,
  ordinalOf,
  type ChangeMessageVisibility,
  type DeleteMessage,
  type FatesResponse,
  type ReceiptHandle,
  type ServerIndex,
} from './protocol.ts';

type Entry = DeleteMessage['entries'][number];

/**
 * DeleteMessage: every home in reach deletes its copy. A handle that a later receive has made stale
 * deletes nothing, and the call succeeds all the same.
 */
export function* onDelete(
  state: FrontEnd,
  from: NodeId,
  request: DeleteMessage,
  task: Task,
): Program<void> {
  const { queue, entries } = request;
  const lists = new Map<ServerIndex, Entry[]>();
  for (const entry of entries) {
    for (const home of entry.handle.homes) {
      if (isDown(state, home)) continue;
      const list = lists.get(home);
      if (list === undefined) lists.set(home, [entry]);
      else list.push(entry);
    }
  }
  const asked = new Map<ServerIndex, Draft>();
  for (const [home, list] of lists) {
    const handles = list.map((entry) => entry.handle);
    const carries = list.map((entry) => entry.message);
    asked.set(home, { type: 'DeleteCopies', queue, handles, carries } as Draft);
  }
  const answers = yield* state.fan.ask(task, asked, labelOf(state, request, entries[0].handle));
  const failed = entries.map((entry) => {
    const fates = entry.handle.homes.map((home) => {
      const fate = (answers.get(home) as FatesResponse | undefined)?.fates;
      return fate?.[lists.get(home)?.indexOf(entry) ?? -1];
    });
    return conclude(state, queue, entry, fates);
  });
  const error = failed.every((code) => code !== '') ? failed[0] : undefined;
  respond(state, from, request, { failed, error, carries: request.carries });
}

/** What became of one entry, from each home's answer (undefined: none came). */
function conclude(
  state: FrontEnd,
  queue: number,
  { message, handle }: Entry,
  fates: readonly (number | undefined)[],
): string {
  if (fates.every((fate) => fate === undefined)) return 'ServiceUnavailable';
  if (fates.includes(Fate.stale)) {
    count(state, 'stale deletes');
    return '';
  }
  const { position, homes } = handle;
  homes.forEach((home, i) => {
    if (fates[i] !== undefined) return;
    remember(state, home, position, { is: 'deleted', queue, position });
  });
  if (!fates.includes(Fate.done)) return '';
  for (const subscription of state.plan.queues[queue].subscriptions) {
    state.out.fact(Fact.settled, message, subscription);
  }
  if (state.queues[queue].full) {
    state.queues[queue].full = false;
    announce(state, queue);
  }
  return '';
}

/** ChangeMessageVisibility: a new end of the time out of sight, counted from now. */
export function* onChangeVisibility(
  state: FrontEnd,
  from: NodeId,
  request: ChangeMessageVisibility,
  task: Task,
): Program<void> {
  const { queue, handle, visibility } = request;
  const asked = new Map<ServerIndex, Draft>();
  for (const home of handle.homes) {
    if (isDown(state, home)) continue;
    asked.set(home, { type: 'ChangeCopy', queue, handle, visibility } as Draft);
  }
  const answers = yield* state.fan.ask(task, asked, labelOf(state, request, handle));
  const fates = [...answers.values()].map((answer) => (answer as FatesResponse).fates[0]);
  const error = refusal(fates);
  if (error !== undefined) state.out.ignored(request.type, error);
  respond(state, from, request, { error, carries: request.carries });
}

function refusal(fates: readonly number[]): string | undefined {
  if (fates.length === 0) return 'ServiceUnavailable';
  if (fates.includes(Fate.done)) return undefined;
  return fates.includes(Fate.visible) ? 'MessageNotInflight' : 'InvalidParameterValue';
}

/** Named after the message's position and the receive that the handle stands for. */
function labelOf(
  state: FrontEnd,
  { queue, attempt }: { queue: number; attempt: number },
  handle: ReceiptHandle,
) {
  const { about } = state.plan.queues[queue];
  return { about, nr: handle.position, attempt: ordinalOf(handle) * 1000 + attempt };
}
