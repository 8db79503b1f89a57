import { Fact } from '../../../sim/kernel/entry.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { MessageId } from '../../../sim/kernel/node.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { stateArrival } from '../arrival.ts';
import type { QueuePlan } from '../layout.ts';
import type { Reason } from '../protocol.ts';
import type { BrokerIndex, QueueHost } from '../queue.ts';
import { CORRS, type Command, type FifoRules } from './commands.ts';
import { fifoConfig } from './config.ts';
import type { FifoConsumer } from './consumers.ts';
import { DeadLetterWorker } from './dead-letter-worker.ts';
import type { Effects } from './effects.ts';
import { ElectionTimer, TICK } from './election-timer.ts';
import { Fifo } from './fifo.ts';
import type { Held } from './messages.ts';
import type { FifoDelivery, Logged, Origin, QueueStatus, RaEvent } from './protocol.ts';
import { Raft } from './raft.ts';
import type { RaftHost, Standing } from './raft-host.ts';
import { RaftLog, type Entry } from './raft-log.ts';
import type { RaftMessage } from './raft-protocol.ts';

/** Where a member keeps its part of the group. */
export function fileOf({ name }: QueuePlan): string {
  return `quorum ${name}`;
}

/** Deliveries of one copy within one term, at most: keeps names apart. */
const COUNTS = 1_000_000;
/** A snapshot is taken when the log has so many entries, and more than what the queue holds. */
const SNAPSHOT_ENTRIES = 4096;

export const MemberTimer = {
  synced: 0,
  election: 1,
  tick: 2,
  expiry: 3,
  worker: 4,
  away: 5,
} as const;

/** What a member says to channels; those of its own node hear it without a message. */
export interface Channels {
  toNode(
    node: BrokerIndex,
    message: RaEvent | FifoDelivery | QueueStatus,
    nr: number,
    attempt: number,
  ): void;
  /** This member leads now. */
  leads(): void;
}

/**
 * One member of a quorum queue: its part of the Raft group, the state machine, and, while it leads,
 * what the leader does: answers, deliveries, dead letters, watching nodes.
 */
export class Member implements RaftHost<Logged, Fifo>, Effects {
  readonly raft: Raft<Logged, Fifo>;
  fifo: Fifo;
  readonly queue: number;
  readonly self: BrokerIndex;
  readonly members: readonly BrokerIndex[];
  readonly #host: QueueHost;
  readonly #rules: FifoRules;
  readonly #channels: Channels;
  readonly #elections: ElectionTimer;
  #worker: DeadLetterWorker | undefined;
  #expiryTimer: Handle = NO_HANDLE;
  // Of the entry that is being applied.
  #leads = false;
  #entry: Entry<Logged> | undefined;
  #told = 0;
  #deliveries: { consumer: FifoConsumer; id: number; held: Held }[] = [];

  constructor(
    host: QueueHost,
    queue: number,
    members: readonly BrokerIndex[],
    rules: FifoRules,
    channels: Channels,
  ) {
    this.#host = host;
    this.queue = queue;
    this.self = host.node;
    this.members = members;
    this.#rules = rules;
    this.#channels = channels;
    this.#elections = new ElectionTimer(host, queue, MemberTimer.election);
    const plan = host.plan(queue);
    this.fifo = new Fifo(rules, fifoConfig(plan.limits, host.layout.rules.version), this);
    this.raft = new Raft(this, new RaftLog(host.out.disk, fileOf(plan)), host.boot);
    host.layout.audit.raft.joins(queue, this.self, host.out.disk);
    this.raft.recover();
    this.#elections.start(members);
  }

  // --- What Raft needs ---

  get clock(): Micros {
    return this.#host.out.clock;
  }

  get now(): Micros {
    return this.#host.out.now;
  }

  send(to: BrokerIndex, message: RaftMessage<Logged, Fifo>, nr: number, attempt: number): void {
    this.#host.send(to, message, nr, attempt);
  }

  sync(): void {
    this.#host.sync(this.queue, this.raft.log.file, MemberTimer.synced);
  }

  awaitLeader(soon: boolean): void {
    this.#elections.heard(soon);
  }

