import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import type { QueueIndex } from '../protocol.ts';
import type { BrokerIndex, Publisher, QueueHost } from '../queue.ts';
import { QuorumClient, type Outgoing, type Pending } from './client.ts';
import { channelOf, CORRS } from './commands.ts';
import { GIVE_UP_AFTER } from './config.ts';
import type { Member } from './member.ts';
import type { FifoDelivery, LeaderChange, RaCommand, RaEvent } from './protocol.ts';

const Timer = { unanswered: 13, retry: 14, giveUp: 15 } as const;
/** Commands that found no leader are tried again so often. */
const RETRY: Micros = seconds(1);
/** A command without an answer for so long is sent again (`rabbit_fifo_client`, its timer). */
const UNANSWERED: Micros = seconds(10);

/** The channels of one node and their way to the leader of a quorum queue, wherever that is. */
export class LeaderLink implements Outgoing {
  readonly queue: QueueIndex;
  readonly clients = new Map<number, QuorumClient>();
  /** As last heard of; -1: unknown. */
  leader: BrokerIndex = -1;
  /** The member on this node, once it is there. */
  member: Member | undefined;
  readonly #host: QueueHost;
  readonly #members: readonly BrokerIndex[];
  #isRetrying = false;
  #isWatching = false;
  #retries = 0;
  #denials = 0;

  constructor(host: QueueHost, queue: QueueIndex, members: readonly BrokerIndex[]) {
    this.#host = host;
    this.queue = queue;
    this.#members = members;
  }

  of(publisher: Publisher): QuorumClient {
    let client = this.clients.get(publisher.id);
    if (client === undefined) {
      client = new QuorumClient(publisher, this.#host.node, this);
      this.clients.set(publisher.id, client);
    }
    return client;
  }

  send(client: QuorumClient, pending: Pending): void {
    const { raft } = this.member ?? {};
    if (raft !== undefined && raft.leader >= 0) this.leader = raft.leader;
    if (this.leader < 0) return this.#retryLater();
    this.#sendTo(this.leader, client, pending);
  }

  #sendTo(to: BrokerIndex, { id }: QuorumClient, pending: Pending): void {
    const { command, corr } = pending;
    const attempt = ++pending.attempt;
    this.#watch();
    if (to === this.#host.node) {
      if (this.member?.raft.isLeader !== true) return this.#retryLater();
      return this.member.command(command, { node: to, channel: id, corr, attempt });
    }
    const carries = command.is === 'enqueue' ? [command.content.message] : undefined;
    const message = {
      type: 'ra_command',
      queue: this.queue,
      channel: id,
      corr,
      attempt,
      command,
      carries,
    };
    this.#host.send(to, message as RaCommand, id * CORRS + corr, attempt);
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#host.timer(this.queue, UNANSWERED, Timer.unanswered);
  }

  #lookForStuck(): void {
    this.#isWatching = false;
    for (const client of [...this.clients.values()]) {
      if (client.isStuck()) client.resend();
      if (!client.isIdle) this.#watch();
    }
  }

  #retryLater(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#host.timer(this.queue, RETRY, Timer.retry);
  }

  /** Nobody is known to lead: any member may know. */
  #retry(): void {
    this.#isRetrying = false;
    if (this.leader < 0) {
      const others = this.#members.filter((m) => m !== this.#host.node && this.#host.isUp(m));
      if (others.length > 0) this.leader = others[this.#retries++ % others.length];
    }
    this.resendAll();
  }

  resendAll(): void {
    for (const client of [...this.clients.values()]) {
      if (!client.isIdle) client.resend();
    }
  }

  asks(client: QuorumClient): void {
    this.#host.timer(this.queue, GIVE_UP_AFTER, Timer.giveUp, client);
  }

  misses(client: QuorumClient): void {
    if (this.leader < 0) return;
    const message = { type: 'get_checked_out', queue: this.queue, channel: client.id } as const;
    if (this.leader === this.#host.node) this.member?.showTo(client.id);
    else this.#host.send(this.leader, message, client.id, this.#host.out.now);
  }

  /** True when the timer was one of these. */
  onTimer(code: number, data: unknown): boolean {
    if (code === Timer.retry) this.#retry();
    else if (code === Timer.unanswered) this.#lookForStuck();
    else if (code === Timer.giveUp) (data as QuorumClient).giveUp();
    else return false;
    return true;
  }

  /** The member here may have learnt of a new leader: the channels turn to that. */
  lookForLeader(): void {
    const leader = this.member?.raft.leader ?? -1;
    if (leader < 0 || leader === this.leader) return;
    this.leader = leader;
    this.resendAll();
  }

  onEvent(from: BrokerIndex, { channel, corr, answer }: RaEvent): void {
    const client = this.clients.get(channel);
    if (client === undefined) {
      if (corr > 0 && answer.is !== 'not_leader') this.#deny(from, channel);
      return;
    }
    if (answer.is !== 'not_leader') {
      client.answered(corr, answer);
      if (client.isDown && client.isIdle) this.clients.delete(channel);
      return;
    }
    if (from !== this.leader) return;
    this.leader = answer.leader === from ? -1 : answer.leader;
    if (this.leader < 0) this.#retryLater();
    else this.resendAll();
  }

  onDelivery(from: BrokerIndex, { key, id, held }: FifoDelivery): void {
    const client = this.clients.get(channelOf(key));
    if (client === undefined) this.#deny(from, channelOf(key));
    else client.delivered(key, id, held);
  }

  onLeaderChange(from: BrokerIndex, { channels }: LeaderChange): void {
    const isNew = this.leader !== from;
    this.leader = from;
    if (isNew) this.resendAll();
    for (const channel of channels) {
      if (!this.clients.has(channel)) this.#deny(from, channel);
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
    const message: RaCommand = { type, queue: this.queue, channel, corr: 0, attempt, command };
    this.#host.send(leader, message, channel * CORRS, this.#host.boot * CORRS + attempt);
  }
}
