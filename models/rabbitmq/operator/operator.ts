import type { Message, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { PARK, Task, type Program } from '../../../sim/kernel/program.ts';
import { seconds } from '../../../sim/kernel/time.ts';
import type { ActionPlan } from '../../parts/system.ts';
import { ClientConnection, type Listener } from '../client/connection.ts';
import type { Layout } from '../layout.ts';
import type {
  BasicAck,
  BasicConsume,
  BasicDeliver,
  BasicPublish,
  BasicQos,
  BrokerFrame,
  ChannelClose,
  ClientFrame,
  ConfirmSelect,
  Plain,
  QueueBind,
  QueueDeclare,
  QueuePurge,
} from '../protocol.ts';
import { NO_ARGUMENTS } from '../protocol.ts';
import { setPolicy } from './policy.ts';

/** What became of each action: '' once it is done. */
export type Outcomes = string[];

const Timer = { task: 0, act: 1, connection: 2 } as const;

/** Deliveries that a shovel has in hand: its default prefetch. */
const SHOVEL_PREFETCH = 1000;

/** The operator's own connection. Actions that are due while another one runs wait for it. */
class Operator implements Listener {
  readonly connection: ClientConnection;
  readonly task: Task;
  readonly #out: Out;
  readonly #layout: Layout;
  readonly #actions: readonly ActionPlan[];
  readonly #outcomes: Outcomes;
  readonly #due: number[] = [];
  #channel = 0;
  /** What the running action waits for. */
  #wants: ((frame: BrokerFrame) => boolean) | undefined;

  constructor(layout: Layout, actions: readonly ActionPlan[], outcomes: Outcomes, out: Out) {
    this.#out = out;
    this.#layout = layout;
    this.#actions = actions;
    this.#outcomes = outcomes;
    const client = {
      heartbeat: seconds(60),
      automaticRecovery: true,
      recoveryInterval: seconds(5),
      endpoints: layout.brokers,
    };
    this.connection = new ClientConnection(client, out, this, Timer.connection);
    this.task = new Task(out, Timer.task);
    actions.forEach(({ at }, index) => {
      if (at >= out.now) out.timer(at - out.now, Timer.act, index);
    });
  }

  onTimer(code: number, data: unknown): void {
    if (code === Timer.task) return Task.onTimer(data);
    if (code === Timer.connection) return this.connection.onTimer();
    this.#due.push(data as number);
    if (!this.task.running) this.task.start(this.#work());
  }

  *#work(): Program {
    for (let index = this.#due.shift(); index !== undefined; index = this.#due.shift()) {
      const error = yield* this.#act(this.#actions[index]);
      this.#outcomes[index] = error;
      if (error !== '') this.#out.ignored(this.#actions[index].kind, error);
    }
  }

  // --- The connection ---

  onOpen(): void {
    this.#wake();
  }

  onFrame(frame: BrokerFrame): void {
    if (frame.channel !== this.#channel || this.#wants === undefined) return;
    if (frame.type !== 'channel.close' && !this.#wants(frame)) return;
    this.#wants = undefined;
    this.task.resume(frame);
  }

  onClosed(): void {
    this.#wake();
  }

  #wake(): void {
    if (!this.task.parked) return;
    this.#wants = undefined;
    this.task.resume(undefined);
  }

  #send<F extends ClientFrame>(body: Omit<F, 'frame' | 'connection' | 'channel'>): void {
    const framed = { ...body, channel: this.#channel } as unknown as F;
    this.connection.control<F>(framed);
  }

  /** Parks until such a frame comes; undefined: the connection broke instead. */
  *#await(wants: (frame: BrokerFrame) => boolean): Program<BrokerFrame | undefined> {
    this.#wants = wants;
    return (yield PARK) as BrokerFrame | undefined;
  }

  /** A channel of its own for each action; opens the connection if there is none. */
  *#open(): Program {
    while (!this.connection.isOpen) {
      if (this.connection.number === 0) this.connection.open();
      yield PARK;
    }
    this.#channel++;
    this.#send<Plain>({ type: 'channel.open' });
  }

  // --- Actions ---

  /** '' or why it was refused. An action whose connection breaks is done again. */
  *#act({ kind, values }: ActionPlan): Program<string> {
    if (kind === 'set-policy') return setPolicy(this.#layout, values);
    for (;;) {
      yield* this.#open();
      const queue = values.text('queue');
      if (kind === 'shovel') {
        if (yield* this.#shovel(queue, values.text('to'))) return '';
        continue;
      }
      const type = this.#request(kind, queue, values);
      const answer = yield* this.#await((frame) => frame.type === type);
      if (answer === undefined) continue;
      return answer.type === 'channel.close' ? answer.says : '';
    }
  }

  /** Sends it; returns the type of its answer. */
  #request(kind: string, queue: string, values: ActionPlan['values']): BrokerFrame['type'] {
    switch (kind) {
      case 'purge-queue':
      case 'delete-queue': {
        const type = kind === 'purge-queue' ? 'queue.purge' : 'queue.delete';
        this.#send<QueuePurge>({ type, queue, ifUnused: false, ifEmpty: false });
        return `${type}-ok`;
      }
      case 'declare-queue': {
        const plan = this.#layout.queues[this.#layout.metadata.indexOf(queue) ?? 0];
        const { durable, exclusive, autoDelete, args } = plan;
        const flags = { passive: false, durable, exclusive, autoDelete };
        this.#send<QueueDeclare>({ type: 'queue.declare', queue, ...flags, args });
        return 'queue.declare-ok';
      }
      default: {
        const type = kind === 'bind' ? 'queue.bind' : 'queue.unbind';
        const [exchange, routingKey] = [values.text('exchange'), values.text('routing_key')];
        this.#send<QueueBind>({ type, queue, exchange, routingKey, args: NO_ARGUMENTS });
        return `${type}-ok`;
      }
    }
  }

  /** Consumes as much as there is, publishes it on, and acknowledges what was confirmed. */
  *#shovel(from: string, to: string): Program<boolean> {
    this.#send<ConfirmSelect>({ type: 'confirm.select' });
    this.#send<BasicQos>({ type: 'basic.qos', prefetch: SHOVEL_PREFETCH, global: false });
    this.#send<QueueDeclare>({
      type: 'queue.declare',
      queue: from,
      passive: true,
      durable: true,
      exclusive: false,
      autoDelete: false,
      args: NO_ARGUMENTS,
    });
    const counted = yield* this.#await((frame) => frame.type === 'queue.declare-ok');
    if (counted?.type !== 'queue.declare-ok') return counted !== undefined;
    let left = counted.messages;
    const moving = new Map<number, number>();
    if (left === 0) return true;
    const args = NO_ARGUMENTS;
    const flags = { noAck: false, exclusive: false, args };
    this.#send<BasicConsume>({ type: 'basic.consume', queue: from, consumer: 1, ...flags });
    for (let published = 0; left > 0;) {
      const frame = yield* this.#await(isOfShovel);
      if (frame === undefined) return false;
      if (frame.type === 'basic.deliver') {
        if (moving.size < left) {
          this.#republish(frame, to);
          moving.set(++published, frame.tag);
        }
      } else if (frame.type === 'basic.ack' || frame.type === 'basic.nack') {
        left -= this.#settle(moving, frame.tag, frame.multiple, frame.type === 'basic.ack');
      } else return true;
    }
    this.#send<ChannelClose>({ type: 'channel.close', code: 200, says: 'done' });
    return true;
  }

  #republish({ content }: BasicDeliver, to: string): void {
    const { message } = content;
    const moved = { ...content, exchange: '', routingKey: to, expiration: -1 };
    const body = { type: 'basic.publish', content: moved, mandatory: false } as const;
    this.#send<BasicPublish>({ ...body, carries: [message] });
  }

  /** How many that settles. */
  #settle(moving: Map<number, number>, seq: number, multiple: boolean, acked: boolean): number {
    let count = 0;
    for (const [other, tag] of moving) {
      if (other > seq || (!multiple && other !== seq)) continue;
      moving.delete(other);
      count++;
      if (acked) this.#send<BasicAck>({ type: 'basic.ack', tag, multiple: false });
    }
    return count;
  }
}

function isOfShovel({ type }: BrokerFrame): boolean {
  return type === 'basic.deliver' || type === 'basic.ack' || type === 'basic.nack';
}

export function operator(
  layout: Layout,
  actions: readonly ActionPlan[],
  outcomes: Outcomes,
): Role<Operator, Message> {
  return {
    start: (out) => new Operator(layout, actions, outcomes, out),
    onMessage: (state, from, frame) => state.connection.onMessage(from, frame as BrokerFrame),
    onTimer: (state, code, data) => state.onTimer(code, data),
    onDisconnect: (state, peer) => state.connection.onDisconnect(peer),
  };
}
