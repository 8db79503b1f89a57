import { Fact } from '../../sim/kernel/entry.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import type { Answers, Draft } from './fan.ts';
import { respond, type FrontEnd } from './front-end-state.ts';
import type { SendEntry, SendMessage, ServerIndex, Stored } from './protocol.ts';

interface Send {
  readonly stored: Stored;
  readonly delay: Micros;
  /** Place in the request. */
  readonly place: number;
}

/**
 * SendMessage: every home keeps a copy before the client hears of it. The first home, which hands
 * messages out, is asked last: what a reader can get is safe on all of them.
 */
export function* onSend(
  state: FrontEnd,
  from: NodeId,
  request: SendMessage,
  task: Task,
): Program<void> {
  const { queue, entries } = request;
  const { about, stream } = state.plan.queues[queue];
  const failed = entries.map(() => '');
  const sends: Send[] = [];
  entries.forEach((entry, place) => {
    const accepted = accept(state, queue, entry, place);
    if (typeof accepted === 'string') failed[place] = accepted;
    else sends.push(accepted);
  });
  const nr = sends[0]?.stored.position ?? 0;
  const fail = (send: Send): void => void (failed[send.place] = 'InternalError');
  const isOpen = (send: Send): boolean => failed[send.place] === '';

  const others = (send: Send): readonly ServerIndex[] => send.stored.homes.slice(1);
  const spread = put(queue, sends, others);
  let answers = yield* state.fan.ask(task, spread, { about, nr, attempt: 1 });
  for (const send of sends) {
    const { message, position, homes } = send.stored;
    const kept = homes.filter((home) => answers.has(home)).length;
    if (kept > 0) state.out.fact(Fact.appended, message, stream, position);
    if (kept < homes.length - 1) fail(send);
  }

  const first = (send: Send): readonly ServerIndex[] => [send.stored.homes[0]];
  const last = put(queue, sends.filter(isOpen), first);
  answers = yield* state.fan.ask(task, last, { about, nr, attempt: 2 });
  for (const send of sends.filter(isOpen)) settle(state, queue, send, answers, fail);
  const error = failed.every((code) => code !== '') ? failed[0] : undefined;
  respond(state, from, request, { failed, error, carries: request.carries });
}

function accept(state: FrontEnd, queue: number, entry: SendEntry, place: number): Send | string {
  const plan = state.plan.queues[queue];
  const { message, key, sequence, poison, bytes } = entry;
  if (bytes > plan.maximumSize) return 'InvalidParameterValue';
  const position = state.book.positions[queue];
  const homes = state.plan.homes.of(position, state.down);
  if (homes === undefined) return 'ServiceUnavailable';
  state.book.positions[queue]++;
  const sentAt = state.out.clock;
  const stored = { message, key, sequence, poison, bytes, position, sentAt, homes };
  return { stored, delay: entry.delay < 0 ? plan.delay : entry.delay, place };
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

function settle(
  state: FrontEnd,
  queue: number,
  send: Send,
  answers: Answers,
  fail: (send: Send) => void,
): void {
  const { position, homes } = send.stored;
  if (!answers.has(homes[0])) return fail(send);
  if (send.delay > 0) return;
  const { oldest } = state.queues[queue];
  oldest[homes[0]] = Math.min(oldest[homes[0]], position);
}
