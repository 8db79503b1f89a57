import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { type Program, Task } from '../../../sim/kernel/program.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { Calls, type Reply } from '../../parts/calls.ts';
import type { ActionPlan, Deployment } from '../../parts/system.ts';
import { brokersOf, type Layout } from '../layout.ts';
import type { ErrorName, MetadataResponse, PartitionIndex } from '../protocol.ts';

/**
 * The operator's admin client: at its time each action becomes the real request, repeated while the
 * cluster says that it may work later. Changes of metadata go to the controller at once (KIP-919)
 * instead of by way of a broker.
 */

const Timer = { task: 0, call: 1, act: 2 } as const;

/**
 * `default.api.timeout.ms` of the admin client. It hears of a connection that fails; here it asks
 * again after a few seconds instead.
 */
const API_TIMEOUT = seconds(60);
const REQUEST_TIMEOUT = seconds(5);
const PAUSE = millis(500);

const LATER: ReadonlySet<string> = new Set([
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'LEADER_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
  'NOT_COORDINATOR',
  'NOT_LEADER_OR_FOLLOWER',
  'OFFSET_NOT_AVAILABLE',
  'UNKNOWN_MEMBER_ID', // The group has members still: their sessions may end.
]);

/** What became of each action, for whoever asks afterwards: '' is done. */
export type Outcomes = string[];

interface Admin {
  readonly out: Out;
  readonly layout: Layout;
  readonly deployment: Deployment;
  readonly outcomes: Outcomes;
  readonly calls: Calls;
  requests: number;
}

export function adminRole(
  layout: Layout,
  deployment: Deployment,
  outcomes: Outcomes,
): Role<Admin, Message> {
  const actions = deployment.actions ?? [];
  return {
    start(out) {
      const calls = new Calls(out, Timer.call, REQUEST_TIMEOUT);
      actions.forEach(({ at }, index) => {
        if (at >= out.now) out.timer(at - out.now, Timer.act, index);
      });
      return { out, layout, deployment, outcomes, calls, requests: out.now };
    },
    onMessage: ({ calls }, _from, message) => calls.onReply(message as Reply),
    onTimer(admin, code, data) {
      if (code === Timer.task) Task.onTimer(data);
      else if (code === Timer.call) admin.calls.onTimeout(data as number);
      else {
        const index = data as number;
        const task = new Task(admin.out, Timer.task);
        task.start(act(admin, task, actions[index], index));
      }
    },
  };
}

function* act(admin: Admin, task: Task, plan: ActionPlan, index: number): Program {
  const { out, outcomes } = admin;
  const until = out.clock + API_TIMEOUT;
  let last = '';
  for (let attempt = 1; out.clock < until; attempt++) {
    const error = yield* once(admin, task, plan, attempt);
    if (error === 'NONE' || error === 'ELECTION_NOT_NEEDED') {
      outcomes[index] = '';
      out.became(`action ${plan.kind}`, 'asked', 'done', `attempt ${attempt}`);
      return;
    }
    out.ignored(plan.kind, error);
    last = error;
    if (!LATER.has(error)) break;
    yield PAUSE;
  }
  outcomes[index] = last;
}

function* once(admin: Admin, task: Task, plan: ActionPlan, attempt: number): Program<ErrorName> {
  const { layout } = admin;
  const { values } = plan;
  const { controller } = layout;
  switch (plan.kind) {
    case 'add-partitions': {
      const count = values.number('to');
      const request = { type: 'CreatePartitionsRequest', topic: values.text('topic'), count };
      return errorOf(yield* ask(admin, task, controller, request, attempt));
    }
    case 'reassign-partitions': {
      const replicas = brokersOf(values.text('replicas'));
      const partitions = partitionsOf(layout, plan);
      const request = { type: 'AlterPartitionReassignmentsRequest', partitions, replicas };
      return errorOf(yield* ask(admin, task, controller, request, attempt));
    }
    case 'elect-leaders': {
      const partitions = partitionsOf(layout, plan);
      const request = {
        type: 'ElectLeadersRequest',
        partitions,
        electionType: values.text('type'),
      };
      return errorOf(yield* ask(admin, task, controller, request, attempt));
    }
    case 'alter-config': {
      const [topic, key, value] = ['topic', 'key', 'value'].map((name) => values.text(name));
      const request = { type: 'IncrementalAlterConfigsRequest', topic, key, value };
      return errorOf(yield* ask(admin, task, controller, request, attempt));
    }
    default:
      return yield* resetOffsets(admin, task, plan, attempt);
  }
}

/** One partition of a topic, or all. */
function partitionsOf(layout: Layout, { values }: ActionPlan): PartitionIndex[] {
  const all = layout.topics.get(values.text('topic'))?.partitions ?? [];
  const one = values.number('partition');
  return all.filter((_, number) => one < 0 || number === one);
}

function errorOf(reply: Reply | undefined): ErrorName {
  if (reply === undefined) return 'LEADER_NOT_AVAILABLE';
  return (reply as Reply & { error?: ErrorName }).error ?? 'NONE';
}

function* ask(
  admin: Admin,
  task: Task,
  to: NodeId,
  request: object,
  attempt: number,
): Program<Reply | undefined> {
  const { calls, out } = admin;
  const nr = ++admin.requests;
  return yield* calls.call(task, to, request as Message, out.names.id('admin'), nr, attempt);
}

/** Offsets of the log first, then one commit without a member: only an empty group takes it. */
function* resetOffsets(
  admin: Admin,
  task: Task,
  { values }: ActionPlan,
  attempt: number,
): Program<ErrorName> {
  const { layout, deployment } = admin;
  const group = values.text('group');
  const to = values.text('to');
  const topic = deployment.consumers.find((consumer) => consumer.name === group)?.from ?? '';
  const broker = layout.brokers[attempt % layout.brokers.length];
  const found = yield* ask(admin, task, broker, { type: 'FindCoordinatorRequest', group }, attempt);
  if (errorOf(found) !== 'NONE') return errorOf(found);
  const { coordinator } = found as unknown as { coordinator: number };
  const metadata = yield* ask(admin, task, broker, { type: 'MetadataRequest' }, attempt);
  if (metadata === undefined) return 'LEADER_NOT_AVAILABLE';
  const states = (metadata as unknown as MetadataResponse).partitions;
  const offsets: { partition: number; offset: number }[] = [];
  for (const partition of layout.topics.get(topic)?.partitions ?? []) {
    const { leader, leaderEpoch } = states[partition];
    if (leaderEpoch < 0) continue;
    let offset = Number(to);
    if (to === 'earliest' || to === 'latest') {
      if (leader < 0) return 'LEADER_NOT_AVAILABLE';
      const request = { type: 'ListOffsetsRequest', partition, at: to };
      const reply = yield* ask(admin, task, layout.brokers[leader], request, attempt);
      if (errorOf(reply) !== 'NONE') return errorOf(reply);
      ({ offset } = reply as unknown as { offset: number });
    } else if (!Number.isInteger(offset) || offset < 0) return 'INVALID_CONFIG';
    offsets.push({ partition, offset });
  }
  const commit = { type: 'OffsetCommitRequest', group, generation: -1, member: '', offsets };
  return errorOf(yield* ask(admin, task, layout.brokers[coordinator], commit, attempt));
}
