import { assert } from '../../../sim/kernel/assert.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Program, Task } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { hashText } from '../../../sim/kernel/hash.ts';
import type { Draft } from '../fan.ts';
import { announce, count, respond, type FrontEnd } from '../front-end-state.ts';
import {
  ordinalOf,
  type ChangeMessageVisibility,
  type DeleteMessage,
  type Label,
  type Received,
  type ReceiveMessage,
  type SendEntry,
  type SendMessage,
} from '../protocol.ts';
import { park } from '../receiving.ts';
import type { FifoPlan } from '../service.ts';
import type { CodesResponse, PickMessagesResponse } from './protocol.ts';

/** What the front end does with calls that concern a FIFO queue. */

const SILENT = 'ServiceUnavailable';

function planOf(state: FrontEnd, queue: number): FifoPlan {
  const { fifo } = state.plan.queues[queue];
  assert(fifo !== undefined, 'only calls about FIFO queues come here');
  return fifo;
}

/** Each entry goes to the partition of its group; one partition keeps its order. */
export function* onFifoSend(
  state: FrontEnd,
  from: NodeId,
  request: SendMessage,
  task: Task,
): Program<void> {
  const { queue, entries, tries } = request;
  const { maximumSize } = state.plan.queues[queue];
  const fifo = planOf(state, queue);
  const failed = entries.map((entry) => refusal(entry, fifo, maximumSize));
  const places = spread(entries, (entry, i) =>
    failed[i] === '' ? (hashText(entry.group) >>> 0) % fifo.partitions : -1,
  );
  const asked = new Map<number, Draft>();
  for (const [partition, list] of places) {
    const own = list.map((i) => entries[i]);
    const carries = own.map((entry) => entry.message);
    asked.set(partition, { type: 'PutMessages', queue, entries: own, tries, carries } as Draft);
  }
  yield* gather(state, asked, places, labelOf(state, request), failed, task);
  const error = failed.every((code) => code !== '') ? failed[0] : undefined;
  respond(state, from, request, { failed, error, carries: request.carries });
}

/** What the API refuses of an entry, '' if nothing. */
function refusal(entry: SendEntry, fifo: FifoPlan, maximumSize: number): string {
  if (entry.group === '') return 'MissingParameter';
  if (entry.bytes > maximumSize) return 'InvalidParameterValue';
  // "Value for parameter DelaySeconds is invalid. Reason: not valid for this queue type."
  if (entry.delay > 0) return 'InvalidParameterValue';
  return entry.deduplication === '' && !fifo.byContent ? 'InvalidParameterValue' : '';
}

/** Partition -> places in the list; -1 leaves one out. */
function spread<T>(list: readonly T[], partition: (item: T, i: number) => number) {
  const places = new Map<number, number[]>();
  list.forEach((item, i) => {
    const at = partition(item, i);
    if (at < 0) return;
    const own = places.get(at);
    if (own === undefined) places.set(at, [i]);
    else own.push(i);
  });
  return places;
}

/** Asks the partitions and puts their codes where they belong. */
function* gather(
  state: FrontEnd,
  asked: ReadonlyMap<number, Draft>,
  places: ReadonlyMap<number, readonly number[]>,
  label: Label,
  codes: string[],
  task: Task,
): Program<void> {
  const answers = yield* state.fifo.ask(task, asked, label);
  for (const [partition, list] of places) {
    const answer = answers.get(partition) as CodesResponse | undefined;
    list.forEach((place, i) => (codes[place] = answer?.codes[i] ?? SILENT));
  }
}

