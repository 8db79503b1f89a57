import { assert } from '../../../sim/kernel/assert.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { Kind } from '../client/network-client.ts';
import type {
  ClientResponse,
  ConsumerGroupHeartbeatResponse,
  ErrorName,
  PartitionIndex,
} from '../protocol.ts';
import { GroupMember, type Host } from './group-member.ts';
import { MODERN_MEMBER, type ModernPhase } from './states.ts';

/** Member epochs that say something else than how far a member has got. */
export const JOIN_EPOCH = 0;
export const LEAVE_EPOCH = -1;
export const STATIC_LEAVE_EPOCH = -2;

/**
 * The client's end of a group of KIP-848: heartbeats in the background say what is owned and bring
 * what is to be owned; the application thread gives up and takes in its poll(), as it does with a
 * rebalance listener. Source: `ConsumerMembershipManager`, `ConsumerHeartbeatRequestManager`, 4.0.
 */
export class ModernMembership extends GroupMember {
  phase: ModernPhase = 'UNSUBSCRIBED';
  readonly #timerCode: number;
  /** What the coordinator wants us to own. */
  #target: readonly PartitionIndex[] = [];
  /** `owned` as it was last said to the coordinator; undefined: say it anew. */
  #said: string | undefined = undefined;
  #interval: Micros = 0;
  #beating = false;
  #timer: Handle = NO_HANDLE;

  constructor(host: Host, timerCode: number) {
    super(host);
    this.#timerCode = timerCode;
    if (host.layout.rules.membersNameThemselves) this.memberId = `${host.name}-${host.life}`;
  }

  start(): void {
    this.#join('subscribed');
  }

