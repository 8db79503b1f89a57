import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { ClientMetadata } from '../client/metadata.ts';
import { Kind, type NetworkClient } from '../client/network-client.ts';
import type { ConsumerConfig } from '../config/settings.ts';
import type { Layout } from '../layout.ts';
import type {
  BrokerIndex,
  ClientRequest,
  ClientResponse,
  Committed,
  ErrorName,
} from '../protocol.ts';
import type { CoordinatorLink } from './coordinator-link.ts';
import type { Ownership } from './ownership.ts';
import type { Thread } from './thread.ts';

/** What a member needs of the consumer that it belongs to. */
export interface Host {
  readonly out: Out;
  readonly layout: Layout;
  readonly config: ConsumerConfig;
  readonly client: NetworkClient;
  readonly metadata: ClientMetadata;
  readonly thread: Thread;
  /** Where a join runs while the application goes on: the network and heartbeat threads. */
  readonly background: Thread;
  readonly link: CoordinatorLink;
  readonly ownership: Ownership;
  readonly topic: string;
  readonly name: string;
  /** `group.instance.id` of this instance, empty for a dynamic member. */
  readonly groupInstance: string;
  /** Number of this process among all of its instance. */
  readonly life: number;
  /** Is the application thread inside poll()? */
  readonly polling: boolean;
  readonly lastPoll: Micros;
  /** poll() or commit throws what no application can go on from. */
  end(why: string): void;
}

/**
 * A consumer's end of its group: who it is there, and what it may commit. How it comes to own
 * partitions is the matter of the protocol: `membership.ts` (classic), `modern-membership.ts`.
 */
export abstract class GroupMember {
  memberId = '';
  /** Generation of a classic group, or epoch of the member; -1 outside of one. */
  generation = -1;
  /** What was owned is not ours any more, and must not be committed. */
  lost = false;
  /** An error that ends the application in its next call. */
  fatal: ErrorName | undefined = undefined;
  protected readonly host: Host;
  protected readonly pollExceeded: NameId;

  constructor(host: Host) {
    this.host = host;
    this.pollExceeded = host.out.names.id('poll.interval.exceeded');
  }

  /** The client has fresh metadata. */
  onMetadata(): void {}

  /** The consumer is complete: its threads may begin. */
  abstract start(): void;

  protected countFenced(): void {
    this.host.out.count(this.host.out.names.id('members.fenced'));
  }

  /** The next poll() has something to do about the group. */
  abstract readonly pending: boolean;
  /** Does it; true when poll() may hand out records meanwhile. */
  abstract takePart(): Program<boolean>;
  /** In the middle of a rebalance nothing can be committed. */
  abstract readonly rebalancing: boolean;
  /** An answer says that this member is not what it thinks it is. */
  abstract reject(error: ErrorName): void;
  /** Says goodbye, if there is somebody to say it to; nobody waits for the answer. */
  abstract leave(): void;
  abstract onHeartbeatTimer(): void;
  abstract onHeartbeat(data: unknown, response: ClientResponse): void;
  abstract onHeartbeatLost(): void;
  /** Is a commit with this error lost for good? */
  protected abstract isFinal(error: ErrorName): boolean;

  /** Commits without waiting, once; false when it cannot be sent now. */
  commitAsync(offsets: readonly Committed[], then?: () => void): boolean {
    const { client, link } = this.host;
    const coordinator = link.now();
    if (coordinator < 0 || !this.#mayCommit) return false;
    const request = this.#commitRequest(coordinator, offsets);
    client.send(coordinator, Kind.commit, request, link.groupName, then);
    return true;
  }

  /** Whoever is in no group, or between two generations, is refused by his own client. */
  get #mayCommit(): boolean {
    return this.generation >= 0 && !this.rebalancing;
  }

  #commitRequest(coordinator: BrokerIndex, offsets: readonly Committed[]): ClientRequest {
    const { client, link, groupInstance: instance } = this.host;
    const correlation = client.next(coordinator, Kind.commit);
    const { generation, memberId: member } = this;
    const { group } = link;
    return {
      type: 'OffsetCommitRequest',
      correlation,
      group,
      generation,
      member,
      instance,
      offsets,
    };
  }

  /** commitSync(): tries until it is accepted, refused for good, or too late. */
  *commitSync(offsets: readonly Committed[], timeout: Micros): Program<boolean> {
    const { link, out, thread } = this.host;
    const deadline = out.clock + timeout;
    for (let failures = 1; ; failures++) {
      const coordinator = yield* link.reach(thread);
      // Meanwhile the heartbeat thread may have left the group.
      if (!this.#mayCommit) return false;
      if (coordinator >= 0) {
        const request = this.#commitRequest(coordinator, offsets);
        const reply = yield* thread.call(Kind.commit, coordinator, request, link.groupName);
        const error = reply?.type === 'OffsetCommitResponse' ? reply.error : undefined;
        if (error === 'NONE') return true;
        if (error !== undefined) this.reject(error);
        else link.forget();
        if (error !== undefined && this.isFinal(error)) return false;
        yield* link.pause(failures);
      }
      if (out.clock >= deadline) return false;
    }
  }
}
