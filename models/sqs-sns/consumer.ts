import type { NameId } from '../../sim/kernel/names.ts';
import type { Message, NodeId, Role } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { PARK, Task, type Program } from '../../sim/kernel/program.ts';
import { millis, type Micros } from '../../sim/kernel/time.ts';
import { Application, type HandlingPlan, type Outcome } from '../parts/application.ts';
import { Calls, type Reply } from '../parts/calls.ts';
import { HttpClient, type SdkPlan } from './http-client.ts';
import {
  ordinalOf,
  type ChangeMessageVisibility,
  type DeleteMessage,
  type QueueIndex,
  type Received,
  type ReceiveMessage,
  type ReceiveMessageResponse,
} from './protocol.ts';

/** One instance of a `consumers:` entry. */
export interface ReceiverPlan {
  readonly name: NameId;
  readonly subscription: number;
  readonly queue: QueueIndex;
  /** Of the queue: one, or one for each partition. */
  readonly streams: readonly number[];
  readonly abouts: readonly NameId[];
  readonly handling: HandlingPlan;
  readonly sdk: SdkPlan;
  readonly maxNumberOfMessages: number;
  /** -1 for the queue's own. */
  readonly wait: Micros;
  readonly visibility: Micros;
  /** ReceiveRequestAttemptId, with `{nr}` for the number of the call; '' for none. */
  readonly attemptId: string;
  readonly pollingWait: Micros;
  readonly terminateVisibility: boolean;
  /** 0: none is sent. `heartbeatVisibility` is what each of them asks for. */
  readonly heartbeat: Micros;
  readonly heartbeatVisibility: Micros;
}

interface Receiver {
  readonly plan: ReceiverPlan;
  readonly out: Out;
  readonly client: HttpClient;
  readonly sinks: Calls;
  readonly application: Application;
  readonly poller: Task;
  /** Received, and not yet taken up by a worker. */
  readonly buffer: Received[];
  /** On the disk, so that no two requests of this instance share a number. */
  readonly requests: { count: number };
  busy: number;
  /** The poller waits for a free worker, not for an answer. */
  idle: boolean;
  stopping: boolean;
}

const Timer = { task: 0, timeout: 1, sink: 2 } as const;

/** A loop without a pause still takes a moment of the consumer's own. */
const PAUSE_MIN: Micros = millis(1);

/**
 * A polling consumer: receive a batch, hand it to the workers, and poll again when it is taken up.
 */
export function consumer(plan: ReceiverPlan, endpoint: NodeId, sink: NodeId): Role<Receiver> {
  return {
    start(out) {
      const requests = out.disk.read<{ count: number }>('requests') ?? { count: 0 };
      out.disk.write('requests', requests);
      out.disk.harden('requests', Infinity);
      const sinks = new Calls(out, Timer.sink, plan.handling.timeout);
      const state: Receiver = {
        plan,
        out,
        client: new HttpClient(out, endpoint, plan.name, plan.abouts, plan.sdk, Timer.timeout),
        sinks,
        application: new Application(plan.handling, plan.subscription, sink, sinks, out),
        poller: new Task(out, Timer.task),
        buffer: [],
        requests,
        busy: 0,
        idle: false,
        stopping: false,
      };
      state.poller.start(poll(state));
      return state;
    },

    onMessage(state, from, message: Message) {
      const calls = from === endpoint ? state.client.calls : state.sinks;
      calls.onReply(message as Reply);
    },

    onTimer(state, code, data) {
      if (code === Timer.task) Task.onTimer(data);
      else if (code === Timer.timeout) state.client.calls.onTimeout(data as number);
      else state.sinks.onTimeout(data as number);
    },

    // What is being handled is finished; what is only received comes back by its visibility
    // timeout.
    onStop(state) {
      state.stopping = true;
      if (state.busy === 0) state.out.exit();
    },
  };
}

function* poll(state: Receiver): Program<void> {
  const { plan, out, buffer } = state;
  while (!state.stopping) {
    if (buffer.length > 0 || state.busy >= plan.handling.workers) {
      state.idle = true;
      yield PARK;
      continue;
    }
    const messages = yield* receive(state);
    if (messages.length === 0) {
      yield Math.max(PAUSE_MIN, plan.pollingWait);
      continue;
    }
    if (plan.handling.acknowledge === 'before') yield* remove(state, messages, state.poller);
    if (state.stopping) return;
    buffer.push(...messages);
    while (buffer.length > 0 && state.busy < plan.handling.workers) {
      const task = new Task(out, Timer.task);
      state.busy++;
      task.start(work(state, task));
    }
  }
}

