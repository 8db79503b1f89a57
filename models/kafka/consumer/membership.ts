import { assert } from '../../../sim/kernel/assert.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import { backoff } from '../client/backoff.ts';
import { Kind, type NetworkClient } from '../client/network-client.ts';
import type { ConsumerConfig } from '../config/settings.ts';
import type { Layout } from '../layout.ts';
import type {
  BrokerIndex,
  ClientRequest,
  ClientResponse,
  Committed,
  ErrorName,
  HeartbeatResponse,
  PartitionIndex,
} from '../protocol.ts';
import { ASSIGNORS } from './assignor.ts';

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
  /** Asks a broker and waits; undefined: no answer. */
  call(
    kind: number,
    broker: BrokerIndex,
    request: ClientRequest,
    about: NameId,
    timeout?: Micros,
  ): Program<ClientResponse | undefined>;
  /** Waits for a broker that can be asked; -1 when the consumer is stopping. */
  anyBroker(): Program<BrokerIndex>;
  /** Waits until the connection to a broker is usable, or may not be for now. */
  connected(broker: BrokerIndex): Program<boolean>;
  /** Something happened that a waiting poll() must look at. */
  wake(): void;
  readonly stopping: boolean;
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
  readonly group: string;
  readonly groupName: NameId;
  readonly #out: Out;
  readonly #layout: Layout;
  readonly #config: ConsumerConfig;
  readonly #client: NetworkClient;
  readonly #host: Host;
  readonly #topic: string;
  readonly #name: string;
  readonly #timerCode: number;
  readonly #words: { rejoin: NameId; pollExceeded: NameId };
  #coordinator: BrokerIndex = -1;
  #finding = false;
  #beating = false;
  #timer: Handle = NO_HANDLE;
  #heard: Micros = 0;
  #pauses: number;

  constructor(
    out: Out,
    layout: Layout,
    config: ConsumerConfig,
    client: NetworkClient,
    host: Host,
    group: string,
    topic: string,
    name: string,
    timerCode: number,
    first: number,
  ) {
    this.group = group;
    this.groupName = out.names.id(group);
    this.#out = out;
    this.#layout = layout;
    this.#config = config;
    this.#client = client;
    this.#host = host;
    this.#topic = topic;
    this.#name = name;
    this.#timerCode = timerCode;
    this.#pauses = first;
    this.#words = {
      rejoin: out.names.id('rejoin'),
      pollExceeded: out.names.id('poll.interval.exceeded'),
    };
  }

  #become(next: MemberPhase, why: string): void {
    const from = this.phase.is;
    assert(LEGAL[from].includes(next.is), `member: ${from} -> ${next.is} is legal`);
    this.#out.became(this.#name, from, next.is, why);
    this.phase = next;
  }

  // --- The coordinator ---

  get coordinatorKnown(): boolean {
    return this.#coordinator >= 0;
  }

  /** The coordinator over a usable connection, or -1 after a pause. */
  *coordinator(): Program<BrokerIndex> {
    if (this.#coordinator < 0) {
      const asked = yield* this.#host.anyBroker();
      if (asked < 0) return -1;
      const request = this.#findRequest(asked);
      const kind = Kind.findCoordinator;
      this.onCoordinator(yield* this.#host.call(kind, asked, request, this.groupName));
    }
    if (this.#coordinator < 0) {
      yield* this.pause(1);
      return -1;
    }
    const coordinator = this.#coordinator;
    if (yield* this.#host.connected(coordinator)) return coordinator;
    this.#coordinator = -1;
    yield* this.pause(1);
    return -1;
  }

  #findRequest(broker: BrokerIndex): ClientRequest {
    const correlation = this.#client.next(broker, Kind.findCoordinator);
    return { type: 'FindCoordinatorRequest', correlation, group: this.group };
  }

  /** The heartbeat thread looks for a coordinator without waiting. */
  #find(): void {
    if (this.#finding) return;
    const broker = this.#client.leastLoaded();
    if (broker < 0) return;
    this.#finding = true;
    const request = this.#findRequest(broker);
    this.#client.send(broker, Kind.findCoordinator, request, this.groupName, undefined);
  }

  onCoordinator(response: ClientResponse | undefined): void {
    this.#finding = false;
    if (response?.type !== 'FindCoordinatorResponse') return;
    if (response.error === 'NONE') this.#coordinator = response.coordinator;
  }

  forgetCoordinator(): void {
    this.#coordinator = -1;
  }

  *pause(failures: number): Program {
    const { retry } = this.#config;
    const nr = this.#pauses++;
    yield backoff(retry, failures, this.#out, this.#words.rejoin, this.groupName, nr);
  }

  // --- Joining ---

  /**
   * One attempt to become a member of the next generation. The partitions assigned, or undefined when
   * it has to be tried again.
   */
  *join(): Program<readonly PartitionIndex[] | undefined> {
    const coordinator = yield* this.coordinator();
    if (coordinator < 0) return undefined;
    this.#become({ is: 'joining' }, this.memberId === '' ? 'new' : 'rebalance');
    this.rejoinNeeded = false;
    const { sessionTimeout, maxPollInterval: rebalanceTimeout, assignors } = this.#config;
    const joined = yield* this.#host.call(
      Kind.join,
      coordinator,
      {
        type: 'JoinGroupRequest',
        correlation: this.#client.next(coordinator, Kind.join),
        group: this.group,
        member: this.memberId,
        client: this.#name,
        sessionTimeout,
        rebalanceTimeout,
        protocols: assignors.filter((name) => name in ASSIGNORS),
        topic: this.#topic,
      },
      this.groupName,
      Math.max(this.#config.requestTimeout, rebalanceTimeout + JOIN_SLACK),
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
    const partitionsOf = (topic: string) => this.#layout.topics.get(topic)?.partitions ?? [];
    const leads = joined.leader === joined.member;
    const assignor = ASSIGNORS[joined.protocol];
    const synced = yield* this.#host.call(
      Kind.sync,
      coordinator,
      {
        type: 'SyncGroupRequest',
        correlation: this.#client.next(coordinator, Kind.sync),
        group: this.group,
        generation: this.generation,
        member: this.memberId,
        assignments: leads ? assignor(joined.members, partitionsOf) : [],
      },
      this.groupName,
      Math.max(this.#config.requestTimeout, rebalanceTimeout + JOIN_SLACK),
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
        this.#coordinator = -1;
        yield* this.pause(1);
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
        this.#coordinator = -1;
    }
    this.#host.wake();
  }

  // --- The heartbeat thread ---

  #startHeartbeat(): void {
    this.#heard = this.#out.clock;
    this.#beating = false;
    this.#schedule();
  }

  #schedule(): void {
    const { heartbeatInterval, maxPollInterval } = this.#config;
    this.#out.cancel(this.#timer);
    let wait = heartbeatInterval;
    if (!this.#host.polling) {
      wait = Math.min(wait, Math.max(1, this.#host.lastPoll + maxPollInterval - this.#out.clock));
    }
    this.#timer = this.#out.timer(wait, this.#timerCode);
  }

  /** Beats go on while the application processes; poll() that is late ends the membership. */
  onHeartbeatTimer(): void {
    if (this.phase.is !== 'stable' || this.generation < 0) return;
    const now = this.#out.clock;
    const late = now - this.#host.lastPoll >= this.#config.maxPollInterval;
    if (!this.#host.polling && late) return this.#leaveLate();
    this.#schedule();
    if (now - this.#heard > this.#config.sessionTimeout) this.#coordinator = -1;
    if (this.#coordinator < 0) return this.#find();
    if (this.#beating || !this.#client.ready(this.#coordinator)) return;
    this.#beating = true;
    const correlation = this.#client.next(this.#coordinator, Kind.heartbeat);
    const { group, generation, memberId: member } = this;
    const request = { type: 'HeartbeatRequest', correlation, group, generation, member } as const;
    this.#client.send(this.#coordinator, Kind.heartbeat, request, this.groupName, generation);
  }

  onHeartbeat(generation: number, response: HeartbeatResponse): void {
    this.#beating = false;
    if (generation !== this.generation) return;
    if (response.error === 'NONE' || response.error === 'REBALANCE_IN_PROGRESS') {
      this.#heard = this.#out.clock;
    }
    if (response.error !== 'NONE') this.reject(response.error);
  }

  onHeartbeatLost(): void {
    this.#beating = false;
    this.#coordinator = -1;
  }

  /** The application thread is not interrupted: it learns of this when it next polls or commits. */
  #leaveLate(): void {
    this.#out.count(this.#words.pollExceeded);
    this.leave();
    this.#become({ is: 'unjoined' }, 'max.poll.interval.ms');
    this.memberId = '';
    this.generation = -1;
    this.rejoinNeeded = true;
    this.lost = true;
  }

  /** Says goodbye, if there is somebody to say it to; nobody waits for the answer. */
  leave(): void {
    if (this.memberId === '' || this.#coordinator < 0) return;
    if (!this.#client.ready(this.#coordinator)) return;
    const correlation = this.#client.next(this.#coordinator, Kind.leave);
    const { group, memberId: member } = this;
    const request = { type: 'LeaveGroupRequest', correlation, group, member } as const;
    this.#client.send(this.#coordinator, Kind.leave, request, this.groupName, undefined);
  }

  // --- Commits ---

  /** Commits without waiting; false when it cannot be sent now. */
  commitAsync(offsets: readonly Committed[]): boolean {
    const coordinator = this.#coordinator;
    if (coordinator < 0 || !this.#client.ready(coordinator)) {
      if (coordinator < 0) this.#find();
      return false;
    }
    const request = this.#commitRequest(coordinator, offsets);
    this.#client.send(coordinator, Kind.commit, request, this.groupName, undefined);
    return true;
  }

  #commitRequest(coordinator: BrokerIndex, offsets: readonly Committed[]): ClientRequest {
    const correlation = this.#client.next(coordinator, Kind.commit);
    const { group, generation, memberId: member } = this;
    return { type: 'OffsetCommitRequest', correlation, group, generation, member, offsets };
  }

  /** commitSync(): tries until it is accepted, refused for good, or too late. */
  *commitSync(offsets: readonly Committed[], timeout: Micros): Program<boolean> {
    const deadline = this.#out.clock + timeout;
    for (let failures = 1; ; failures++) {
      if (this.generation < 0) return false;
      const coordinator = yield* this.coordinator();
      if (coordinator >= 0) {
        const request = this.#commitRequest(coordinator, offsets);
        const reply = yield* this.#host.call(Kind.commit, coordinator, request, this.groupName);
        const error = reply?.type === 'OffsetCommitResponse' ? reply.error : undefined;
        if (error === 'NONE') return true;
        const final =
          error === 'UNKNOWN_MEMBER_ID' ||
          error === 'ILLEGAL_GENERATION' ||
          error === 'REBALANCE_IN_PROGRESS';
        if (error !== undefined) this.reject(error);
        else this.#coordinator = -1;
        if (final) return false;
        yield* this.pause(failures);
      }
      if (this.#out.clock >= deadline) return false;
    }
  }
}
