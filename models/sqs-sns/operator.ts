import type { Message, NodeId, Role } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { Task, type Program } from '../../sim/kernel/program.ts';
import { SECOND, seconds, type Micros } from '../../sim/kernel/time.ts';
import { Calls, type Reply } from '../parts/calls.ts';
import type { ActionKind, ActionPlan, Deployment } from '../parts/system.ts';
import type { Key } from '../parts/config.ts';
import { parseFilterPolicy } from './sns/filter-policy.ts';
import { subscriptionsOf } from './sns/plan.ts';
import { queuesOf } from './plan.ts';
import { parsePolicy } from './policy.ts';

function parameter(name: string, type: Key['type'], value: Key['default'], says: string): Key {
  return { name, type, unit: '', default: value, modelled: true, says };
}

const QUEUE = parameter('queue', 'text', null, 'Which queue.');

/** What an operator can do with a running account: each is a call of the API. */
export const ACTIONS: readonly ActionKind[] = [
  { name: 'purge-queue', says: 'Deletes what is in a queue; takes up to 60 s.', keys: [QUEUE] },
  {
    name: 'start-message-move-task',
    says: 'Moves what is in a dead-letter queue back to where it came from (redrive).',
    keys: [
      parameter('queue', 'text', null, 'Which dead-letter queue.'),
      parameter('to', 'text', '', 'Another destination than the source queue.'),
      {
        ...parameter('MaxNumberOfMessagesPerSecond', 'int', 500, 'How fast.'),
        min: 1,
        max: 500,
      },
    ],
  },
  {
    name: 'set-queue-attributes',
    says: 'Changes the access policy of a queue: may SNS send to it?',
    keys: [QUEUE, parameter('Policy', 'json', null, 'The new access policy.')],
  },
  {
    name: 'set-subscription-attributes',
    says: 'Changes the filter policy of a subscription; takes up to 15 minutes to reach all hosts.',
    keys: [
      parameter('subscription', 'text', null, 'Which subscription.'),
      parameter('FilterPolicy', 'json', null, 'The new filter policy.'),
    ],
  },
];

/** What became of each action, for whoever asks afterwards: '' is done. */
export type Outcomes = string[];

interface Operator {
  readonly out: Out;
  readonly calls: Calls;
}

const Timer = { task: 0, call: 1, act: 2 } as const;
const TIMEOUT: Micros = seconds(5);
const TRIES = 12;

/** Carries out the actions of a scenario, each as one call, tried until it is answered. */
export function operator(
  deployment: Deployment,
  sqs: NodeId,
  sns: NodeId,
  outcomes: Outcomes,
): Role<Operator> {
  const actions = deployment.actions ?? [];
  const act = function* (state: Operator, task: Task, index: number): Program {
    const [request, to, refused] = requestOf(actions[index], deployment, sqs, sns);
    const about = state.out.names.id('operator');
    if (refused !== '') {
      outcomes[index] = refused;
      return;
    }
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const named = { client: about, nr: index, attempt, tries: attempt };
      const message = { ...request, ...named } as Message;
      const reply = yield* state.calls.call(task, to, message, about, index, attempt);
      if (reply === undefined) continue;
      const { error } = reply as Reply & { readonly error?: string };
      if (error !== undefined) state.out.ignored(actions[index].kind, error);
      if (actions[index].kind === 'start-message-move-task' && error === undefined) {
        yield* completed(state, task, request, to, index);
      }
      outcomes[index] = error ?? '';
      return;
    }
    outcomes[index] = 'no answer';
  };
  return {
    start(out) {
      const state: Operator = { out, calls: new Calls(out, Timer.call, TIMEOUT) };
      actions.forEach(({ at }, index) => {
        if (at >= out.now) out.timer(at - out.now, Timer.act, index);
      });
      return state;
    },
    onMessage: (state, _from, message) => state.calls.onReply(message as Reply),
    onTimer(state, code, data) {
      if (code === Timer.task) return Task.onTimer(data);
      if (code === Timer.call) return state.calls.onTimeout(data as number);
      const task = new Task(state.out, Timer.task);
      task.start(act(state, task, data as number));
    },
  };
}

/** Asks until the move task has run. */
function* completed(
  { calls, out }: Operator,
  task: Task,
  request: object,
  to: NodeId,
  nr: number,
): Program {
  const about = out.names.id('operator');
  for (let attempt = 1; ; attempt++) {
    yield SECOND;
    const named = { type: 'ListMessageMoveTasks', client: about, nr, attempt, tries: attempt };
    const message = { ...request, ...named } as Message;
    const reply = yield* calls.call(task, to, message, about, nr, attempt);
    if ((reply as { readonly running?: boolean } | undefined)?.running === false) return;
  }
}

function requestOf(
  { kind, values }: ActionPlan,
  deployment: Deployment,
  sqs: NodeId,
  sns: NodeId,
): [
  request: Pick<Message, 'type'> & Readonly<Record<string, unknown>>,
  to: NodeId,
  refused: string,
] {
  const queues = queuesOf(deployment).map((queue) => queue.name);
  const place = (key: string) => queues.indexOf(values.text(key));
  switch (kind) {
    case 'purge-queue':
      return [{ type: 'PurgeQueue', queue: place('queue') }, sqs, ''];
    case 'start-message-move-task': {
      const perSecond = values.number('MaxNumberOfMessagesPerSecond');
      const [queue, destination] = [place('queue'), place('to')];
      return [{ type: 'StartMessageMoveTask', queue, destination, perSecond }, sqs, ''];
    }
    case 'set-queue-attributes': {
      const admitsSns = parsePolicy(values.value('Policy')) === true;
      return [{ type: 'SetQueueAttributes', queue: place('queue'), admitsSns }, sqs, ''];
    }
    default: {
      const names = subscriptionsOf(deployment).map((channel) => channel.name);
      const subscription = names.indexOf(values.text('subscription'));
      const parsed = parseFilterPolicy(values.value('FilterPolicy'));
      const policy = typeof parsed === 'object' ? parsed : undefined;
      const refused = typeof parsed === 'string' ? `InvalidParameter: FilterPolicy: ${parsed}` : '';
      return [{ type: 'SetSubscriptionAttributes', subscription, policy }, sns, refused];
    }
  }
}
