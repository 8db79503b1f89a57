import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { Task as KernelTask } from '../../../sim/kernel/program.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import { Application } from '../../parts/application.ts';
import { Calls, type Reply } from '../../parts/calls.ts';
import { readConsumer, readProducer } from '../config/settings.ts';
import { HandOuts } from '../consumer/hand-outs.ts';
import type { Layout } from '../layout.ts';
import { nextLife } from '../../parts/lives.ts';
import type { Correlated } from '../protocol.ts';
import { Attempt, type Process } from './attempt.ts';
import type { JobPlan } from './plan.ts';
import type { ToTask } from './protocol.ts';

const Timer = { register: 0, heartbeat: 1, program: 2, calls: 3 } as const;
const REGISTER_AGAIN: Micros = seconds(1);
/** `heartbeat.interval`. */
const HEARTBEAT: Micros = seconds(10);

/** A task of a job: registers with the job manager, and runs what it is told to. */
export class Task {
  readonly #out: Out;
  readonly #layout: Layout;
  readonly #jobManager: NodeId;
  readonly #calls: Calls;
  readonly #process: Process;
  readonly #life: number;
  #attempt: Attempt | undefined;
  #deployed = false;
  #producers = 0;
  #nr: number;

  constructor(
    layout: Layout,
    plan: JobPlan,
    task: number,
    nodes: {
      readonly jobManager: NodeId;
      readonly peers: readonly NodeId[];
      readonly sink: NodeId;
    },
    out: Out,
  ) {
    this.#out = out;
    this.#layout = layout;
    this.#jobManager = nodes.jobManager;
    this.#life = nextLife(out);
    this.#nr = this.#life * 1_000_000;
    this.#calls = new Calls(out, Timer.calls, plan.consumer.handling.timeout);
    const { handling, subscription, config } = plan.consumer;
    this.#process = {
      out,
      layout,
      plan,
      task,
      peers: nodes.peers,
      sourceConfig: readConsumer(config),
      sinkConfig: readProducer(plan.output.config, layout.rules),
      application: new Application(handling, subscription, nodes.sink, this.#calls, out),
      handOuts: HandOuts.of(out),
      nextProducer: () => this.#life * 100_000 + ++this.#producers,
      tell: (attempt, body) => this.#tell(attempt, body),
    };
    this.#register();
    out.timer(HEARTBEAT, Timer.heartbeat);
  }

  /** To the job manager about an attempt; with -1 - n as the attempt to task n. */
  #tell(attempt: number, body: object): void {
    const { task, plan, peers } = this.#process;
    const about = this.#out.names.id(plan.consumer.name);
    const to = attempt < 0 ? peers[-1 - attempt] : this.#jobManager;
    const message = attempt < 0 ? body : { ...body, task, attempt };
    this.#out.send(to, message as Message, about, ++this.#nr);
  }

  /** Until it is deployed: the job manager may be down. */
  #register(): void {
    if (this.#deployed) return;
    this.#tell(0, { type: 'RegisterTask', life: this.#life });
    this.#out.timer(REGISTER_AGAIN, Timer.register);
  }

  onMessage(from: NodeId, message: Message): void {
    if (this.#layout.brokers.includes(from)) {
      return this.#attempt?.onMessage(from, message as Correlated);
    }
    if (from !== this.#jobManager && !this.#process.peers.includes(from)) {
      return this.#calls.onReply(message as Reply);
    }
    this.#onJob(message as ToTask);
  }

  #onJob(message: ToTask): void {
    const attempt = this.#attempt;
    switch (message.type) {
      case 'DeployTask': {
        attempt?.cancel();
        this.#deployed = true;
        const { attempt: number, checkpoint } = message;
        this.#attempt = new Attempt(this.#process, number, checkpoint, Timer.program);
        return;
      }
      case 'CancelTask':
        attempt?.cancel();
        this.#attempt = undefined;
        return;
      case 'TriggerCheckpoint':
        if (message.attempt === attempt?.number) attempt.trigger(message.checkpoint);
        return;
      case 'NotifyCheckpointComplete':
        if (message.attempt === attempt?.number) attempt.onComplete(message.checkpoint);
        return;
      case 'StreamElements':
        if (message.attempt === attempt?.number) attempt.onElements(message);
    }
  }

  onTimer(code: number, data: unknown): void {
    switch (code) {
      case Timer.register:
        return this.#register();
      case Timer.heartbeat:
        if (this.#deployed) this.#tell(0, { type: 'TaskHeartbeat' });
        this.#out.timer(HEARTBEAT, Timer.heartbeat);
        return;
      case Timer.program:
        KernelTask.onTimer(data);
        return this.#attempt?.afterTimer();
      case Timer.calls:
        this.#calls.onTimeout(data as number);
        return this.#attempt?.afterTimer();
      default:
        return this.#attempt?.onTimer(code, data);
    }
  }

  onDisconnect(peer: NodeId): void {
    // The job manager is gone: what it knew of this task is gone with it.
    if (peer === this.#jobManager) {
      this.#attempt?.cancel();
      this.#attempt = undefined;
      this.#deployed = false;
      this.#register();
    } else if (this.#layout.brokers.includes(peer)) this.#attempt?.onDisconnect(peer);
  }
}

export function taskRole(
  layout: Layout,
  plan: JobPlan,
  task: number,
  nodes: { readonly jobManager: NodeId; readonly peers: readonly NodeId[]; readonly sink: NodeId },
): Role<Task, Message> {
  return {
    start: (out) => new Task(layout, plan, task, nodes, out),
    onMessage: (state, from, message) => state.onMessage(from, message),
    onTimer: (state, code, data) => state.onTimer(code, data),
    onDisconnect: (state, peer) => state.onDisconnect(peer),
  };
}