  #become(next: ModernPhase, why: string): void {
    const from = this.phase;
    assert(MODERN_MEMBER[from].includes(next), `member: ${from} -> ${next} is legal`);
    this.host.out.became(this.host.name, from, next, why);
    this.phase = next;
  }

  get pending(): boolean {
    const { phase } = this;
    const fallen = phase === 'FENCED' || phase === 'STALE' || phase === 'FATAL';
    return fallen || phase === 'RECONCILING';
  }

  /** Commits go on while partitions change hands. */
  readonly rebalancing = false;

  // --- Inside poll() ---

  *takePart(): Program<boolean> {
    const { ownership } = this.host;
    switch (this.phase) {
      case 'FATAL':
        this.host.end(this.fatal ?? 'fatal');
        return false;
      case 'FENCED':
      case 'STALE':
        ownership.lose();
        this.lost = false;
        this.#join('after losing everything');
        return false;
      case 'RECONCILING':
        yield* this.#reconcile();
        return false;
      default:
        return true;
    }
  }

  /** Commits, gives up what it may keep no longer, says so, and takes what it is given. */
  *#reconcile(): Program {
    const { ownership } = this.host;
    const target = this.#target;
    const { owned } = ownership;
    const revoked = owned.filter((p) => !target.includes(p));
    if (revoked.length > 0) {
      yield* ownership.commitHandedOut();
      if (this.phase === 'RECONCILING') yield* ownership.revoke(revoked);
    }
    // Fenced meanwhile, or told something newer.
    if (this.phase !== 'RECONCILING') return;
    const added = target.filter((p) => !owned.includes(p));
    if (added.length > 0) ownership.assign(added);
    this.#become('ACKNOWLEDGING', `owns ${target.length} partitions`);
    if (this.#target !== target) this.#become('RECONCILING', 'a newer assignment');
    this.#beat();
  }

  // --- Heartbeats ---

  #join(why: string): void {
    this.#become('JOINING', why);
    this.generation = JOIN_EPOCH;
    this.#said = undefined;
    this.#target = [];
    this.#beat();
  }

  /** Sends a heartbeat, or sees to it that it is tried again. */
  #beat(): void {
    const { client, config, link, out, topic, name, groupInstance: instance } = this.host;
    out.cancel(this.#timer);
    this.#timer = NO_HANDLE;
    if (this.#beating) return;
    const coordinator = link.now();
    if (coordinator < 0) {
      this.#timer = out.timer(config.retry.base, this.#timerCode);
      return;
    }
    this.#beating = true;
    const { owned } = this.host.ownership;
    const words = owned.join();
    const news = this.#said !== words || this.generation === JOIN_EPOCH;
    this.#said = words;
    client.send(
      coordinator,
      Kind.groupHeartbeat,
      {
        type: 'ConsumerGroupHeartbeatRequest',
        correlation: client.next(coordinator, Kind.groupHeartbeat),
        group: link.group,
        member: this.memberId,
        epoch: this.generation,
        instance,
        client: name,
        rebalanceTimeout: config.maxPollInterval,
        topic,
        assignor: config.remoteAssignor,
        owned: news ? owned : undefined,
      },
      link.groupName,
      this.generation,
    );
    if (this.phase === 'ACKNOWLEDGING') this.#become('STABLE', 'acknowledged');
  }

  onHeartbeatTimer(): void {
    this.#timer = NO_HANDLE;
    const { phase } = this;
    if (phase === 'FATAL' || phase === 'FENCED' || phase === 'STALE') return;
    const { config, out, polling, lastPoll } = this.host;
    if (!polling && out.clock - lastPoll >= config.maxPollInterval) return this.#leaveLate();
    this.#beat();
    if (this.#timer === NO_HANDLE) this.#schedule();
  }

  /** The next one by the coordinator's interval, earlier when poll() would be late before. */
  #schedule(): void {
    const { config, out, polling, lastPoll } = this.host;
    out.cancel(this.#timer);
    let wait = this.#interval > 0 ? this.#interval : config.retry.base;
    if (!polling) wait = Math.min(wait, Math.max(1, lastPoll + config.maxPollInterval - out.clock));
    this.#timer = out.timer(wait, this.#timerCode);
  }

  onHeartbeat(epoch: unknown, response: ClientResponse): void {
    // Nobody waits for the answer to a goodbye.
    if (response.type !== 'ConsumerGroupHeartbeatResponse' || epoch === undefined) return;
    this.#beating = false;
    if (epoch !== this.generation || this.phase === 'STALE') return this.#schedule();
    if (response.error !== 'NONE') return this.#refused(response.error);
    this.memberId = response.member;
    this.generation = response.epoch;
    this.#interval = response.interval;
    this.#hear(response);
    if (this.phase === 'ACKNOWLEDGING') this.#beat();
    this.#schedule();
    this.host.thread.wake();
  }

  #hear({ assignment, epoch }: ConsumerGroupHeartbeatResponse): void {
    if (assignment !== undefined) {
      this.#target = assignment;
      const { owned } = this.host.ownership;
      const same = owned.length === assignment.length && owned.every((p) => assignment.includes(p));
      if (same) {
        if (this.phase === 'JOINING') this.#become('STABLE', `epoch ${epoch}`);
        return;
      }
      if (this.phase !== 'RECONCILING') this.#become('RECONCILING', `epoch ${epoch}`);
    } else if (this.phase === 'JOINING') this.#become('STABLE', `epoch ${epoch}`);
  }

  #refused(error: ErrorName): void {
    const { out, link, config } = this.host;
    switch (error) {
      case 'FENCED_MEMBER_EPOCH':
      case 'UNKNOWN_MEMBER_ID':
        this.reject(error);
        return;
      case 'FENCED_INSTANCE_ID':
      case 'UNRELEASED_INSTANCE_ID':
        this.reject(error);
        return;
      default:
        this.#said = undefined;
        if (error !== 'COORDINATOR_LOAD_IN_PROGRESS') link.forget();
        out.cancel(this.#timer);
        this.#timer = out.timer(config.retry.base, this.#timerCode);
    }
  }

  /** No answer: what was said may not have been heard, so everything is said again. */
  onHeartbeatLost(): void {
    const { config, link, out } = this.host;
    this.#beating = false;
    this.#said = undefined;
    link.forget();
    out.cancel(this.#timer);
    this.#timer = out.timer(config.retry.base, this.#timerCode);
  }

  reject(error: ErrorName): void {
    const { link, thread } = this.host;
    switch (error) {
      case 'FENCED_MEMBER_EPOCH':
      case 'UNKNOWN_MEMBER_ID':
        if (this.phase === 'FENCED' || this.phase === 'STALE') break;
        this.countFenced();
        this.#fall('FENCED', error);
        break;
      case 'FENCED_INSTANCE_ID':
      case 'UNRELEASED_INSTANCE_ID':
        this.countFenced();
        this.fatal = error;
        this.#fall('FATAL', error);
        break;
      case 'STALE_MEMBER_EPOCH':
        break; // The newest epoch is on its way, or known already: tried again with that.
      default:
        link.forget();
    }
    thread.wake();
  }

  #fall(to: 'FENCED' | 'FATAL', why: string): void {
    this.#become(to, why);
    this.generation = -1;
    this.lost = true;
    this.host.out.cancel(this.#timer);
    this.#timer = NO_HANDLE;
  }

  /** The application thread is not interrupted: it learns of this when it next polls or commits. */
  #leaveLate(): void {
    this.host.out.count(this.pollExceeded);
    this.leave();
    if (this.phase === 'LEAVING') this.#become('STALE', 'max.poll.interval.ms');
    this.generation = -1;
    this.lost = true;
  }

  /** Epoch -1, or -2 for a static member, which means to come back. */
  leave(): void {
    const { phase } = this;
    const away = phase === 'STALE' || phase === 'FENCED' || phase === 'LEAVING';
    if (away || phase === 'FATAL' || phase === 'UNSUBSCRIBED') return;
    this.#become('LEAVING', 'leaves');
    const { client, config, link, topic, name, groupInstance: instance } = this.host;
    const coordinator = link.now();
    if (coordinator < 0 || this.generation <= JOIN_EPOCH) return;
    client.send(
      coordinator,
      Kind.groupHeartbeat,
      {
        type: 'ConsumerGroupHeartbeatRequest',
        correlation: client.next(coordinator, Kind.groupHeartbeat),
        group: link.group,
        member: this.memberId,
        epoch: instance === '' ? LEAVE_EPOCH : STATIC_LEAVE_EPOCH,
        instance,
        client: name,
        rebalanceTimeout: config.maxPollInterval,
        topic,
        assignor: config.remoteAssignor,
        owned: undefined,
      },
      link.groupName,
      undefined,
    );
  }

  protected isFinal(error: ErrorName): boolean {
    return error !== 'STALE_MEMBER_EPOCH' && FINAL.has(error);
  }
}

/** Errors after which the partitions are not this member's to commit. */
const FINAL: ReadonlySet<ErrorName> = new Set([
  'UNKNOWN_MEMBER_ID',
  'FENCED_MEMBER_EPOCH',
  'FENCED_INSTANCE_ID',
]);
