import { Fact } from '../../../sim/kernel/entry.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { MessageId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { PARK, Task, type Program } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { type Outgoing, Workload, type WorkloadPlan } from '../../parts/workload.ts';
import type {
  Arguments,
  BasicPublish,
  BrokerFrame,
  ChannelClose,
  ConfirmSelect,
  Plain,
} from '../protocol.ts';
import { ClientConnection, type ClientPlan, type Listener } from './connection.ts';

/** One `producers:` entry. */
export interface PublisherPlan {
  readonly name: NameId;
  readonly workload: WorkloadPlan;
  readonly client: ClientPlan;
  readonly exchange: string;
  /** Routing key for a message with this key. */
  readonly routingKey: (key: number) => string;
  readonly persistent: boolean;
  readonly mandatory: boolean;
  readonly expiration: Micros;
  readonly priority: number;
  readonly headers: Arguments;
  readonly confirms: boolean;
  readonly maxOutstanding: number;
  /** 0: never. */
  readonly confirmTimeout: Micros;
  /** Publishes of one message in all. */
  readonly attempts: number;
  readonly republishDelay: Micros;
}

/** What the application keeps on its disk: how far it is, and what it has not heard of yet. */
interface Ledger {
  sent: number;
  finished: boolean;
  readonly open: Set<MessageId>;
}

/** A message on its way, with how often it was published. */
interface Publish {
  readonly outgoing: Outgoing;
  attempt: number;
  since: Micros;
  /** It came back: nothing is routed there. */
  returned: boolean;
}

const Timer = { task: 0, connection: 1, confirm: 2, again: 3 } as const;

/** A publishing application: one connection, one channel at a time. */
class Publisher implements Listener {
  readonly connection: ClientConnection;
  readonly main: Task;
  readonly #plan: PublisherPlan;
  readonly #out: Out;
  readonly #workload: Workload;
  readonly #ledger: Ledger;
  /** Number of the channel that is, or was last. */
  #channel = 0;
  #isReady = false;
  #isBlocked = false;
  #tag = 0;
  /** By delivery tag: published on this channel, and not confirmed. */
  readonly #outstanding = new Map<number, Publish>();
  /** To be published again before anything new. */
  #again: Publish[] = [];
  #resting = 0;
  #confirmTimer: Handle = NO_HANDLE;

  constructor(plan: PublisherPlan, out: Out) {
    this.#plan = plan;
    this.#out = out;
    this.#ledger = recall(out);
    this.#workload = new Workload(plan.workload, out, this.#ledger.sent);
    this.main = new Task(out, Timer.task);
    this.connection = new ClientConnection(plan.client, out, this, Timer.connection);
    this.connection.open();
    this.main.start(this.#produce());
  }

  // --- The application ---

  *#produce(): Program {
    const workload = this.#workload;
    while (!workload.done) {
      yield workload.wait();
      while (!this.#mayPublish) yield PARK;
      const { producer, producers } = workload.plan;
      const { open } = this.#ledger;
      open.add(workload.sent * producers + producer);
      this.#ledger.sent = workload.sent + 1;
      const outgoing = workload.next();
      this.#publish({ outgoing, attempt: 1, since: 0, returned: false });
    }
    // Closing the channel is the one answer that a publisher without confirms gets.
    if (!this.#plan.confirms && this.#isReady) this.#close('done');
    else this.#finish();
  }

  get #mayPublish(): boolean {
    const waiting = this.#outstanding.size + this.#again.length + this.#resting;
    return this.#isReady && !this.#isBlocked && waiting < this.#plan.maxOutstanding;
  }

  #finish(): void {
    if (this.#ledger.finished || !this.#workload.done) return;
    this.#ledger.finished = true;
    this.#out.fact(Fact.finished, this.#plan.workload.producer);
  }

  /** Something changed: publishes what waits, then lets the application go on. */
  #go(): void {
    while (this.#isReady && !this.#isBlocked && this.#again.length > 0) {
      this.#publish(this.#again.shift() as Publish);
    }
    if (this.main.parked && this.#mayPublish) this.main.resume(undefined);
  }

  #publish(publish: Publish): void {
    const plan = this.#plan;
    const { message, sequence, key, bytes, poison } = publish.outgoing;
    const { attempt } = publish;
    const { persistent, expiration, priority, headers, exchange, mandatory } = plan;
    const routingKey = plan.routingKey(key);
    const content = {
      message,
      sequence,
      key,
      poison,
      bytes,
      attempt,
      exchange,
      routingKey,
      persistent,
      expiration,
      priority,
      headers,
      deaths: NONE,
    };
    const carries = [message];
    const body = { type: 'basic.publish', channel: this.#channel, content, mandatory } as const;
    const sized = { ...body, bytes, carries };
    publish.since = this.#out.now;
    publish.returned = false;
    if (plan.confirms) {
      this.#outstanding.set(++this.#tag, publish);
      this.#armConfirm();
    }
    this.connection.send<BasicPublish>(sized, plan.name, sequence, attempt);
    // Nobody answers a publish without confirms: it counts as done once it is sent.
    if (!plan.confirms) this.#conclude(publish, Fact.ok, '');
  }

  #conclude({ outgoing, attempt }: Publish, fact: number, reason: string): void {
    const { message } = outgoing;
    this.#ledger.open.delete(message);
    if (fact === Fact.ok) this.#out.fact(fact, message, attempt);
    else this.#out.fact(fact, message, this.#out.names.id(reason));
  }

  // --- Confirms ---

