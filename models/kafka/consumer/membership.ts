import { assert } from '../../../sim/kernel/assert.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import { Kind, type NetworkClient } from '../client/network-client.ts';
import type { ConsumerConfig } from '../config/settings.ts';
import type { Layout } from '../layout.ts';
import type {
  BrokerIndex,
  ClientRequest,
  Committed,
  ErrorName,
  HeartbeatResponse,
  PartitionIndex,
} from '../protocol.ts';
import { ASSIGNORS } from './assignor.ts';
import type { CoordinatorLink } from './coordinator-link.ts';
import type { Thread } from './thread.ts';

/** The client's end of a classic group. Source: `AbstractCoordinator`, Kafka 3.9. */
export type MemberPhase =
  | { readonly is: 'unjoined' }
  | { readonly is: 'joining' }
  | { readonly is: 'syncing' }
  | { readonly is: 'stable' };

const LEGAL: Readonly<Record<MemberPhase['is'], readonly MemberPhase['is'][]>> = {
  unjoined: ['joining'],
  joining: ['syncing', 'joining', 'unjoined'],
  syncing: ['stable', 'joining', 'unjoined'], // A sync that fails starts over.
  stable: ['joining', 'unjoined'], // Left because poll() was late.
};

/** What the membership needs of the consumer that it belongs to. */
export interface Host {
  readonly out: Out;
  readonly layout: Layout;
  readonly config: ConsumerConfig;
  readonly client: NetworkClient;
  readonly thread: Thread;
  readonly link: CoordinatorLink;
  readonly topic: string;
  readonly name: string;
  /** Is the application thread inside poll()? */
  readonly polling: boolean;
  readonly lastPoll: Micros;
}

/** JoinGroup may take this much longer than the rebalance itself. */
const JOIN_SLACK: Micros = seconds(5);

export class Membership {
  phase: MemberPhase = { is: 'unjoined' };
  memberId = '';
  generation = -1;
  /** The next poll() takes part in a rebalance. */
  rejoinNeeded = true;
  /** The generation was lost: what was owned is not ours any more, and must not be committed. */
  lost = false;
  readonly #host: Host;
  readonly #timerCode: number;
  readonly #pollExceeded: NameId;
  #beating = false;
  #timer: Handle = NO_HANDLE;
  #heard: Micros = 0;

  constructor(host: Host, timerCode: number) {
    this.#host = host;
    this.#timerCode = timerCode;
    this.#pollExceeded = host.out.names.id('poll.interval.exceeded');
  }

