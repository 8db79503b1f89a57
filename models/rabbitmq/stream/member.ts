import { stateArrival } from '../arrival.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { QueuePlan } from '../layout.ts';
import type { BrokerIndex, QueueHost } from '../queue.ts';
import { ElectionTimer, TICK } from '../quorum/election-timer.ts';
import { Raft } from '../quorum/raft.ts';
import type { RaftHost, Standing } from '../quorum/raft-host.ts';
import { RaftLog, type Entry } from '../quorum/raft-log.ts';
import type { RaftMessage } from '../quorum/raft-protocol.ts';
import { type Retention, spanOf, StreamLog } from './log.ts';
import type { Append } from './protocol.ts';

const SNAPSHOT_ENTRIES = 4096;

export const MemberTimer = { election: 0, tick: 1 } as const;

export function fileOf({ name }: QueuePlan): string {
  return `stream ${name}`;
}

export function retentionOf({ limits }: QueuePlan): Retention {
  const age = limits.args.get('x-max-age');
  const segment = limits.args.get('x-stream-max-segment-size-bytes');
  return {
    maxBytes: limits.maxLengthBytes,
    maxAge: typeof age === 'string' ? (spanOf(age) ?? -1) : -1,
    segmentBytes: typeof segment === 'number' ? segment : 500_000_000,
  };
}

/** What a member tells the queue on its node. */
export interface Listener {
  /** A message can be read here; while this member leads, its publisher is to hear of it. */
  appended(entry: Append, leads: boolean): void;
  leads(): void;
}

/**
 * One replica of a stream. A majority that has a message confirms it, whether or not it is on
 * stable storage: the same group as that of a quorum queue, without the fsync.
 */
export class StreamMember implements RaftHost<Append, StreamLog> {
  readonly raft: Raft<Append, StreamLog>;
  log: StreamLog;
  readonly queue: number;
  readonly self: BrokerIndex;
  readonly members: readonly BrokerIndex[];
  readonly #host: QueueHost;
  readonly #listener: Listener;
  readonly #elections: ElectionTimer;

  constructor(host: QueueHost, queue: number, members: readonly BrokerIndex[], listener: Listener) {
    this.#host = host;
    this.queue = queue;
    this.self = host.node;
    this.members = members;
    this.#listener = listener;
    this.#elections = new ElectionTimer(host, queue, MemberTimer.election);
    const plan = host.plan(queue);
    this.log = new StreamLog(retentionOf(plan));
    this.raft = new Raft(this, new RaftLog(host.out.disk, fileOf(plan), false), host.boot);
    this.raft.recover();
    this.#elections.start(members);
  }

  get clock(): Micros {
    return this.#host.out.clock;
  }

  get now(): Micros {
    return this.#host.out.now;
  }

  send(
    to: BrokerIndex,
    message: RaftMessage<Append, StreamLog>,
    nr: number,
    attempt: number,
  ): void {
    this.#host.send(to, message, nr, attempt);
  }

  /** Left to the operating system. */
  sync(): void {}

  awaitLeader(soon: boolean): void {
    this.#elections.heard(soon);
  }

  onTimer(code: number): void {
    const { raft } = this;
    if (code === MemberTimer.election) return this.#elections.onTimer(raft);
    if (!raft.isLeader) return;
    raft.tick();
    this.#host.timer(this.queue, TICK, MemberTimer.tick);
  }

  became(from: Standing, to: Standing, why: string): void {
    const { name } = this.#host.layout.queues[this.queue];
    this.#host.out.became(`stream ${name}`, from, to, why);
    if (from === 'leader') this.#elections.stoodDown();
  }

  elected(): void {
    this.#host.timer(this.queue, TICK, MemberTimer.tick);
    this.append({ content: undefined, origin: { node: this.self, seq: 0, attempt: 0 } });
    this.#listener.leads();
  }

  append(entry: Append): void {
    this.raft.command(entry);
  }

  follows(): void {}

  apply(entry: Entry<Append>, leads: boolean): void {
    const { content } = entry.command;
    if (content === undefined) return;
    const plan = this.#host.plan(this.queue);
    const { stored, removed } = this.log.append(content, entry.time);
    if (entry.told === 0) {
      entry.told = 1;
      const { out } = this.#host;
      stateArrival(this.#host, plan, content, stored.offset);
      const why = out.names.id('removed by retention');
      for (const old of removed) out.fact(Fact.dropped, old.content.message, plan.stream, why);
    }
    this.#listener.appended(entry.command, leads);
    const since = entry.index - this.raft.log.firstIndex;
    const kept = this.log.end - this.log.base;
    if (since >= SNAPSHOT_ENTRIES && since >= 2 * kept) this.raft.compact();
  }

  capture(): StreamLog {
    return this.log.copy();
  }

  restore(state: StreamLog): void {
    this.log = state.copy();
  }

  nodeDown(node: BrokerIndex): void {
    if (node === this.raft.leader) this.raft.leaderLost();
  }
}
