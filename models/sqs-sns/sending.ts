import { Fact } from '../../sim/kernel/entry.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Answers, Draft } from './fan.ts';
import { hintKey, respond, type FrontEnd, type OpenSend } from './front-end-state.ts';
import { remember } from './reconciling.ts';
import type { SendMessage, ServerIndex } from './protocol.ts';

interface Send extends OpenSend {
  /** Place in the request. */
  readonly place: number;
}

/**
 * SendMessage: every home keeps a copy before the client hears of it. The first home, which hands
 * messages out, is asked last: what a reader can get is safe on all of them. A send that fails
 * before that is undone; one that fails there is in doubt, and completed when the server is back.
 */
export function* onSend(
  state: FrontEnd,
  from: NodeId,
  request: SendMessage,
  task: Task,
): Program<void> {
  const { queue, entries } = request;
  const { about } = state.plan.queues[queue];
  const failed = entries.map(() => '');
  const sends: Send[] = [];
  entries.forEach((_, place) => {
    const accepted = accept(state, request, place);
    if (typeof accepted === 'string') failed[place] = accepted;
    else sends.push(accepted);
  });
  const nr = sends[0]?.stored.position ?? 0;

  const others = put(queue, sends, (send) => send.stored.homes.slice(1));
  let answers = yield* state.fan.ask(task, others, { about, nr, attempt: 1 });
  const spread = sends.filter((send) => isSpread(state, send, answers));

  const first = put(queue, spread, (send) => [send.stored.homes[0]]);
  answers = yield* state.fan.ask(task, first, { about, nr, attempt: 2 });
  const kept = spread.filter((send) => isKept(state, send, answers));
  for (const send of sends) {
    state.book.open.delete(hintKey(queue, send.stored.position));
    if (!kept.includes(send)) failed[send.place] = 'InternalError';
  }
  const error = failed.every((code) => code !== '') ? failed[0] : undefined;
  respond(state, from, request, { failed, error, carries: request.carries });
}

function accept(state: FrontEnd, request: SendMessage, place: number): Send | string {
  const { queue, entries, tries } = request;
  const plan = state.plan.queues[queue];
  const { message, key, sequence, poison, bytes, group, delay: own } = entries[place];
  if (bytes > plan.maximumSize) return 'InvalidParameterValue';
  const position = state.book.positions[queue];
  const homes = state.plan.homes.of(position, state.down);
  if (homes === undefined) return 'ServiceUnavailable';
  state.book.positions[queue]++;
  const sentAt = state.out.clock;
  const stored = {
    message,
    key,
    sequence,
    poison,
    bytes,
    group,
    position,
    sentAt,
    attempt: tries,
    homes,
    source: -1,
  };
  const send: Send = { queue, stored, delay: own < 0 ? plan.delay : own, seen: false, place };
  state.book.open.set(hintKey(queue, position), send);
  return send;
}

/** Do all homes but the first have it? Otherwise it is undone, before anybody could read it. */
function isSpread(state: FrontEnd, { queue, stored }: Send, answers: Answers): boolean {
  const { message, position, homes } = stored;
  const others = homes.slice(1);
  const kept = others.filter((home) => answers.has(home)).length;
  const [stream] = state.plan.queues[queue].streams;
  if (kept > 0) state.out.fact(Fact.appended, message, stream, position);
  if (kept === others.length) return true;
  for (const home of others) remember(state, home, position, { is: 'deleted', queue, position });
  return false;
}

/** Does the first home have it, too? Otherwise it gets it later, as the others have it already. */
function isKept(state: FrontEnd, send: Send, answers: Answers): boolean {
  const { queue, stored, delay } = send;
  const { position, homes } = stored;
  const [home] = homes;
  if (!answers.has(home)) {
    if (send.seen) return true;
    remember(state, home, position, { is: 'put', queue, stored, delay });
    return false;
  }
  const { oldest } = state.queues[queue];
  if (delay === 0) oldest[home] = Math.min(oldest[home], position);
  return true;
}

/** The requests that put each message on the servers that `homes` names. */
function put(
  queue: number,
  sends: readonly Send[],
  homes: (send: Send) => readonly ServerIndex[],
): Map<ServerIndex, Draft> {
  const copies = new Map<ServerIndex, Send[]>();
  for (const send of sends) {
    for (const home of homes(send)) {
      const list = copies.get(home);
      if (list === undefined) copies.set(home, [send]);
      else list.push(send);
    }
  }
  const requests = new Map<ServerIndex, Draft>();
  for (const [home, list] of copies) {
    const carries = list.map((send) => send.stored.message);
    requests.set(home, { type: 'PutCopies', queue, copies: list, carries } as Draft);
  }
  return requests;
}