  #become(next: MemberPhase, why: string): void {
    const from = this.phase.is;
    assert(LEGAL[from].includes(next.is), `member: ${from} -> ${next.is} is legal`);
    this.#host.out.became(this.#host.name, from, next.is, why);
    this.phase = next;
  }

  // --- Joining ---

  /**
   * One attempt to become a member of the next generation. The partitions assigned, or undefined
   * when it has to be tried again.
   */
  *join(): Program<readonly PartitionIndex[] | undefined> {
    const { client, config, layout, link, thread } = this.#host;
    const coordinator = yield* link.reach();
    if (coordinator < 0) return undefined;
    this.#become({ is: 'joining' }, this.memberId === '' ? 'new' : 'rebalance');
    this.rejoinNeeded = false;
    const { sessionTimeout, maxPollInterval: rebalanceTimeout, assignors } = config;
    const joined = yield* thread.call(
      Kind.join,
      coordinator,
      {
        type: 'JoinGroupRequest',
        correlation: client.next(coordinator, Kind.join),
        group: link.group,
        member: this.memberId,
        client: this.#host.name,
        sessionTimeout,
        rebalanceTimeout,
        protocols: assignors.filter((name) => name in ASSIGNORS),
        topic: this.#host.topic,
      },
      link.groupName,
      Math.max(config.requestTimeout, rebalanceTimeout + JOIN_SLACK),
    );
    if (joined?.type !== 'JoinGroupResponse' || joined.error !== 'NONE') {
      const error = joined?.type === 'JoinGroupResponse' ? joined.error : undefined;
      if (error === 'MEMBER_ID_REQUIRED' && joined?.type === 'JoinGroupResponse') {
        this.memberId = joined.member;
        this.rejoinNeeded = true;
        return undefined;
      }
      yield* this.#failed(error);
      return undefined;
    }
    this.memberId = joined.member;
    this.generation = joined.generation;
    this.#become({ is: 'syncing' }, `generation ${joined.generation}`);
    const partitionsOf = (topic: string) => layout.topics.get(topic)?.partitions ?? [];
    const leads = joined.leader === joined.member;
    const assignor = ASSIGNORS[joined.protocol];
    const synced = yield* thread.call(
      Kind.sync,
      coordinator,
      {
        type: 'SyncGroupRequest',
        correlation: client.next(coordinator, Kind.sync),
        group: link.group,
        generation: this.generation,
        member: this.memberId,
        assignments: leads ? assignor(joined.members, partitionsOf) : [],
      },
      link.groupName,
      Math.max(config.requestTimeout, rebalanceTimeout + JOIN_SLACK),
    );
    if (synced?.type !== 'SyncGroupResponse' || synced.error !== 'NONE') {
      yield* this.#failed(synced?.type === 'SyncGroupResponse' ? synced.error : undefined);
      return undefined;
    }
    this.#become({ is: 'stable' }, `${synced.partitions.length} partitions`);
    this.lost = false;
    this.#startHeartbeat();
    return synced.partitions;
  }

  /** A step of the rebalance failed: what is kept for the next try depends on the error. */
  *#failed(error: ErrorName | undefined): Program {
    this.rejoinNeeded = true;
    this.#become({ is: 'unjoined' }, error ?? 'no answer');
    switch (error) {
      case 'REBALANCE_IN_PROGRESS':
        return;
      case 'UNKNOWN_MEMBER_ID':
        this.memberId = '';
        this.generation = -1;
        return;
      case 'ILLEGAL_GENERATION':
        this.generation = -1;
        return;
      default:
        this.#host.link.forget();
        yield* this.#host.link.pause(1);
    }
  }

  /** An answer says that this member is not what it thinks it is. */
  reject(error: ErrorName): void {
    switch (error) {
      case 'REBALANCE_IN_PROGRESS':
        this.rejoinNeeded = true;
        break;
      case 'UNKNOWN_MEMBER_ID':
      case 'ILLEGAL_GENERATION':
        if (error === 'UNKNOWN_MEMBER_ID') this.memberId = '';
        this.generation = -1;
        this.rejoinNeeded = true;
        this.lost = true;
        break;
      default:
        this.#host.link.forget();
    }
    this.#host.thread.wake();
  }

  // --- The heartbeat thread ---

  #startHeartbeat(): void {
    this.#heard = this.#host.out.clock;
    this.#beating = false;
    this.#schedule();
  }

  #schedule(): void {
    const { config, out, polling, lastPoll } = this.#host;
    out.cancel(this.#timer);
    let wait = config.heartbeatInterval;
    if (!polling) wait = Math.min(wait, Math.max(1, lastPoll + config.maxPollInterval - out.clock));
    this.#timer = out.timer(wait, this.#timerCode);
  }

  /** Beats go on while the application processes; poll() that is late ends the membership. */
  onHeartbeatTimer(): void {
    if (this.phase.is !== 'stable' || this.generation < 0) return;
    const { client, config, link, out, polling, lastPoll } = this.#host;
    const now = out.clock;
    if (!polling && now - lastPoll >= config.maxPollInterval) return this.#leaveLate();
    this.#schedule();
    if (now - this.#heard > config.sessionTimeout) link.forget();
    const coordinator = link.now();
    if (coordinator < 0 || this.#beating) return;
    this.#beating = true;
    const correlation = client.next(coordinator, Kind.heartbeat);
    const { generation, memberId: member } = this;
    const { group, groupName } = link;
    const request = { type: 'HeartbeatRequest', correlation, group, generation, member } as const;
    client.send(coordinator, Kind.heartbeat, request, groupName, generation);
  }

  onHeartbeat(generation: number, response: HeartbeatResponse): void {
    this.#beating = false;
    if (generation !== this.generation) return;
    if (response.error === 'NONE' || response.error === 'REBALANCE_IN_PROGRESS') {
      this.#heard = this.#host.out.clock;
    }
    if (response.error !== 'NONE') this.reject(response.error);
  }

  onHeartbeatLost(): void {
    this.#beating = false;
    this.#host.link.forget();
  }

  /** The application thread is not interrupted: it learns of this when it next polls or commits. */
  #leaveLate(): void {
    this.#host.out.count(this.#pollExceeded);
    this.leave();
    this.#become({ is: 'unjoined' }, 'max.poll.interval.ms');
    this.memberId = '';
    this.generation = -1;
    this.rejoinNeeded = true;
    this.lost = true;
  }

  /** Says goodbye, if there is somebody to say it to; nobody waits for the answer. */
  leave(): void {
    if (this.memberId === '') return;
    const { client, link } = this.#host;
    const coordinator = link.now();
    if (coordinator < 0) return;
    const correlation = client.next(coordinator, Kind.leave);
    const { group, groupName } = link;
    const member = this.memberId;
    const request = { type: 'LeaveGroupRequest', correlation, group, member } as const;
    client.send(coordinator, Kind.leave, request, groupName, undefined);
  }

  // --- Commits ---

  /** Commits without waiting; false when it cannot be sent now. */
  commitAsync(offsets: readonly Committed[]): boolean {
    const { client, link } = this.#host;
    const coordinator = link.now();
    if (coordinator < 0) return false;
    const request = this.#commitRequest(coordinator, offsets);
    client.send(coordinator, Kind.commit, request, link.groupName, undefined);
    return true;
  }

  #commitRequest(coordinator: BrokerIndex, offsets: readonly Committed[]): ClientRequest {
    const { client, link } = this.#host;
    const correlation = client.next(coordinator, Kind.commit);
    const { generation, memberId: member } = this;
    const { group } = link;
    return { type: 'OffsetCommitRequest', correlation, group, generation, member, offsets };
  }

  /** commitSync(): tries until it is accepted, refused for good, or too late. */
  *commitSync(offsets: readonly Committed[], timeout: Micros): Program<boolean> {
    const { link, out, thread } = this.#host;
    const deadline = out.clock + timeout;
    for (let failures = 1; ; failures++) {
      if (this.generation < 0) return false;
      const coordinator = yield* link.reach();
      if (coordinator >= 0) {
        const request = this.#commitRequest(coordinator, offsets);
        const reply = yield* thread.call(Kind.commit, coordinator, request, link.groupName);
        const error = reply?.type === 'OffsetCommitResponse' ? reply.error : undefined;
        if (error === 'NONE') return true;
        if (error !== undefined) this.reject(error);
        else link.forget();
        if (error !== undefined && FINAL.has(error)) return false;
        yield* link.pause(failures);
      }
      if (out.clock >= deadline) return false;
    }
  }
}

/** Errors after which the partitions are not this member's to commit. */
const FINAL: ReadonlySet<ErrorName> = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
]);
