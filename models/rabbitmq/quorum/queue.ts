import type { MessageId } from '../../../sim/kernel/node.ts';
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
import type { QuorumClient } from './client.ts';
import { CORRS, UNTRACKED } from './commands.ts';
import { fifoConfig, fifoRules, membersOf } from './config.ts';
import type { Fifo } from './fifo.ts';
import { LeaderLink } from './leader-link.ts';
import { Member, type Channels } from './member.ts';
import { Nobody } from './nobody.ts';
import type {
  FifoDelivery,
  Logged,
  QueueStatus,
  QuorumMessage,
  RaCommand,
  RaEvent,
} from './protocol.ts';
import type { RaftMessage } from './raft-protocol.ts';

/**
 * A quorum queue on one node: the way to its leader for the channels of the node, and, where it has
 * one, the member of its group.
 */
export class QuorumQueue implements QueueProcess, Channels {
  readonly index: QueueIndex;
  /** It takes part in routing whatever its state: publishers wait for their confirms. */
  readonly isAvailable = true;
  readonly #host: QueueHost;
  readonly member: Member | undefined = undefined;
  readonly #link: LeaderLink;
  /** Publishes of nobody who could hear of them, and purges. */
  readonly #own: QuorumClient;

  constructor(host: QueueHost, plan: QueuePlan) {
    this.#host = host;
    this.index = plan.index;
    const { nodes } = host.layout.server;
    const members = membersOf(plan.node, nodes, plan.limits);
    this.#link = new LeaderLink(host, plan.index, members);
    this.#own = this.#link.of(new Nobody(host));
    const rules = fifoRules(host.layout.rules.version);
    if (!members.includes(host.node)) return;
    this.member = new Member(host, plan.index, members, rules, this);
    this.#link.member = this.member;
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
    const client = publisher === undefined ? this.#own : this.#link.of(publisher);
    client.publish(content, seq);
  }

  /** For whoever is no channel: not numbered, so never sent again. */
  #publishOnce(content: Content, publisher: Publisher, seq: number): void {
    this.#own.command({ is: 'enqueue', channel: this.#own.id, seqno: UNTRACKED, content }, () => {
      publisher.confirmed(this.index, seq);
    });
  }

  consume(consumer: Consumer, answer: (refusal: Refusal | undefined) => void): void {
    if (consumer.exclusive) return answer(NO_EXCLUSIVE);
    this.#link.of(consumer.channel).consume(consumer, () => answer(undefined));
  }

  cancel(consumer: Consumer): void {
    this.#link.of(consumer.channel).cancel(consumer);
  }

  get(
    channel: ChannelEnd,
    noAck: boolean,
    answer: (got: QueueDelivery | undefined, left: number) => void,
  ): void {
    this.#link.of(channel).get(noAck, answer);
  }

  settle(channel: ChannelEnd, how: Settlement, deliveries: readonly Unsettled[]): void {
    this.#link.clients.get(channel.id)?.settle(how, deliveries);
  }

  channelDown(channel: ChannelEnd): void {
    this.#link.clients.get(channel.id)?.close(channel);
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
    for (const client of this.#link.clients.values()) client.deleted(why);
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

  // --- From members and channels on other nodes ---

  onMessage(from: BrokerIndex, message: QueueMessage): void {
    const said = message as QuorumMessage;
    switch (said.type) {
      case 'ra_command':
        this.#onCommand(from, said);
        break;
      case 'ra_event':
        this.#link.onEvent(from, said);
        break;
      case 'delivery':
        this.#link.onDelivery(from, said);
        break;
      case 'queue_status':
        this.#link.clients.get(said.channel)?.setStatus(said.refuses);
        break;
      case 'leader_change':
        this.#link.onLeaderChange(from, said);
        break;
      case 'get_checked_out':
        this.member?.showTo(said.channel);
        break;
      default:
        this.member?.raft.onMessage(from, said as RaftMessage<Logged, Fifo>);
    }
    this.#link.lookForLeader();
  }

  onTimer(code: number, data: unknown): void {
    if (!this.#link.onTimer(code, data)) this.member?.onTimer(code, data);
    this.#link.lookForLeader();
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

  // --- What a member here says ---

  toNode(
    node: BrokerIndex,
    message: RaEvent | FifoDelivery | QueueStatus,
    nr: number,
    attempt: number,
  ): void {
    if (node !== this.#host.node) this.#host.send(node, message, nr, attempt);
    else if (message.type === 'ra_event') this.#link.onEvent(node, message);
    else if (message.type === 'delivery') this.#link.onDelivery(node, message);
    else this.#link.clients.get(message.channel)?.setStatus(message.refuses);
  }

  leads(): void {
    this.#link.leader = this.#host.node;
    for (const node of new Set(this.member?.fifo.channels().values())) this.#showLeader(node);
    this.#link.resendAll();
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
    if (node === this.#host.node) this.#link.onLeaderChange(node, message);
    else this.#host.send(node, message, term, this.#host.out.now);
    for (const channel of channels) member.showTo(channel);
  }

  nodeDown(node: BrokerIndex): void {
    if (this.#link.leader === node) this.#link.leader = -1;
    this.member?.nodeDown(node);
  }

  nodeUp(node: BrokerIndex): void {
    this.member?.nodeUp(node);
    if (this.member?.raft.isLeader === true) this.#showLeader(node);
    this.#link.lookForLeader();
  }
}

const NO_EXCLUSIVE: Refusal = {
  code: 403,
  name: 'ACCESS_REFUSED',
  says: 'quorum queues know no exclusive consumers',
};
