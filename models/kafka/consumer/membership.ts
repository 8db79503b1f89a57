import { assert } from '../../../sim/kernel/assert.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import { Kind } from '../client/network-client.ts';
import type { ClientResponse, ErrorName, JoinGroupResponse, PartitionIndex } from '../protocol.ts';
import { partitionsKnown } from '../client/partitions.ts';
import { assign, ASSIGNORS, isCooperative } from './assignor.ts';
import { GroupMember, type Host } from './group-member.ts';
import { Heartbeat } from './heartbeat.ts';
import { CLASSIC_MEMBER, type ClassicPhase } from './states.ts';
import type { Thread } from './thread.ts';

/** JoinGroup may take this much longer than the rebalance itself. */
const JOIN_SLACK: Micros = seconds(5);

/**
 * The client's end of a classic group: joins, syncs, heartbeats. Source: `AbstractCoordinator`,
 * `ConsumerCoordinator`, Kafka 3.9.
 *
 * Eager assignors (the default): everything is revoked, and poll() waits until the group has been
 * assigned anew. Cooperative ones (KIP-429): the join runs in the background, poll() goes on
 * handing out what is owned, and what has to move is revoked after the assignment, then joined for
 * again.
 */
export class Membership extends GroupMember {
  phase: ClassicPhase = 'unjoined';
  /** The next poll() takes part in a rebalance. */
  rejoinNeeded = true;
  readonly #cooperative: boolean;
  /** As leader of the group: how many partitions it dealt out; -1: another one leads. */
  #watched = -1;
  readonly #heartbeat: Heartbeat;
  /** onJoinPrepare was called for the rebalance that is under way. */
  #prepared = false;
  /** Commits before the revocation without standing still; see KAFKA-14196. */
  #revocation: 'none' | 'committing' | 'committed' = 'none';
  /** A join runs in the background, or has run and given this. */
  #joining = false;
  #assigned: readonly PartitionIndex[] | undefined = undefined;
  /** What the last completed rebalance gave, and in which generation: the claims of the next. */
  #claimed: readonly PartitionIndex[] = [];
  #claimedIn = -1;

  constructor(host: Host, timerCode: number) {
    super(host);
    this.#heartbeat = new Heartbeat(host, this, timerCode);
    this.#cooperative = host.config.assignors.every(isCooperative);
  }

