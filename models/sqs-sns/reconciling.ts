import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Draft } from './fan.ts';
import { announce, hintKey, isDown, spawn, type FrontEnd } from './front-end-state.ts';
import type { Hint, Label, QueueIndex, ServerIndex } from './protocol.ts';

/** Hints in one MergeCopies. */
const CHUNK = 100;

/** A server kept silent: others stand in for it until it is heard of again. */
export function suspect(state: FrontEnd, server: ServerIndex): void {
  if (isDown(state, server)) return;
  state.down |= 1 << server;
  became(state, server, 'in reach', 'out of reach', 'it did not answer');
  nurse(state, server);
}

/** Notes what a server has missed. */
export function remember(state: FrontEnd, server: ServerIndex, position: number, hint: Hint): void {
  const hints = state.book.hints[server];
  const key = hintKey(hint.queue, position);
  // What a server has yet to get cannot be in flight there.
  if (hint.is !== 'marked' || hints.get(key)?.is !== 'put') hints.set(key, hint);
  nurse(state, server);
}

/** The server was told directly: what was noted earlier about the message counts no more. */
export function forget(
  state: FrontEnd,
  server: ServerIndex,
  queue: QueueIndex,
  position: number,
): void {
  const hints = state.book.hints[server];
  if (hints.size > 0) hints.delete(hintKey(queue, position));
}

/** Looks after a server that has something to catch up with; at most one program a server does. */
export function nurse(state: FrontEnd, server: ServerIndex): void {
  const bit = 1 << server;
  if ((state.nursed & bit) !== 0) return;
  state.nursed |= bit;
  spawn(state, (task) => watchOver(state, server, task));
}

/**
 * Probes the server until it answers; it then serves again at once, with the copies that it has.
 * What it missed reaches it only after the anti-entropy delay: in between, deleted messages come
 * back.
 */
function* watchOver(state: FrontEnd, server: ServerIndex, task: Task): Program<void> {
  for (;;) {
    while (isDown(state, server)) yield* probe(state, server, task);
    yield state.plan.antiEntropyDelay;
    if (!isDown(state, server) && (yield* reconcile(state, server, task))) break;
  }
  state.nursed &= ~(1 << server);
}

function* probe(state: FrontEnd, server: ServerIndex, task: Task): Program<void> {
  yield state.plan.probeInterval;
  const ping = { type: 'Ping', queue: 0 } as Draft;
  const answers = yield* state.fan.ask(task, new Map([[server, ping]]), labelOf(state));
  if (!answers.has(server)) return;
  state.down &= ~(1 << server);
  became(state, server, 'out of reach', 'in reach', 'it answered a probe');
  state.queues.forEach((q, queue) => {
    q.oldest[server] = 0;
    announce(state, queue);
  });
}

/** Hands over all hints, the oldest first; false when the server falls silent meanwhile. */
function* reconcile(state: FrontEnd, server: ServerIndex, task: Task): Program<boolean> {
  const known = state.book.hints[server];
  while (known.size > 0) {
    const chunk = [...firstOf(known, CHUNK)];
    const hints = chunk.map(([, hint]) => hint);
    const merge = { type: 'MergeCopies', queue: 0, hints } as Draft;
    const answers = yield* state.fan.ask(task, new Map([[server, merge]]), labelOf(state));
    if (!answers.has(server)) return false;
    // What was noted meanwhile stays for the next round.
    for (const [key, hint] of chunk) if (known.get(key) === hint) known.delete(key);
  }
  return true;
}

function* firstOf<K, V>(map: ReadonlyMap<K, V>, n: number): Iterable<[K, V]> {
  let left = n;
  for (const entry of map) {
    if (left-- === 0) return;
    yield entry;
  }
}

function labelOf(state: FrontEnd): Label {
  const about = state.out.names.id('exchange');
  return { about, nr: state.book.exchanges.count++, attempt: 1 };
}

function became(state: FrontEnd, server: number, from: string, to: string, why: string): void {
  state.out.became(`sqs-store-${server + 1}`, from, to, why);
}