  onFrame(frame: BrokerFrame): void {
    switch (frame.type) {
      case 'connection.blocked':
        this.#isBlocked = true;
        return;
      case 'connection.unblocked':
        this.#isBlocked = false;
        return this.#go();
      default:
        if (frame.channel === this.#channel) this.#onChannelFrame(frame);
    }
  }

  #onChannelFrame(frame: BrokerFrame): void {
    switch (frame.type) {
      case 'channel.open-ok':
        if (!this.#plan.confirms) this.#ready();
        return;
      case 'confirm.select-ok':
        return this.#ready();
      case 'basic.return':
        return this.#returned(frame.content.message);
      case 'basic.ack':
      case 'basic.nack':
        this.#confirmed(frame.tag, frame.multiple, frame.type === 'basic.ack');
        return this.#go();
      case 'channel.close-ok':
        return this.#finish();
      case 'channel.close':
        return this.#reopen(frame.says);
      default: // Another "-ok": nobody waits for it.
    }
  }

  #ready(): void {
    this.#isReady = true;
    this.#go();
  }

  #returned(message: MessageId): void {
    for (const publish of this.#outstanding.values()) {
      if (publish.outgoing.message === message) publish.returned = true;
    }
  }

  #confirmed(tag: number, multiple: boolean, acked: boolean): void {
    if (!multiple) return this.#answered(tag, acked);
    for (const other of this.#outstanding.keys()) {
      if (other > tag) return;
      this.#answered(other, acked);
    }
  }

  #answered(tag: number, acked: boolean): void {
    const publish = this.#outstanding.get(tag);
    if (publish === undefined) return;
    this.#outstanding.delete(tag);
    if (acked) {
      if (publish.returned) return this.#conclude(publish, Fact.failed, '312 NO_ROUTE');
      return this.#conclude(publish, Fact.ok, '');
    }
    if (!this.#mayRepeat(publish, 'basic.nack')) return;
    this.#resting++;
    this.#out.timer(this.#plan.republishDelay, Timer.again, publish);
  }

  /** Is it tried again? If not, the application is left with not knowing. */
  #mayRepeat(publish: Publish, why: string): boolean {
    const { outgoing, attempt } = publish;
    if (attempt >= this.#plan.attempts) {
      this.#conclude(publish, Fact.unknown, why);
      return false;
    }
    publish.attempt++;
    const reason = this.#out.names.id(why);
    this.#out.fact(Fact.retried, outgoing.message, publish.attempt, reason);
    return true;
  }

  #armConfirm(): void {
    const { confirmTimeout } = this.#plan;
    if (confirmTimeout === 0 || this.#confirmTimer !== NO_HANDLE) return;
    this.#confirmTimer = this.#out.timer(confirmTimeout, Timer.confirm);
  }

  /** `waitForConfirmsOrDie`: a confirm that takes too long costs the channel. */
  #onConfirmTimer(): void {
    this.#confirmTimer = NO_HANDLE;
    const oldest = this.#outstanding.values().next().value;
    if (oldest === undefined) return;
    const { now } = this.#out;
    const due = oldest.since + this.#plan.confirmTimeout;
    if (due > now) {
      this.#confirmTimer = this.#out.timer(due - now, Timer.confirm);
      return;
    }
    if (this.connection.isOpen) this.#close('confirm timeout');
    this.#reopen('no confirm in time');
  }

  // --- Channel and connection ---

  #close(says: string): void {
    const body = { type: 'channel.close', channel: this.#channel, code: 200 } as const;
    this.connection.control<ChannelClose>({ ...body, says });
  }

  onOpen(): void {
    this.#isBlocked = false;
    this.#openChannel();
  }

  #openChannel(): void {
    const channel = ++this.#channel;
    this.#tag = 0;
    this.connection.control<Plain>({ type: 'channel.open', channel });
    if (this.#plan.confirms) {
      this.connection.control<ConfirmSelect>({ type: 'confirm.select', channel });
    }
  }

  #reopen(why: string): void {
    this.#unconfirmed(why);
    if (this.connection.isOpen) this.#openChannel();
  }

  onClosed(why: string): void {
    this.#unconfirmed(why);
    this.#finish();
  }

  /** A new channel is a new publisher: nothing of the old one will be confirmed. */
  #unconfirmed(why: string): void {
    this.#isReady = false;
    this.#out.cancel(this.#confirmTimer);
    this.#confirmTimer = NO_HANDLE;
    const open = [...this.#outstanding.values()];
    this.#outstanding.clear();
    this.#again.unshift(...open.filter((publish) => this.#mayRepeat(publish, why)));
  }

  onTimer(code: number, data: unknown): void {
    if (code === Timer.task) Task.onTimer(data);
    else if (code === Timer.connection) this.connection.onTimer();
    else if (code === Timer.confirm) this.#onConfirmTimer();
    else {
      this.#resting--;
      this.#again.push(data as Publish);
      this.#go();
    }
  }
}

const NONE: readonly never[] = [];

export function publisher(plan: PublisherPlan): Role<Publisher, BrokerFrame> {
  return {
    start: (out) => new Publisher(plan, out),
    onMessage: (state, from, frame) => state.connection.onMessage(from, frame),
    onTimer: (state, code, data) => state.onTimer(code, data),
    onDisconnect: (state, peer) => state.connection.onDisconnect(peer),
  };
}

/** A restarted process goes on after the last message; of the open ones it knows nothing. */
function recall(out: Out): Ledger {
  const ledger = out.disk.read<Ledger>('ledger') ?? { sent: 0, finished: false, open: new Set() };
  out.disk.write('ledger', ledger);
  out.disk.harden('ledger', Infinity);
  const reason = out.names.id('the producer crashed');
  for (const message of ledger.open) {
    ledger.open.delete(message);
    out.fact(Fact.unknown, message, reason);
  }
  return ledger;
}
