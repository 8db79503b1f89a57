import type { NodeId, Role } from '../../sim/kernel/node.ts';
import { Task } from '../../sim/kernel/program.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { Fan } from './fan.ts';
import { onFifoChangeVisibility, onFifoDelete, onFifoReceive, onFifoSend } from './fifo/front.ts';
import {
  announce,
  respond,
  spawn,
  Timer,
  type Book,
  type FrontEnd,
  type Waiter,
} from './front-end-state.ts';
import type {
  ApiCall,
  ClientCall,
  CopyVisible,
  ListMessageMoveTasks,
  PurgeQueue,
  SetQueueAttributes,
  StartMessageMoveTask,
  StoreReply,
} from './protocol.ts';
import { onListTasks, onMoveTask, onPurge, onSetAttributes } from './operating.ts';
import { refusalOf } from './batches.ts';
import { onReceive } from './receiving.ts';
import { nurse, remember, suspect } from './reconciling.ts';
import { onSend } from './sending.ts';
import { subsets, type ServicePlan } from './service.ts';
import { onChangeVisibility, onDelete } from './settling.ts';

type In = ApiCall | CopyVisible | StoreReply;

/** The service endpoint: takes HTTP requests and carries them out on the storage servers. */
export function frontEnd(
  plan: ServicePlan,
  servers: readonly NodeId[],
  fifoServers: readonly NodeId[],
): Role<FrontEnd, In> {
  return {
    start: (out) => start(plan, servers, fifoServers, out),

    onMessage(state, from, message, out) {
      switch (message.type) {
        case 'SendMessage':
        case 'SendMessageBatch':
        case 'ReceiveMessage':
        case 'DeleteMessage':
        case 'DeleteMessageBatch':
        case 'ChangeMessageVisibility':
          return onCall(state, from, message as ClientCall);
        case 'PurgeQueue':
          return onPurge(state, from, message as PurgeQueue);
        case 'StartMessageMoveTask':
          return onMoveTask(state, from, message as StartMessageMoveTask);
        case 'ListMessageMoveTasks':
          return onListTasks(state, from, message as ListMessageMoveTasks);
        case 'SetQueueAttributes':
          return onSetAttributes(state, from, message as SetQueueAttributes);
        case 'CopyVisible': {
          const { queue } = message as CopyVisible;
          const server = servers.indexOf(from);
          if (server >= 0) state.queues[queue].oldest[server] = 0;
          return announce(state, queue);
        }
        default:
          if (fifoServers.includes(from)) return state.fifo.onAnswer(from, message as StoreReply);
          if (!servers.includes(from)) return out.ignored(message.type, 'InvalidAction');
          return state.fan.onAnswer(from, message as StoreReply);
      }
    },

    onTimer(state, code, data) {
      if (code === Timer.task) return Task.onTimer(data);
      if (code === Timer.silence) return state.fan.onTimeout(data as number);
      if (code === Timer.fifoSilence) return state.fifo.onTimeout(data as number);
      const { waiter, queue } = data as { waiter: Waiter; queue: number };
      const { waiters } = state.queues[queue];
      const place = waiters.indexOf(waiter);
      // A paused process may find the news and the end of the wait in its inbox at once.
      if (place < 0) return;
      waiters.splice(place, 1);
      waiter.task.resume(undefined);
    },
  };
}

function start(
  plan: ServicePlan,
  servers: readonly NodeId[],
  fifoServers: readonly NodeId[],
  out: Out,
): FrontEnd {
  const book: Book = out.disk.read<Book>('book') ?? {
    positions: plan.queues.map(() => 0),
    exchanges: { count: 0 },
    open: new Map(),
    purged: [],
    admitsSns: plan.queues.map((queue) => queue.admitsSns),
    hints: servers.map(() => new Map()),
  };
  out.disk.write('book', book);
  out.disk.harden('book', Infinity);
  const onSilence = (server: number): void => suspect(state, server);
  const state: FrontEnd = {
    plan,
    out,
    book,
    fan: new Fan(out, servers, Timer.silence, plan.serverTimeout, onSilence),
    // A FIFO queue has no stand-in: while its server is silent, calls fail.
    fifo: new Fan(out, fifoServers, Timer.fifoSilence, plan.serverTimeout, () => undefined),
    queues: plan.queues.map(() => ({
      oldest: servers.map(() => 0),
      inFlight: servers.map(() => 0),
      loads: [],
      noisy: new Set(),
      waiters: [],
      news: 0,
      full: false,
    })),
    samples: subsets(plan.servers, plan.sampled),
    moving: new Map(),
    down: 0,
    nursed: 0,
  };
  // What an earlier process had begun is completed, and what it had left to tell is told.
  for (const { queue, stored, delay } of book.open.values()) {
    for (const home of stored.homes) {
      remember(state, home, stored.position, { is: 'put', queue, stored, delay });
    }
  }
  book.open.clear();
  book.hints.forEach((hints, server) => {
    if (hints.size > 0) nurse(state, server);
  });
  return state;
}

function onCall(state: FrontEnd, from: NodeId, call: ClientCall): void {
  const error = refusalOf(call) ?? deniedTo(state, call);
  if (error !== undefined) {
    state.out.ignored(call.type, error);
    const failed = 'entries' in call ? call.entries.map(() => error) : [];
    return respond(state, from, call, { error, failed, messages: [] });
  }
  const isFifo = state.plan.queues[call.queue].fifo !== undefined;
  spawn(state, (task) => {
    switch (call.type) {
      case 'SendMessage':
      case 'SendMessageBatch':
        return (isFifo ? onFifoSend : onSend)(state, from, call, task);
      case 'ReceiveMessage':
        return (isFifo ? onFifoReceive : onReceive)(state, from, call, task);
      case 'DeleteMessage':
      case 'DeleteMessageBatch':
        return (isFifo ? onFifoDelete : onDelete)(state, from, call, task);
      case 'ChangeMessageVisibility':
        return (isFifo ? onFifoChangeVisibility : onChangeVisibility)(state, from, call, task);
    }
  });
}

/** A queue policy that does not let SNS in. */
function deniedTo({ book, out }: FrontEnd, call: ClientCall): string | undefined {
  const sends = call.type === 'SendMessage' || call.type === 'SendMessageBatch';
  if (!sends || book.admitsSns[call.queue]) return undefined;
  return call.client === out.names.id('sns') ? 'AccessDenied' : undefined;
}
