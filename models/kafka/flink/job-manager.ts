import { assert } from '../../../sim/kernel/assert.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import type { Layout } from '../layout.ts';
import { nextLife } from '../../parts/lives.ts';
import type { JobPlan } from './plan.ts';
import type { AcknowledgeCheckpoint, Checkpoint, TaskState, ToJobManager } from './protocol.ts';

/** `heartbeat.timeout`. */
const SILENT: Micros = seconds(50);
/** Restarts in a row after which the job is given up, none of them with a new checkpoint. */
const RESTARTS = 10;

const Timer = { checkpoint: 0, timeout: 1, restart: 2, silence: 3 } as const;

export type JobPhase =
  /** Waits until all tasks have registered. */
  | { readonly is: 'CREATED' }
  /** Tasks restore their state. */
  | { readonly is: 'INITIALIZING'; readonly running: Set<number> }
  | { readonly is: 'RUNNING' }
  /** All tasks are cancelled; the restart delay runs. */
  | { readonly is: 'RESTARTING' }
  | { readonly is: 'FAILED' };

/** By the names of `JobStatus`. */
export const JOB_PHASES: Readonly<Record<JobPhase['is'], readonly JobPhase['is'][]>> = {
  CREATED: ['INITIALIZING', 'RESTARTING'],
  INITIALIZING: ['RUNNING', 'RESTARTING', 'FAILED'],
  RUNNING: ['RESTARTING', 'FAILED'],
  RESTARTING: ['CREATED', 'FAILED'],
  FAILED: [],
};

interface Pending {
  readonly id: number;
  readonly states: (TaskState | undefined)[];
  timer: Handle;
}

/**
 * The coordinator of a job: deploys its tasks, starts checkpoints, and knows which is complete. The
 * newest complete one is durable. Source: `CheckpointCoordinator`, Flink; sheet section 4.2.
 */
export interface JobManager {
  readonly out: Out;
  readonly layout: Layout;
  readonly plan: JobPlan;
  readonly tasks: readonly NodeId[];
  readonly name: string;
  readonly word: NameId;
  readonly life: number;
  phase: JobPhase;
  attempt: number;
  /** Tasks that have registered since the last deployment, and when each was heard. */
  readonly registered: Set<number>;
  readonly heard: Micros[];
  readonly lives: number[];
  completed: Checkpoint | undefined;
  lastId: number;
  pending: Pending | undefined;
  restarts: number;
  nr: number;
}

export function jobManagerRole(
  layout: Layout,
  plan: JobPlan,
  tasks: readonly NodeId[],
): Role<JobManager, Message> {
  return {
    start: (out) => start(layout, plan, tasks, out),
    onMessage: (job, _from, message) => onMessage(job, message as ToJobManager),
    onTimer: (job, code, data) => onTimer(job, code, data),
    onDisconnect(job, peer) {
      const task = job.tasks.indexOf(peer);
      if (task >= 0) onTaskLost(job, task, 'its connection closed');
    },
  };
}

function start(layout: Layout, plan: JobPlan, tasks: readonly NodeId[], out: Out): JobManager {
  const life = nextLife(out);
  const job: JobManager = {
    out,
    layout,
    plan,
    tasks,
    name: `job ${plan.consumer.name}`,
    word: out.names.id(plan.consumer.name),
    life,
    phase: { is: 'CREATED' },
    attempt: life * 1000,
    registered: new Set(),
    heard: [],
    lives: [],
    completed: out.disk.read<Checkpoint>('checkpoint'),
    lastId: out.disk.read<number>('last checkpoint') ?? 0,
    pending: undefined,
    restarts: 0,
    nr: life * 1_000_000,
  };
  out.timer(SILENT / 5, Timer.silence);
  return job;
}

function become(job: JobManager, next: JobPhase, why: string): void {
  const from = job.phase.is;
  assert(JOB_PHASES[from].includes(next.is), `job: ${from} -> ${next.is} is legal`);
  job.out.became(job.name, from, next.is, why);
  job.phase = next;
}

function send(job: JobManager, task: number, body: object): void {
  job.out.send(job.tasks[task], body as Message, job.word, ++job.nr);
}

function sendAll(job: JobManager, body: object): void {
  for (let task = 0; task < job.tasks.length; task++) send(job, task, body);
}

function onMessage(job: JobManager, message: ToJobManager): void {
  job.heard[message.task] = job.out.clock;
  switch (message.type) {
    case 'RegisterTask':
      return onRegistered(job, message.task, message.life);
    case 'TaskHeartbeat':
      return;
    case 'TaskRunning':
      if (job.phase.is !== 'INITIALIZING' || message.attempt !== job.attempt) return;
      job.phase.running.add(message.task);
      if (job.phase.running.size === job.tasks.length) run(job);
      return;
    case 'TaskFailed':
      if (message.attempt === job.attempt) fail(job, message.why);
      return;
    case 'AcknowledgeCheckpoint':
      return onAcknowledged(job, message);
  }
}