/** One ReceiveMessage; an error or silence is a poll without messages. */
function* receive(state: Receiver): Program<readonly Received[]> {
  const { plan, out } = state;
  const nr = state.requests.count++;
  const request = {
    type: 'ReceiveMessage',
    queue: plan.queue,
    max: plan.maxNumberOfMessages,
    wait: plan.wait,
    visibility: plan.visibility,
    attemptId: plan.attemptId === '' ? '' : attemptIdOf(state, nr),
  } as const;
  const { reply } = yield* state.client.call<ReceiveMessage>(state.poller, request, nr);
  if (reply === undefined) {
    out.count(out.names.id('receives without an answer'));
    return [];
  }
  if (reply.error !== undefined) {
    out.ignored('ReceiveMessage', reply.error);
    return [];
  }
  return (reply as ReceiveMessageResponse).messages;
}

/** The same for each try of one call, so that what a lost answer carried is given again. */
function attemptIdOf({ plan, out }: Receiver, nr: number): string {
  const id = plan.attemptId.replaceAll('{nr}', String(nr));
  return id.replaceAll('{consumer}', out.names.text(plan.name));
}

/** A worker takes up message after message, until none is left. */
function* work(state: Receiver, task: Task): Program<void> {
  while (!state.stopping) {
    const received = state.buffer.shift();
    if (received === undefined) break;
    yield* handle(state, received, task);
  }
  state.busy--;
  if (state.stopping && state.busy === 0) state.out.exit();
  else if (state.idle && state.buffer.length === 0) {
    state.idle = false;
    state.poller.resume(undefined);
  }
}

function* handle(state: Receiver, received: Received, task: Task): Program<void> {
  const { plan, out, application } = state;
  const { stored, handle } = received;
  const progress = { done: false };
  if (plan.heartbeat > 0 && plan.handling.acknowledge !== 'before') {
    const beat = new Task(out, Timer.task);
    beat.start(keepHidden(state, received, progress, beat));
  }
  const { message, key, sequence, poison, position } = stored;
  const { streams } = plan;
  const stream = streams.length === 1 ? streams[0] : streams[handle.server];
  // The same message may have been sent twice, and each copy received more than once.
  const attempt = (stored.attempt - 1) * 1000 + ordinalOf(handle);
  const deliveries = handle.receives;
  const delivery = { message, key, sequence, poison, stream, position, attempt, deliveries };
  const outcome: Outcome = yield* application.handle(delivery, task);
  progress.done = true;
  if (plan.handling.acknowledge === 'before') return;
  if (outcome !== 'failed') yield* remove(state, [received], task);
  else if (plan.terminateVisibility) yield* change(state, received, 0, 0, task);
}

/** DeleteMessage, or DeleteMessageBatch for several. */
function* remove(state: Receiver, messages: readonly Received[], task: Task): Program<void> {
  const { queue } = state.plan;
  const type = messages.length === 1 ? 'DeleteMessage' : 'DeleteMessageBatch';
  const entries = messages.map(({ stored, handle }) => ({ message: stored.message, handle }));
  const carries = entries.map((entry) => entry.message);
  const request = { type, queue, entries, carries } as const;
  const { handle } = messages[0];
  const first = (ordinalOf(handle) - 1) * 100;
  yield* state.client.call<DeleteMessage>(task, request, handle.position, first);
}

/** `nth`: how many changes this receive has seen. */
function* change(
  state: Receiver,
  { stored, handle }: Received,
  visibility: Micros,
  nth: number,
  task: Task,
): Program<void> {
  const type = 'ChangeMessageVisibility';
  const carries = [stored.message];
  const request = { type, queue: state.plan.queue, handle, visibility, carries } as const;
  const first = (ordinalOf(handle) - 1) * 1_000_000 + nth * 100;
  yield* state.client.call<ChangeMessageVisibility>(task, request, handle.position, first);
}

/** Moves the end of the visibility timeout on while the message is being handled. */
function* keepHidden(
  state: Receiver,
  received: Received,
  progress: { readonly done: boolean },
  task: Task,
): Program<void> {
  const { heartbeat, heartbeatVisibility } = state.plan;
  for (let nth = 1; ; nth++) {
    yield heartbeat;
    if (progress.done) return;
    yield* change(state, received, heartbeatVisibility, nth, task);
  }
}