  became(from: Standing, to: Standing, why: string): void {
    const { name } = this.#host.layout.queues[this.queue];
    this.#host.out.became(`quorum queue ${name}`, from, to, why);
    if (from === 'leader') this.#stopLeading();
  }

  elected(term: number, voters: readonly BrokerIndex[]): void {
    const { audit } = this.#host.layout;
    audit.raft.leads(this.queue, this.self, term, this.raft.log, voters, this.now);
    this.order({ is: 'noop' });
    const plan = this.#host.plan(this.queue);
    this.order({
      is: 'update_config',
      config: fifoConfig(plan.limits, this.#host.layout.rules.version),
    });
    if (plan.limits.args.get('x-dead-letter-strategy') === 'at-least-once') {
      this.#worker = this.#newWorker();
      this.order({ is: 'dlx_checkout' });
    }
    this.expiresAt(this.fifo.alarm);
    this.#host.timer(this.queue, TICK, MemberTimer.tick);
    this.#channels.leads();
    for (const node of new Set(this.fifo.channels().values())) {
      if (node !== this.self && !this.#host.isUp(node)) this.nodeDown(node);
    }
  }

  #newWorker(): DeadLetterWorker {
    // Below all ids of channels, and of no worker before it.
    const id = -2 - ((this.raft.term * 16 + this.self) * CORRS + this.queue);
    const code = MemberTimer.worker;
    return new DeadLetterWorker(this.#host, this.queue, id, code, (task, held, reason) => {
      this.#stateDeadLettered(held, reason);
      this.order({ is: 'dlx_settle', ids: [task] });
    });
  }