/** ReceiveMessage: from one partition after another, until the batch is full or none has more. */
export function* onFifoReceive(
  state: FrontEnd,
  from: NodeId,
  request: ReceiveMessage,
  task: Task,
): Program<void> {
  const plan = state.plan.queues[request.queue];
  const wait = request.wait < 0 ? plan.wait : request.wait;
  const visibility = request.visibility < 0 ? plan.visibility : request.visibility;
  const q = state.queues[request.queue];
  const deadline = state.out.clock + wait;
  const messages: Received[] = [];
  let error: string;
  for (let round = 1; ; round++) {
    const { news } = q;
    const late = state.out.clock >= deadline;
    error = yield* collect(state, request, visibility, wait > 0, round, messages, task);
    if (messages.length > 0 || late || error !== '') break;
    if (q.news === news) {
      yield* park(state, request.queue, task, Math.max(0, deadline - state.out.clock));
    }
  }
  if (messages.length > 0) error = '';
  else if (error === '') count(state, 'empty receives');
  const carries = messages.map((m) => m.stored.message);
  const bytes = messages.reduce((sum, m) => sum + m.stored.bytes, 0);
  respond(state, from, request, { messages, carries, bytes, ...(error === '' ? {} : { error }) });
}

/** The error of a partition that refused, '' otherwise. */
function* collect(
  state: FrontEnd,
  request: ReceiveMessage,
  visibility: Micros,
  watch: boolean,
  round: number,
  messages: Received[],
  task: Task,
): Program<string> {
  const { queue, max, attemptId, nr } = request;
  const { length } = state.plan.queues[queue].streams;
  let error = '';
  for (let i = 0; i < length && messages.length < max; i++) {
    const partition = (nr + i) % length;
    const draft = {
      type: 'PickMessages',
      queue,
      max: max - messages.length,
      visibility,
      attemptId,
      watch: watch && messages.length === 0,
    } as Draft;
    const label = labelOf(state, request, round * 100 + i);
    const answers = yield* state.fifo.ask(task, new Map([[partition, draft]]), label);
    const answer = answers.get(partition) as PickMessagesResponse | undefined;
    if (answer === undefined) error = SILENT;
    else if (answer.error !== '') ({ error } = answer);
    else messages.push(...answer.received);
  }
  // Others may wait for what is left.
  if (messages.length === max) announce(state, queue);
  return error;
}

/** DeleteMessage: an entry whose handle is no longer good fails, unlike in a standard queue. */
export function* onFifoDelete(
  state: FrontEnd,
  from: NodeId,
  request: DeleteMessage,
  task: Task,
): Program<void> {
  const { queue, entries } = request;
  const places = spread(entries, ({ handle }) => handle.server);
  const asked = new Map<number, Draft>();
  for (const [partition, list] of places) {
    const handles = list.map((i) => entries[i].handle);
    const carries = list.map((i) => entries[i].message);
    asked.set(partition, { type: 'RemoveMessages', queue, handles, carries } as Draft);
  }
  const failed = entries.map(() => '');
  const [{ handle }] = entries;
  const label = { ...labelOf(state, request), nr: handle.position };
  yield* gather(state, asked, places, label, failed, task);
  const error = failed.every((code) => code !== '') ? failed[0] : undefined;
  if (error !== undefined) state.out.ignored(request.type, error);
  respond(state, from, request, { failed, error, carries: request.carries });
}

export function* onFifoChangeVisibility(
  state: FrontEnd,
  from: NodeId,
  request: ChangeMessageVisibility,
  task: Task,
): Program<void> {
  const { queue, handle, visibility } = request;
  const draft = { type: 'HideMessage', queue, handle, visibility } as Draft;
  const places = new Map([[handle.server, [0]]]);
  const codes: string[] = [];
  const attempt = ordinalOf(handle) * 1_000_000 + request.attempt;
  const label = { about: state.plan.queues[queue].about, nr: handle.position, attempt };
  yield* gather(state, new Map([[handle.server, draft]]), places, label, codes, task);
  const error = codes[0] === '' ? undefined : codes[0];
  if (error !== undefined) state.out.ignored(request.type, error);
  respond(state, from, request, { error, carries: request.carries });
}

/** Named after the client's request, which the client has numbered. */
function labelOf(
  { out }: FrontEnd,
  { client, nr, attempt, type }: SendMessage | ReceiveMessage | DeleteMessage,
  step = 0,
): Label {
  const about = out.names.id(`${out.names.text(client)} ${type}`);
  return { about, nr, attempt: attempt * 100_000 + step };
}
