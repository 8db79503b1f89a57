import type { MessageId } from '../../../sim/kernel/node.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { QueuePlan } from '../layout.ts';
import type { Content, QueueIndex, QueueMessage } from '../protocol.ts';
import type {
  BrokerIndex,
  ChannelEnd,
  Consumer,
  Publisher,
  QueueDelivery,
  QueueHost,
  QueueProcess,
  Refusal,
  Settlement,
  Unsettled,
} from '../queue.ts';
import { QuorumClient, type Outgoing, type Pending } from './client.ts';
import { channelOf, UNTRACKED } from './commands.ts';
import { fifoConfig, fifoRules, membersOf } from './config.ts';
import { Member, type Channels } from './member.ts';
import { Nobody } from './nobody.ts';
import type {
  FifoDelivery,
  LeaderChange,
  QueueStatus,
  QuorumMessage,
  RaCommand,
  RaEvent,
} from './protocol.ts';
import type { RaftMessage } from './raft-protocol.ts';
import type { Fifo } from './fifo.ts';
import type { Logged } from './protocol.ts';

const Timer = { retry: 14, giveUp: 15 } as const;
/** Commands that found no leader are tried again so often. */
const RETRY: Micros = seconds(1);
/** How long a first publish waits to hear whether the queue takes messages: net tick and 5 s. */
const GIVE_UP_AFTER: Micros = seconds(65);
const CORRS = 2 ** 20;

/**
 * A quorum queue on one node: the way to its leader for the channels of the node, and, where it has
 * one, the member of its group.
 */
export class QuorumQueue implements QueueProcess, Outgoing, Channels {
  readonly index: QueueIndex;
  readonly queue: QueueIndex;
  /** It takes part in routing whatever its state: publishers wait for their confirms. */
  readonly isAvailable = true;
  readonly #host: QueueHost;
  readonly #members: readonly BrokerIndex[];
  readonly member: Member | undefined;
  readonly #clients = new Map<number, QuorumClient>();
  /** Leader as last heard of; -1: unknown. */
  #leader: BrokerIndex;
  #isRetrying = false;
  #retries = 0;
  #denials = 0;
  /** Publishes of nobody who could hear of them, and purges. */
  readonly #own: QuorumClient;

