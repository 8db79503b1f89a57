import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { Task, type Program } from '../../../sim/kernel/program.ts';
import { Application, type HandlingPlan } from '../../parts/application.ts';
import { Calls, type Reply } from '../../parts/calls.ts';
import type { Notification } from './protocol.ts';

/** An HTTP server that SNS posts to: one instance of a `consumers:` entry. */
export interface HttpEndpointPlan {
  readonly subscription: number;
  readonly stream: number;
  readonly handling: HandlingPlan;
}

interface HttpEndpoint {
  readonly out: Out;
  readonly sinks: Calls;
  readonly application: Application;
  /** Requests that wait for a worker. */
  readonly waiting: Notification[];
  busy: number;
}

const Timer = { task: 0, sink: 1 } as const;

/** Answers 200 when a message is handled (acknowledging before: at once), 500 when it failed. */
export function httpEndpoint(
  plan: HttpEndpointPlan,
  sns: NodeId,
  sink: NodeId,
): Role<HttpEndpoint> {
  return {
    start(out) {
      const sinks = new Calls(out, Timer.sink, plan.handling.timeout);
      const application = new Application(plan.handling, plan.subscription, sink, sinks, out);
      return { out, sinks, application, waiting: [], busy: 0 };
    },

    onMessage(state, from, message) {
      if (from !== sns) return state.sinks.onReply(message as Reply);
      const notification = message as Notification;
      if (plan.handling.acknowledge === 'before') answer(state, sns, notification, 200);
      state.waiting.push(notification);
      if (state.busy >= plan.handling.workers) return;
      state.busy++;
      const task = new Task(state.out, Timer.task);
      task.start(work(state, plan, sns, task));
    },

    onTimer(state, code, data) {
      if (code === Timer.task) Task.onTimer(data);
      else state.sinks.onTimeout(data as number);
    },
  };
}

function* work(state: HttpEndpoint, plan: HttpEndpointPlan, sns: NodeId, task: Task): Program {
  for (;;) {
    const notification = state.waiting.shift();
    if (notification === undefined) break;
    const { message, key, sequence, poison, nr, attempt } = notification;
    const delivery = { message, key, sequence, poison, stream: plan.stream, position: nr };
    // The same message may come in several deliveries, each tried several times.
    const outcome = yield* state.application.handle(
      { ...delivery, attempt: nr * 1000 + attempt },
      task,
    );
    if (plan.handling.acknowledge === 'before') continue;
    answer(state, sns, notification, outcome === 'failed' ? 500 : 200);
  }
  state.busy--;
}

function answer(state: HttpEndpoint, sns: NodeId, request: Notification, status: number): void {
  const { correlation, nr, attempt, carries } = request;
  const reply = { type: 'NotificationResponse', correlation, status, carries } as Message;
  state.out.send(sns, reply, state.out.names.id('notification'), nr, attempt);
}
