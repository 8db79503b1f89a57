import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { Message } from '../../../sim/kernel/node.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import { Timer } from '../broker/timers.ts';
import type { Broker } from '../broker/broker.ts';
import type { BrokerIndex } from '../queue.ts';
import { isMajority, losers } from './partitions.ts';

/** What nodes say to each other as nodes. */
export interface Hello extends Message {
  readonly type: 'node.hello';
  /** Which life of its node is speaking. */
  readonly boot: number;
  readonly isAnswer: boolean;
}

export const NODE_MESSAGES = ['node.hello', 'net_tick', 'autoheal.restart'] as const;

/** How often a node looks for those that it has lost. */
const PING: Micros = seconds(1);

/**
 * Which other nodes this one sees: by connections, and by silence (a tick each quarter
 * of `net_ticktime`, down after it). What it does about a partition: `cluster_partition_handling`.
 */
export class Cluster {
  readonly #broker: Broker;
  readonly #down = new Set<BrokerIndex>();
  /** Their lives, as last heard of. */
  readonly #boots: number[] = [];
  readonly #heard: Micros[] = [];
  #sent = 0;
  #timer: Handle = NO_HANDLE;
  /** A minority, under `pause_minority`: serves nobody until it sees enough others. */
  isPaused = false;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  get #nodes(): number {
    return this.#broker.layout.server.nodes;
  }

  get #mode(): string {
    const { layout } = this.#broker;
    return layout.rules.ignoresPartitionHandling ? 'ignore' : layout.server.partitionHandling;
  }

  /** The nodes that this one sees, itself among them. */
  get sees(): Set<BrokerIndex> {
    const all = Array.from({ length: this.#nodes }, (_, node) => node);
    return new Set(all.filter((node) => !this.#down.has(node)));
  }

  isUp(node: BrokerIndex): boolean {
    return !this.#down.has(node);
  }

  /** Looks for the others. False: it may not serve anybody yet. */
  start(): boolean {
    if (this.#nodes === 1) return true;
    const { boot } = this.#broker;
    this.isPaused = this.#mode === 'pause_minority' && boot > 1;
    for (const peer of this.#others()) {
      // Those that start with the run find each other; later on a node is seen when it answers.
      if (boot > 1) this.#down.add(peer);
      this.#heard[peer] = this.#broker.out.now;
      this.#hello(peer, false);
    }
    this.#arm();
    return !this.isPaused;
  }

  #others(): BrokerIndex[] {
    const { node } = this.#broker;
    return this.#broker.layout.brokers.map((_, peer) => peer).filter((peer) => peer !== node);
  }

  #hello(peer: BrokerIndex, isAnswer: boolean): void {
    const { boot } = this.#broker;
    const hello: Hello = { type: 'node.hello', boot, isAnswer };
    this.#send(peer, hello);
  }

  #send(peer: BrokerIndex, message: Message): void {
    const { out, layout, boot } = this.#broker;
    out.send(layout.brokers[peer], message, out.names.id('node'), ++this.#sent, boot);
  }

  #arm(): void {
    const quarter = Math.ceil(this.#broker.layout.server.netTick / 4);
    const { out } = this.#broker;
    out.cancel(this.#timer);
    this.#timer = out.timer(this.#down.size > 0 ? Math.min(PING, quarter) : quarter, Timer.net);
  }

  /** Whatever another node sends shows that it is there. */
  heard(peer: BrokerIndex): void {
    this.#heard[peer] = this.#broker.out.now;
  }

  onMessage(peer: BrokerIndex, message: Message): void {
    if (message.type === 'autoheal.restart')
      return this.#broker.restart('its side of a partition lost');
    if (message.type !== 'node.hello') return;
    const { boot, isAnswer } = message as Hello;
    const known = this.#boots[peer];
    const isSame = known === undefined || known === boot;
    this.#boots[peer] = boot;
    if (!isAnswer) this.#hello(peer, true);
    // It has been away and nobody said so.
    if (!isSame) this.lost(peer);
    if (!this.#down.has(peer)) return;
    if (known !== undefined && isSame) this.#partitionEnds();
    this.#found(peer);
  }

  #found(peer: BrokerIndex): void {
    this.#down.delete(peer);
    if (!this.isPaused) return this.#broker.nodeUp(peer);
    if (!isMajority(this.sees.size, this.#nodes)) return;
    this.isPaused = false;
    this.#broker.serve();
  }

  /** The connection to a node ended, or it has been silent for too long. */
  lost(peer: BrokerIndex): void {
    if (this.#down.has(peer)) return;
    this.#down.add(peer);
    if (this.isPaused) return;
    this.#broker.nodeDown(peer);
    this.#arm();
    if (this.#mode !== 'pause_minority' || isMajority(this.sees.size, this.#nodes)) return;
    this.#broker.restart('it is in a minority');
  }

  onTimer(): void {
    const { out, layout } = this.#broker;
    for (const peer of this.#others()) {
      if (this.#down.has(peer)) this.#hello(peer, false);
      else if (out.now - this.#heard[peer] >= layout.server.netTick) {
        out.disconnect(layout.brokers[peer]);
        this.lost(peer);
      } else this.#send(peer, { type: 'net_tick' });
    }
    this.#timer = NO_HANDLE;
    this.#arm();
  }

  /** Two sides that both ran see each other again: the lowest node decides what becomes of them. */
  #partitionEnds(): void {
    const { out, layout, node } = this.#broker;
    out.count(out.names.id('partitions seen to end'));
    if (this.#mode !== 'autoheal') return;
    const running = layout.running();
    if (running.some((other) => other.node < node)) return;
    const standings = running.map(({ node: at, connections, cluster }) => {
      return { node: at, connections: connections.size, sees: cluster.sees };
    });
    for (const loser of losers(standings)) {
      if (loser === node) this.#broker.restart('its side of a partition lost');
      else this.#send(loser, { type: 'autoheal.restart' });
    }
  }
}
