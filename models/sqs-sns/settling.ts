import { Fact } from '../../sim/kernel/entry.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Draft } from './fan.ts';
import { announce, count, isDown, respond, type FrontEnd } from './front-end-state.ts';
import { forget, remember } from './reconciling.ts';
import {
  Fate,
  ordinalOf,
  type ChangeMessageVisibility,
  type DeleteMessage,
  type FatesResponse,
  type Label,
  type ReceiptHandle,
  type ServerIndex,
} from './protocol.ts';

type Entry = DeleteMessage['entries'][number];

/** Who decided on an entry, and how. */
interface Decision {
  readonly leader: ServerIndex;
  readonly fate: number;
}

/**
 * DeleteMessage: the first home in reach decides, then the others follow. A handle that a later
 * receive has made stale deletes nothing, and the call succeeds all the same.
 */
export function* onDelete(
  state: FrontEnd,
  from: NodeId,
  request: DeleteMessage,
  task: Task,
): Program<void> {
  const { queue, entries } = request;
  const base = labelOf(state, request, entries[0].handle);
  const decisions = yield* decide(state, queue, entries, base, task);
  const deleted = entries.filter((entry) => decisions.get(entry)?.fate !== Fate.stale);
  const others = ({ handle }: Entry, leader: number) => handle.homes.filter((h) => h !== leader);
  const followers = (entry: Entry): readonly ServerIndex[] => {
    const decision = decisions.get(entry);
    return decision === undefined ? [] : others(entry, decision.leader);
  };
  const reachable = (entry: Entry) => followers(entry).filter((home) => !isDown(state, home));
  const asked = spread(queue, deleted, reachable, true);
  const answers = yield* state.fan.ask(task, drafts(asked), base);
  for (const entry of deleted) {
    const { position } = entry.handle;
    const decision = decisions.get(entry);
    if (decision !== undefined) forget(state, decision.leader, queue, position);
    for (const home of followers(entry)) {
      if (answers.has(home)) forget(state, home, queue, position);
      else remember(state, home, position, { is: 'deleted', queue, position });
    }
  }
  const failed = entries.map((entry) => conclude(state, request, entry, decisions.get(entry)));
  const error = failed.every((code) => code !== '') ? failed[0] : undefined;
  respond(state, from, request, { failed, error, carries: request.carries });
}

/** Asks the first home in reach of each entry; where it keeps silent, the next one. */
function* decide(
  state: FrontEnd,
  queue: number,
  entries: readonly Entry[],
  base: Label,
  task: Task,
): Program<ReadonlyMap<Entry, Decision>> {
  const decisions = new Map<Entry, Decision>();
  let open = entries;
  for (let round = 1; open.length > 0; round++) {
    const leader = ({ handle }: Entry) =>
      handle.homes.filter((home) => !isDown(state, home)).slice(0, 1);
    const asked = spread(queue, open, leader, false);
    if (asked.size === 0) break;
    const attempt = base.attempt + round;
    const answers = yield* state.fan.ask(task, drafts(asked), { ...base, attempt });
    for (const [home, { entries: list }] of asked) {
      const answer = answers.get(home) as FatesResponse | undefined;
      if (answer === undefined) continue;
      list.forEach((entry, i) => decisions.set(entry, { leader: home, fate: answer.fates[i] }));
    }
    open = open.filter((entry) => !decisions.has(entry));
  }
  return decisions;
}

type Spread = ReadonlyMap<
  ServerIndex,
  { readonly entries: readonly Entry[]; readonly draft: Draft }
>;

/** One DeleteCopies for each server that `homes` names. */
function spread(
  queue: number,
  entries: readonly Entry[],
  homes: (entry: Entry) => readonly ServerIndex[],
  force: boolean,
): Spread {
  const lists = new Map<ServerIndex, Entry[]>();
  for (const entry of entries) {
    for (const home of homes(entry)) {
      const list = lists.get(home);
      if (list === undefined) lists.set(home, [entry]);
      else list.push(entry);
    }
  }
  const asked = new Map<ServerIndex, { entries: readonly Entry[]; draft: Draft }>();
  for (const [home, list] of lists) {
    const handles = list.map((entry) => entry.handle);
    const carries = list.map((entry) => entry.message);
    const draft = { type: 'DeleteCopies', queue, handles, force, carries } as Draft;
    asked.set(home, { entries: list, draft });
  }
  return asked;
}

function drafts(asked: Spread): Map<ServerIndex, Draft> {
  const requests = new Map<ServerIndex, Draft>();
  for (const [home, { draft }] of asked) requests.set(home, draft);
  return requests;
}

/** The error code of one entry, '' for success. What is gone, an earlier try may have deleted. */
function conclude(
  state: FrontEnd,
  { queue, tries }: DeleteMessage,
  { message, handle }: Entry,
  decision: Decision | undefined,
): string {
  if (decision === undefined) return 'ServiceUnavailable';
  if (decision.fate === Fate.stale) {
    count(state, 'stale deletes');
    return '';
  }
  if (decision.fate === Fate.gone && tries === 1) return '';
  for (const home of handle.homes) state.plan.audit.forgets(queue, home, handle.position);
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

/** Named after the message's position, the receive that the handle stands for, and the try. */
function labelOf(
  state: FrontEnd,
  { queue, attempt }: { queue: number; attempt: number },
  handle: ReceiptHandle,
): Label {
  const { about } = state.plan.queues[queue];
  return { about, nr: handle.position, attempt: (ordinalOf(handle) * 1000 + attempt) * 10 };
}