  start(): void {
    if (this.#cooperative) this.host.background.task.start(this.#joiner());
  }

  /** Only the group's leader looks whether partitions were added; then it joins again. */
  override onMetadata(): void {
    const { layout, metadata, topic } = this.host;
    if (this.#watched < 0 || this.phase !== 'stable') return;
    if (partitionsKnown(layout, metadata, topic).length !== this.#watched) this.rejoinNeeded = true;
  }

  get pending(): boolean {
    const joined = this.#joining || this.#assigned !== undefined;
    return this.rejoinNeeded || this.lost || joined || this.fatal !== undefined;
  }

  get rebalancing(): boolean {
    return this.phase !== 'stable';
  }

  #become(next: ClassicPhase, why: string): void {
    const from = this.phase;
    assert(CLASSIC_MEMBER[from].includes(next), `member: ${from} -> ${next} is legal`);
    this.host.out.became(this.host.name, from, next, why);
    this.phase = next;
  }

  // --- Taking part in a rebalance, inside poll() ---

  *takePart(): Program<boolean> {
    if (this.fatal !== undefined) this.host.end(this.fatal);
    if (this.#cooperative) return yield* this.#goOnAndJoin();
    return yield* this.#standStillAndJoin();
  }

  /** Eager: owns nothing until the next assignment. */
  *#standStillAndJoin(): Program<boolean> {
    if (!this.#prepared) {
      if (!this.lost && this.#mayHandOutFirst()) return true;
      this.#prepared = true;
      yield* this.#revokeAll();
    }
    this.lost = false;
    const partitions = yield* this.#join(this.host.thread);
    if (partitions === undefined || this.lost) return false;
    this.#prepared = false;
    this.#claim(partitions);
    this.host.ownership.assign(partitions);
    return false;
  }

  *#revokeAll(): Program {
    const { ownership } = this.host;
    if (!this.lost && this.#revocation === 'none') yield* ownership.commitHandedOut();
    this.#revocation = 'none';
    if (this.lost) ownership.lose();
    else yield* ownership.revoke(ownership.owned);
  }

  /** KAFKA-14196: the commit before the revocation was awaited while poll() went on. */
  #mayHandOutFirst(): boolean {
    const { layout, ownership, thread } = this.host;
    const { revocationCommitIsAwaited, handsOutNothingBeforeRevocation } = layout.rules;
    if (!revocationCommitIsAwaited || handsOutNothingBeforeRevocation) return false;
    if (this.#revocation === 'none' && ownership.commitsBeforeRebalance) {
      const answered = () => {
        this.#revocation = 'committed';
        thread.wake();
      };
      if (this.commitAsync(ownership.positions(), answered)) this.#revocation = 'committing';
    }
    return this.#revocation === 'committing';
  }

  /** Cooperative: joins in the background, and takes what that has come to. */
  *#goOnAndJoin(): Program<boolean> {
    const { ownership, background } = this.host;
    if (this.lost) {
      this.lost = false;
      this.#assigned = undefined;
      ownership.lose();
    }
    const assigned = this.#assigned;
    if (assigned !== undefined) {
      this.#assigned = undefined;
      yield* this.#complete(assigned);
      return false;
    }
    if (this.#joining) return true;
    if (!this.#prepared) {
      this.#prepared = true;
      yield* ownership.commitHandedOut();
      if (this.lost) return false;
    }
    this.#joining = true;
    background.wake();
    return true;
  }

  *#joiner(): Program {
    const { background, thread } = this.host;
    for (;;) {
      while (!this.#joining) yield* background.idle();
      const assigned = yield* this.#join(background);
      this.#joining = false;
      if (assigned !== undefined) this.#assigned = assigned;
      thread.wake();
    }
  }

  /** Gives up what moves away, and if there was any joins again so that it can be given away. */
  *#complete(assigned: readonly PartitionIndex[]): Program {
    const { ownership } = this.host;
    this.#prepared = false;
    const { owned } = ownership;
    const revoked = owned.filter((p) => !assigned.includes(p));
    if (revoked.length > 0) {
      yield* ownership.revoke(revoked);
      this.rejoinNeeded = true;
      if (this.lost) return;
    }
    this.#claim(assigned);
    ownership.assign(assigned.filter((p) => !owned.includes(p)));
  }

  #claim(partitions: readonly PartitionIndex[]): void {
    this.#claimed = partitions;
    this.#claimedIn = this.generation;
  }

  // --- Joining ---