  constructor(host: QueueHost, plan: QueuePlan) {
    this.#host = host;
    this.index = plan.index;
    this.queue = plan.index;
    const { nodes } = host.layout.server;
    this.#members = membersOf(plan.node, nodes, plan.limits);
    this.#leader = -1;
    const rules = fifoRules(host.layout.rules.version);
    this.#own = new QuorumClient(new Nobody(host), host.node, this);
    this.#clients.set(this.#own.id, this.#own);
    this.member = this.#members.includes(host.node)
      ? new Member(host, plan.index, this.#members, rules, this)
      : undefined;
  }

  get ready(): number {
    return this.member?.fifo.ready ?? 0;
  }

  get consumers(): number {
    return this.member?.fifo.consumers ?? 0;
  }

  /** Bodies in the queue; up to the next snapshot the log has them too, and more. */
  get memory(): number {
    return this.member?.fifo.bytes ?? 0;
  }

  get disk(): number {
    return this.memory;
  }

  // --- For channels ---

  publish(content: Content, publisher: Publisher | undefined, seq: number): void {
    if (publisher !== undefined && publisher.id < 0)
      return this.#publishOnce(content, publisher, seq);
    const client = publisher === undefined ? this.#own : this.#client(publisher);
    client.publish(content, seq);
  }

  /** For whoever is no channel: not numbered, so never sent again. */
  #publishOnce(content: Content, publisher: Publisher, seq: number): void {
    this.#own.command({ is: 'enqueue', channel: this.#own.id, seqno: UNTRACKED, content }, () => {
      publisher.confirmed(this.index, seq);
    });
  }

  #client(publisher: Publisher): QuorumClient {
    let client = this.#clients.get(publisher.id);
    if (client === undefined) {
      client = new QuorumClient(publisher, this.#host.node, this);
      this.#clients.set(publisher.id, client);
    }
    return client;
  }

  consume(consumer: Consumer, answer: (refusal: Refusal | undefined) => void): void {
    if (consumer.exclusive) return answer(NO_EXCLUSIVE);
    this.#client(consumer.channel).consume(consumer, () => answer(undefined));
  }

  cancel(consumer: Consumer): void {
    this.#client(consumer.channel).cancel(consumer);
  }

  get(
    channel: ChannelEnd,
    noAck: boolean,
    answer: (got: QueueDelivery | undefined, left: number) => void,
  ): void {
    this.#client(channel).get(noAck, answer);
  }

  settle(channel: ChannelEnd, how: Settlement, deliveries: readonly Unsettled[]): void {
    this.#clients.get(channel.id)?.settle(how, deliveries);
  }

  channelDown(channel: ChannelEnd): void {
    this.#clients.get(channel.id)?.close(channel);
  }

  /** A quorum queue knows no prefetch of a whole channel. */
  hasRoomAgain(): void {}

  purge(answer: (count: number) => void): void {
    this.#own.command({ is: 'purge' }, (said) => answer(said.is === 'purged' ? said.count : 0));
  }

  remove(why: string): void {
    const { out, layout } = this.#host;
    const { stream } = layout.queues[this.index];
    this.visit((message) => out.fact(Fact.dropped, message, stream, out.names.id(why)));
    for (const client of this.#clients.values()) client.deleted(why);
    this.#host.forget(this.index);
  }

  declared(): void {}

  configured(): void {
    const { limits } = this.#host.plan(this.index);
    const config = fifoConfig(limits, this.#host.layout.rules.version);
    this.member?.order({ is: 'update_config', config });
  }

  stop(): void {}

  visit(see: (message: MessageId) => void): void {
    this.member?.fifo.visit(see);
  }

  // --- The way to the leader ---

  send(client: QuorumClient, pending: Pending): void {
    const { raft } = this.member ?? {};
    if (raft !== undefined && raft.leader >= 0) this.#leader = raft.leader;
    if (this.#leader < 0) return this.#retryLater();
    this.#sendTo(this.#leader, client, pending);
  }

  #sendTo(to: BrokerIndex, { id }: QuorumClient, pending: Pending): void {
    const { command, corr } = pending;
    const attempt = ++pending.attempt;
    if (to === this.#host.node) {
      if (this.member?.raft.isLeader !== true) return this.#retryLater();
      return this.member.command(command, { node: to, channel: id, corr, attempt });
    }
    const carries = command.is === 'enqueue' ? [command.content.message] : undefined;
    const message = {
      type: 'ra_command',
      queue: this.index,
      channel: id,
      corr,
      attempt,
      command,
      carries,
    };
    this.#host.send(to, message as RaCommand, id * CORRS + corr, attempt);
  }

  #retryLater(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#host.timer(this.index, RETRY, Timer.retry);
  }

  /** Nobody is known to lead: any member may know. */
  #retry(): void {
    this.#isRetrying = false;
    if (this.#leader < 0) {
      const others = this.#members.filter((m) => m !== this.#host.node && this.#host.isUp(m));
      if (others.length > 0) this.#leader = others[this.#retries++ % others.length];
    }
    this.#resendAll();
  }

  #resendAll(): void {
    for (const client of [...this.#clients.values()]) {
      if (!client.isIdle) client.resend();
    }
  }

  asks(client: QuorumClient): void {
    this.#host.timer(this.index, GIVE_UP_AFTER, Timer.giveUp, client);
  }

  misses(client: QuorumClient): void {
    if (this.#leader < 0) return;
    const message = { type: 'get_checked_out', queue: this.index, channel: client.id } as const;
    if (this.#leader === this.#host.node) this.#showTo(client.id);
    else this.#host.send(this.#leader, message, client.id, this.#host.out.now);
  }

  // --- From members and channels on other nodes ---

  onMessage(from: BrokerIndex, message: QueueMessage): void {
    const said = message as QuorumMessage;
    switch (said.type) {
      case 'ra_command':
        this.#onCommand(from, said);
        break;
      case 'ra_event':
        this.#onEvent(from, said);
        break;
      case 'delivery':
        this.#onDelivery(from, said);
        break;
      case 'queue_status':
        this.#clients.get(said.channel)?.setStatus(said.refuses);
        break;
      case 'leader_change':
        this.#onLeaderChange(from, said);
        break;
      case 'get_checked_out':
        this.#showTo(said.channel);
        break;
      default:
        this.member?.raft.onMessage(from, said as RaftMessage<Logged, Fifo>);
    }
    this.#lookForLeader();
  }

  onTimer(code: number, data: unknown): void {
    if (code === Timer.retry) this.#retry();
    else if (code === Timer.giveUp) (data as QuorumClient).giveUp();
    else this.member?.onTimer(code, data);
    this.#lookForLeader();
  }

  /** The member here may have learnt of a new leader: the channels turn to that. */
  #lookForLeader(): void {
    const leader = this.member?.raft.leader ?? -1;
    if (leader < 0 || leader === this.#leader) return;
    this.#leader = leader;
    this.#resendAll();
  }

  #onCommand(from: BrokerIndex, said: RaCommand): void {
    const { channel, corr, attempt, command } = said;
    const { member } = this;
    if (member?.raft.isLeader === true) {
      return member.command(command, { node: from, channel, corr, attempt });
    }
    const answer = { is: 'not_leader', leader: member?.raft.leader ?? -1 } as const;
    const event = { type: 'ra_event', queue: this.index, channel, corr, answer } as const;
    this.#host.send(from, event, channel * CORRS + corr, attempt);
  }

  #onEvent(from: BrokerIndex, { channel, corr, answer }: RaEvent): void {
    const client = this.#clients.get(channel);
    if (client === undefined) {
      if (corr > 0 && answer.is !== 'not_leader') this.#deny(from, channel);
      return;
    }
    if (answer.is !== 'not_leader') {
      client.answered(corr, answer);
      if (client.isDown && client.isIdle) this.#clients.delete(channel);
      return;
    }
    if (from !== this.#leader) return;
    this.#leader = answer.leader === from ? -1 : answer.leader;
    if (this.#leader < 0) this.#retryLater();
    else this.#resendAll();
  }

  #onDelivery(from: BrokerIndex, { key, id, held }: FifoDelivery): void {
    const client = this.#clients.get(channelOf(key));
    if (client === undefined) this.#deny(from, channelOf(key));
    else client.delivered(key, id, held);
  }

  #onLeaderChange(from: BrokerIndex, { channels }: LeaderChange): void {
    const isNew = this.#leader !== from;
    this.#leader = from;
    if (isNew) this.#resendAll();
    for (const channel of channels) {
      if (!this.#clients.has(channel)) this.#deny(from, channel);
    }
  }

  /** A leader knows a channel of an earlier life of this node: it will not come back. */
  #deny(leader: BrokerIndex, channel: number): void {
    const { node } = this.#host;
    const command = { is: 'down', channel } as const;
    const attempt = ++this.#denials;
    if (leader === node) {
      return this.member?.command(command, { node, channel, corr: 0, attempt });
    }
    const type = 'ra_command';
    const message: RaCommand = { type, queue: this.index, channel, corr: 0, attempt, command };
    this.#host.send(leader, message, channel * CORRS, this.#host.boot * CORRS + attempt);
  }

  // --- What a member here says ---

  toNode(
    node: BrokerIndex,
    message: RaEvent | FifoDelivery | QueueStatus,
    nr: number,
    attempt: number,
  ): void {
    if (node !== this.#host.node) this.#host.send(node, message, nr, attempt);
    else if (message.type === 'ra_event') this.#onEvent(node, message);
    else if (message.type === 'delivery') this.#onDelivery(node, message);
    else this.#clients.get(message.channel)?.setStatus(message.refuses);
  }

  leads(): void {
    this.#leader = this.#host.node;
    for (const node of new Set(this.member?.fifo.channels().values())) this.#showLeader(node);
    this.#resendAll();
  }

  /** Shows a node who leads, and hands its channels again what they may have missed. */
  #showLeader(node: BrokerIndex): void {
    const { member } = this;
    if (member === undefined) return;
    const known = [...member.fifo.channels()].filter(([, at]) => at === node);
    const channels = known.map(([channel]) => channel);
    if (channels.length === 0) return;
    const { term } = member.raft;
    const message = { type: 'leader_change', queue: this.index, term, channels } as const;
    if (node === this.#host.node) this.#onLeaderChange(node, message);
    else this.#host.send(node, message, term, this.#host.out.now);
    for (const channel of channels) this.#showTo(channel);
  }

  #showTo(channel: number): void {
    const { member } = this;
    if (member?.raft.isLeader !== true) return;
    member.fifo.forEachChecked(channel, (consumer, id, held) => {
      member.sendDelivery(consumer, id, held);
    });
  }

  nodeDown(node: BrokerIndex): void {
    if (this.#leader === node) this.#leader = -1;
    this.member?.nodeDown(node);
  }

  nodeUp(node: BrokerIndex): void {
    this.member?.nodeUp(node);
    if (this.member?.raft.isLeader === true) this.#showLeader(node);
    this.#lookForLeader();
  }
}

const NO_EXCLUSIVE: Refusal = {
  code: 403,
  name: 'ACCESS_REFUSED',
  says: 'quorum queues know no exclusive consumers',
};