function onRegistered(job: JobManager, task: number, life: number): void {
  const known = job.lives[task];
  job.lives[task] = life;
  job.registered.add(task);
  // Another process of the task has nothing of what the last one had.
  if (known !== life && (job.phase.is === 'RUNNING' || job.phase.is === 'INITIALIZING')) {
    return fail(job, `task ${task + 1} began anew`);
  }
  if (job.phase.is === 'CREATED') maybeDeploy(job);
}

function maybeDeploy(job: JobManager): void {
  if (job.registered.size < job.tasks.length) return;
  job.attempt++;
  const { attempt, completed: checkpoint } = job;
  const from = checkpoint === undefined ? 'the beginning' : `checkpoint ${checkpoint.id}`;
  become(job, { is: 'INITIALIZING', running: new Set() }, from);
  sendAll(job, { type: 'DeployTask', attempt, checkpoint });
}

function run(job: JobManager): void {
  become(job, { is: 'RUNNING' }, 'all tasks run');
  job.out.timer(job.plan.checkpoints.every, Timer.checkpoint, job.attempt);
}

// --- Failures ---

function onTaskLost(job: JobManager, task: number, why: string): void {
  job.registered.delete(task);
  if (job.phase.is === 'RUNNING' || job.phase.is === 'INITIALIZING') {
    fail(job, `task ${task + 1}: ${why}`);
  }
}

/** One task fails: all are cancelled, and the job starts again from the last checkpoint. */
function fail(job: JobManager, why: string): void {
  if (job.phase.is !== 'RUNNING' && job.phase.is !== 'INITIALIZING') return;
  dropPending(job);
  if (++job.restarts > RESTARTS) {
    become(job, { is: 'FAILED' }, why);
    sendAll(job, { type: 'CancelTask' });
    return;
  }
  become(job, { is: 'RESTARTING' }, why);
  job.out.count(job.out.names.id('job.restarts'));
  sendAll(job, { type: 'CancelTask' });
  job.out.timer(job.plan.checkpoints.restartDelay, Timer.restart);
}

function onTimer(job: JobManager, code: number, data: unknown): void {
  switch (code) {
    case Timer.checkpoint:
      if (data === job.attempt && job.phase.is === 'RUNNING') trigger(job);
      return;
    case Timer.timeout:
      if (data !== job.pending) return;
      job.out.became(`checkpoint ${job.pending?.id}`, 'pending', 'expired', 'timeout');
      return dropPending(job);
    case Timer.restart:
      if (job.phase.is !== 'RESTARTING') return;
      become(job, { is: 'CREATED' }, 'restart delay is over');
      return maybeDeploy(job);
    default:
      for (let task = 0; task < job.tasks.length; task++) {
        const silent = job.out.clock - (job.heard[task] ?? 0) >= SILENT;
        if (silent && job.registered.has(task)) onTaskLost(job, task, 'heartbeat.timeout');
      }
      job.out.timer(SILENT / 5, Timer.silence);
  }
}

// --- Checkpoints ---

function trigger(job: JobManager): void {
  const { out, plan, attempt } = job;
  out.timer(plan.checkpoints.every, Timer.checkpoint, attempt);
  // One at a time: the next one waits for this one to complete or to expire.
  if (job.pending !== undefined) return;
  job.lastId++;
  write(job, 'last checkpoint', job.lastId);
  const states = job.tasks.map(() => undefined);
  const pending: Pending = { id: job.lastId, states, timer: NO_HANDLE };
  pending.timer = out.timer(plan.checkpoints.timeout, Timer.timeout, pending);
  job.pending = pending;
  sendAll(job, { type: 'TriggerCheckpoint', attempt, checkpoint: pending.id });
}

function dropPending(job: JobManager): void {
  if (job.pending === undefined) return;
  job.out.cancel(job.pending.timer);
  job.pending = undefined;
}

function onAcknowledged(job: JobManager, message: AcknowledgeCheckpoint): void {
  const { pending } = job;
  if (message.attempt !== job.attempt || pending?.id !== message.checkpoint) {
    return job.out.ignored(message.type, 'the checkpoint is not pending');
  }
  pending.states[message.task] = message.state;
  const tasks = pending.states.filter((state) => state !== undefined);
  if (tasks.length < job.tasks.length) return;
  dropPending(job);
  job.completed = { id: pending.id, tasks };
  job.restarts = 0;
  write(job, 'checkpoint', job.completed);
  job.out.became(`checkpoint ${pending.id} of ${job.name}`, 'pending', 'complete', 'all tasks');
  const { attempt } = job;
  sendAll(job, { type: 'NotifyCheckpointComplete', attempt, checkpoint: pending.id });
  settle(job, job.completed);
}

/** Offsets in the checkpoint decide what is read again: nothing below them is. */
function settle(job: JobManager, { tasks }: Checkpoint): void {
  for (const { source } of tasks) {
    for (const [partition, offset] of source) {
      const { stream } = job.layout.partitions[partition];
      job.out.fact(Fact.settledTo, job.plan.consumer.subscription, stream, offset);
    }
  }
}

function write(job: JobManager, name: string, value: unknown): void {
  job.out.disk.write(name, value);
  job.out.disk.harden(name, Infinity);
}