  /**
   * One attempt to become a member of the next generation. The partitions assigned, or undefined
   * when it has to be tried again.
   */
  *#join(thread: Thread): Program<readonly PartitionIndex[] | undefined> {
    const { client, config, link, ownership, groupInstance: instance } = this.host;
    const coordinator = yield* link.reach(thread);
    if (coordinator < 0) return undefined;
    this.#become('joining', this.memberId === '' ? 'new' : 'rebalance');
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
        instance,
        client: this.host.name,
        sessionTimeout,
        rebalanceTimeout,
        protocols: assignors.filter((name) => name in ASSIGNORS),
        topic: this.host.topic,
        owned: this.#cooperative ? ownership.owned : this.#claimed,
        ownedIn: this.#claimedIn,
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
    this.#become('syncing', `generation ${joined.generation}`);
    return yield* this.#sync(thread, coordinator, joined);
  }

  *#sync(
    thread: Thread,
    coordinator: number,
    joined: JoinGroupResponse,
  ): Program<readonly PartitionIndex[] | undefined> {
    const { client, config, layout, link, groupInstance: instance } = this.host;
    const leads = joined.leader === joined.member && !joined.skipAssignment;
    const { metadata, topic: own } = this.host;
    const partitionsOf = (topic: string) => partitionsKnown(layout, metadata, topic);
    this.#watched = leads ? partitionsOf(own).length : -1;
    const { protocol, members } = joined;
    const assignments = leads ? assign(protocol, members, partitionsOf, layout.rules) : [];
    if (assignments === undefined) {
      // The assignor throws, and an application that goes on polling joins again.
      this.host.out.count(this.host.out.names.id('assignment.errors'));
      yield* this.#failed('INCONSISTENT_GROUP_PROTOCOL');
      return undefined;
    }
    const synced = yield* thread.call(
      Kind.sync,
      coordinator,
      {
        type: 'SyncGroupRequest',
        correlation: client.next(coordinator, Kind.sync),
        group: link.group,
        generation: this.generation,
        member: this.memberId,
        instance,
        assignments,
      },
      link.groupName,
      Math.max(config.requestTimeout, config.maxPollInterval + JOIN_SLACK),
    );
    if (synced?.type !== 'SyncGroupResponse' || synced.error !== 'NONE') {
      yield* this.#failed(synced?.type === 'SyncGroupResponse' ? synced.error : undefined);
      return undefined;
    }
    this.#become('stable', `${synced.partitions.length} partitions`);
    if (!this.#cooperative) this.lost = false;
    this.#heartbeat.start();
    return synced.partitions;
  }

  /** A step of the rebalance failed: what is kept for the next try depends on the error. */
  *#failed(error: ErrorName | undefined): Program {
    this.rejoinNeeded = true;
    this.#become('unjoined', error ?? 'no answer');
    switch (error) {
      case 'REBALANCE_IN_PROGRESS':
        return;
      case 'UNKNOWN_MEMBER_ID':
        this.memberId = '';
        return this.#forgetGeneration();
      case 'ILLEGAL_GENERATION':
        return this.#forgetGeneration();
      case 'FENCED_INSTANCE_ID':
        return this.#fence(error);
      case 'INCONSISTENT_GROUP_PROTOCOL':
        return yield* this.host.link.pause(1);
      default:
        this.host.link.forget();
        yield* this.host.link.pause(1);
    }
  }

  /** KAFKA-12983: a member that starts over while it joins has lost what it kept. */
  #forgetGeneration(): void {
    this.generation = -1;
    if (!this.#cooperative || !this.host.layout.rules.preparesAfterReset) return;
    this.lost = true;
    this.#prepared = false;
  }

  #fence(error: ErrorName): void {
    this.countFenced();
    this.fatal = error;
  }

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
      case 'FENCED_INSTANCE_ID':
        this.#fence(error);
        break;
      default:
        this.host.link.forget();
    }
    this.host.thread.wake();
  }

  // --- The heartbeat thread ---

  onHeartbeatTimer(): void {
    this.#heartbeat.onTimer();
  }

  onHeartbeat(generation: unknown, response: ClientResponse): void {
    this.#heartbeat.onResponse(generation as number, response);
  }

  onHeartbeatLost(): void {
    this.#heartbeat.onLost();
  }

  /** The application thread is not interrupted: it learns of this when it next polls or commits. */
  leaveLate(): void {
    this.host.out.count(this.pollExceeded);
    this.leave();
    this.#become('unjoined', 'max.poll.interval.ms');
    this.memberId = '';
    this.generation = -1;
    this.rejoinNeeded = true;
    this.lost = true;
  }

  /** A static member never says goodbye: its partitions wait for it (KIP-345). */
  leave(): void {
    if (this.memberId === '' || this.host.groupInstance !== '') return;
    const { client, link } = this.host;
    const coordinator = link.now();
    if (coordinator < 0) return;
    const correlation = client.next(coordinator, Kind.leave);
    const { group, groupName } = link;
    const member = this.memberId;
    const request = { type: 'LeaveGroupRequest', correlation, group, member } as const;
    client.send(coordinator, Kind.leave, request, groupName, undefined);
  }

  protected isFinal(error: ErrorName): boolean {
    return FINAL.has(error);
  }
}

/** Errors after which the partitions are not this member's to commit. */
const FINAL: ReadonlySet<ErrorName> = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
]);