  #stopLeading(): void {
    this.#worker = undefined;
    this.#host.out.cancel(this.#expiryTimer);
    this.#expiryTimer = NO_HANDLE;
    this.#elections.stoodDown();
  }

  follows(entry: Entry<Logged>): void {
    const { audit } = this.#host.layout;
    audit.raft.follows(this.queue, this.self, entry, this.raft.log, this.now);
  }

  capture(): Fifo {
    return this.fifo.copy(this);
  }

  restore(state: Fifo): void {
    this.fifo = state.copy(this);
  }

  // --- Commands ---

  /** A command of the leader's own. */
  order(command: Command): void {
    if (this.raft.isLeader) this.raft.command({ command, origin: undefined });
  }

  command(command: Command, origin: Origin): void {
    this.raft.command({ command, origin });
  }

  apply(entry: Entry<Logged>, leads: boolean): void {
    const { command, origin } = entry.command;
    this.#entry = entry;
    this.#leads = leads;
    this.#told = 0;
    const answer = this.fifo.apply(command, entry.time);
    const deliveries = this.#deliveries;
    this.#deliveries = [];
    if (leads && origin !== undefined) {
      const { node, channel, corr, attempt } = origin;
      const { index } = entry;
      if (command.is === 'enqueue' && answer.is === 'ok') {
        this.#host.layout.audit.raft.confirms(this.queue, index, entry.term);
      }
      const event: RaEvent = { type: 'ra_event', queue: this.queue, channel, corr, answer };
      this.#channels.toNode(node, event, channel * CORRS + corr, attempt);
    }
    for (const { consumer, id, held } of deliveries) this.sendDelivery(consumer, id, held);
    this.#entry = undefined;
    const { log } = this.raft;
    const since = entry.index - log.firstIndex;
    if (since >= SNAPSHOT_ENTRIES && since >= 2 * this.fifo.ready) this.raft.compact();
  }

  sendDelivery({ key, node }: FifoConsumer, id: number, held: Held): void {
    const { content } = held;
    const carries = [content.message];
    const attempt = this.raft.term * COUNTS + held.acquired + 1;
    const message = { type: 'delivery', queue: this.queue, key, id, held, carries } as const;
    this.#channels.toNode(node, message, held.position, attempt);
  }

  /** Hands a channel again what it should have: it may have missed some. */
  showTo(channel: number): void {
    if (!this.raft.isLeader) return;
    this.fifo.forEachChecked(channel, (consumer, id, held) => {
      this.sendDelivery(consumer, id, held);
    });
  }

  onTimer(code: number, data: unknown): void {
    switch (code) {
      case MemberTimer.synced:
        return this.raft.onSynced();
      case MemberTimer.election:
        return this.#elections.onTimer(this.raft);
      case MemberTimer.tick:
        if (!this.raft.isLeader) return;
        this.raft.tick();
        this.#host.timer(this.queue, TICK, MemberTimer.tick);
        return;
      case MemberTimer.expiry:
        this.#expiryTimer = NO_HANDLE;
        return this.order({ is: 'expire_msgs' });
      case MemberTimer.worker: {
        const { worker, seq } = data as { worker: DeadLetterWorker; seq: number };
        if (worker === this.#worker) worker.onTimer(seq);
        return;
      }
      default:
        if (!this.#host.isUp(data as number)) {
          this.order({ is: 'disconnected_timeout', node: data as number });
        }
    }
  }

  nodeDown(node: BrokerIndex): void {
    if (node === this.raft.leader) this.raft.leaderLost();
    if (!this.raft.isLeader) return;
    this.order({ is: 'noconnection', node });
    const { disconnectedTimeout } = this.#rules;
    if (disconnectedTimeout < 0) return;
    this.#host.timer(this.queue, disconnectedTimeout, MemberTimer.away, node);
  }

  nodeUp(node: BrokerIndex): void {
    this.order({ is: 'nodeup', node });
  }

  // --- Effects: facts, stated by whoever applies an entry first ---

  /** Is the next fact of this entry new? An observer remembers what was said of it. */
  #isNews(): boolean {
    const entry = this.#entry;
    if (entry === undefined || ++this.#told <= entry.told) return false;
    entry.told = this.#told;
    return true;
  }

  stored({ content, position }: Held): void {
    if (!this.#isNews()) return;
    stateArrival(this.#host, this.#host.plan(this.queue), content, position);
  }

  returned({ content }: Held, why: string): void {
    this.#stateForAll(Fact.returned, content.message, why);
  }

  settled({ content }: Held): void {
    if (!this.#isNews()) return;
    const { out, layout } = this.#host;
    for (const subscription of layout.queues[this.queue].subscriptions) {
      out.fact(Fact.settled, content.message, subscription);
    }
  }

  dropped({ content }: Held, why: string): void {
    if (!this.#isNews()) return;
    const { out, layout } = this.#host;
    out.fact(Fact.dropped, content.message, layout.queues[this.queue].stream, out.names.id(why));
  }

  #stateForAll(fact: number, message: MessageId, why: string): void {
    if (!this.#isNews()) return;
    const { out, layout } = this.#host;
    for (const subscription of layout.queues[this.queue].subscriptions) {
      out.fact(fact, message, subscription, out.names.id(why));
    }
  }

  #stateDeadLettered({ content }: Held, reason: Reason): void {
    const { out, layout } = this.#host;
    for (const subscription of layout.queues[this.queue].subscriptions) {
      out.fact(Fact.deadLettered, content.message, subscription, out.names.id(reason));
    }
  }

  // --- Effects that are the leader's ---

  deliver(consumer: FifoConsumer, id: number, held: Held): void {
    if (this.#leads) this.#deliveries.push({ consumer, id, held });
  }

  deadLetter(held: Held, reason: Reason): void {
    if (this.#leads) this.#host.deadLetter(this.#host.plan(this.queue), held.content, reason);
  }

  toDeadLetterWorker(id: number, held: Held, reason: Reason): void {
    if (this.#leads) this.#worker?.take(id, held, reason);
  }

  queueStatus(channel: number, node: BrokerIndex, refuses: boolean): void {
    if (!this.#leads) return;
    const message = { type: 'queue_status', queue: this.queue, channel, refuses } as const;
    this.#channels.toNode(node, message, channel, this.#entry?.index ?? 0);
  }

  expiresAt(time: Micros): void {
    if (!this.raft.isLeader) return;
    this.#host.out.cancel(this.#expiryTimer);
    this.#expiryTimer = NO_HANDLE;
    if (time < 0) return;
    const span = Math.max(0, time - this.clock);
    this.#expiryTimer = this.#host.timer(this.queue, span, MemberTimer.expiry);
  }
}
