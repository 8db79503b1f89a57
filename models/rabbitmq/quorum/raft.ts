import type { BrokerIndex } from '../queue.ts';
import { Leading, majorityOf } from './leading.ts';
import type { RaftHost, Standing } from './raft-host.ts';
import type { Entry, RaftLog } from './raft-log.ts';
import type {
  AppendEntriesReply,
  AppendEntriesRpc,
  InstallSnapshotRpc,
  RaftMessage,
  VoteResult,
  VoteRpc,
} from './raft-protocol.ts';

/**
 * One member of a Raft group as `ra` has it: pre-votes, terms, a log that counts once it is synced,
 * entries sent before the leader's own fsync has ended, no change of members. A leader is missed
 * when it has been silent for long, or its node is seen to go.
 */
export class Raft<Command, State> {
  readonly #host: RaftHost<Command, State>;
  readonly log: RaftLog<Command, State>;
  standing: Standing = 'follower';
  /** Whom this member follows, or itself; -1: nobody known. */
  leader: BrokerIndex = -1;
  commitIndex = 0;
  applied = 0;
  /** Only while it leads. */
  #leading: Leading<Command, State> | undefined;
  #votes = new Set<BrokerIndex>();
  /** Pre-votes tried in this life. */
  #round: number;
  #isSyncing = false;
  /** What a follower answers once its log is synced so far. */
  #unanswered: (Labelled & { readonly to: BrokerIndex; readonly last: number })[] = [];

  /** `boot` tells the lives of a member apart: its tries of a pre-vote are numbered by it. */
  constructor(host: RaftHost<Command, State>, log: RaftLog<Command, State>, boot: number) {
    this.#host = host;
    this.log = log;
    this.#round = boot * 1000;
  }

  /** Takes up what the disk has. What was applied was committed, and its effects seen to. */
  recover(): void {
    const { log } = this;
    const { snapshot } = log;
    if (snapshot !== undefined) {
      this.#host.restore(snapshot.state);
      this.applied = snapshot.index;
    }
    this.commitIndex = Math.max(this.applied, Math.min(log.applied, log.lastIndex));
    this.#applyCommitted(false);
  }

  get term(): number {
    return this.log.meta.term;
  }

  get isLeader(): boolean {
    return this.standing === 'leader';
  }

  /** The leader takes a command. */
  command(command: Command): Entry<Command> {
    const { log } = this;
    const index = log.lastIndex + 1;
    const time = this.#host.clock;
    const entry = { index, term: this.term, before: log.lastTerm, time, command, told: 0 };
    log.append(entry, this.#host.now);
    this.#startSync();
    this.#leading?.sendEntries(this.commitIndex);
    // Alone, and without an fsync to wait for.
    if (log.written === index) this.#advance();
    return entry;
  }

  onMessage(from: BrokerIndex, message: RaftMessage<Command, State>): void {
    const isPreVote = message.type === 'pre_vote_rpc' || message.type === 'pre_vote_result';
    if (!isPreVote && message.term > this.term) this.#stepDown(message.term, 'a higher term');
    switch (message.type) {
      case 'append_entries_rpc':
        return this.#onEntries(from, message);
      case 'append_entries_reply':
        return this.#onReply(from, message);
      case 'pre_vote_rpc':
        return this.#onPreVote(from, message);
      case 'request_vote_rpc':
        return this.#onRequestVote(from, message);
      case 'pre_vote_result':
      case 'request_vote_result':
        return this.#onVote(from, message);
      case 'install_snapshot_rpc':
        return this.#onSnapshot(from, message);
    }
  }

  // --- The log and its fsync: one at a time, for all that was written when it began ---

  #startSync(): void {
    if (this.#isSyncing || this.log.written >= this.log.lastIndex) return;
    this.#isSyncing = true;
    this.log.syncs();
    this.#host.sync();
  }

  onSynced(): void {
    this.#isSyncing = false;
    this.log.synced();
    if (this.isLeader) this.#advance();
    else this.#answer();
    this.#startSync();
  }

  #applyCommitted(leads: boolean): void {
    if (this.applied >= this.commitIndex) return;
    while (this.applied < this.commitIndex) {
      this.applied++;
      this.#host.apply(this.log.get(this.applied), leads);
    }
    if (this.log.applied < this.applied) this.log.applied = this.applied;
  }

  /** Puts all that was applied into a snapshot. */
  compact(): void {
    if (this.applied >= this.log.firstIndex) this.log.compact(this.#host.capture(), this.applied);
  }

  // --- Leading ---

  /** Once a second: looks after followers, and shows them that there is a leader. */
  tick(): void {
    this.#leading?.tick(this.commitIndex);
  }

  #onReply(from: BrokerIndex, reply: AppendEntriesReply): void {
    if (reply.term < this.term || this.#leading === undefined) return;
    this.#leading.onReply(from, reply, this.commitIndex);
    this.#advance();
  }

  /** Commits what a majority has on stable storage, if it is of this term. */
  #advance(): void {
    const index = this.#leading?.agreed ?? 0;
    if (index <= this.commitIndex || this.log.termAt(index) !== this.term) return;
    this.commitIndex = index;
    this.#applyCommitted(true);
    this.#leading?.sendCommit(this.commitIndex);
  }

  // --- Following ---

  #onEntries(from: BrokerIndex, rpc: AppendEntriesRpc<Command>): void {
    if (rpc.term < this.term) return this.#refuse(from, rpc, this.log.lastIndex + 1);
    this.#follow(from);
    const { log } = this;
    if (!this.#matches(rpc)) {
      return this.#refuse(from, rpc, Math.min(log.lastIndex + 1, rpc.prevIndex));
    }
    for (const entry of rpc.entries) {
      if (entry.index < log.firstIndex || this.has(entry)) continue;
      if (entry.index <= log.lastIndex) log.truncate(entry.index);
      this.#host.follows(entry);
      log.append(entry, this.#host.now);
    }
    const last = rpc.prevIndex + rpc.entries.length;
    if (Math.min(rpc.commitIndex, last) > this.commitIndex) {
      this.commitIndex = Math.min(rpc.commitIndex, last);
      this.#applyCommitted(false);
    }
    this.#unanswered.push({ to: from, nr: rpc.nr, attempt: rpc.attempt, last });
    this.#answer();
    this.#startSync();
  }

  /** Is it here already? What else stands in its place goes. */
  protected has({ index, term }: Entry<Command>): boolean {
    return this.log.termAt(index) === term;
  }

  /** Does this log have what the leader's has before the entries that it sends? */
  #matches({ prevIndex, prevTerm }: AppendEntriesRpc<Command>): boolean {
    return prevIndex < this.log.firstIndex - 1 || this.log.termAt(prevIndex) === prevTerm;
  }

  /** One answer for all that is on stable storage now. */
  #answer(): void {
    const waits = this.#unanswered;
    let ready = 0;
    while (ready < waits.length && waits[ready].last <= this.log.written) ready++;
    if (ready === 0) return;
    const rpc = waits[ready - 1];
    this.#unanswered = waits.slice(ready);
    this.#accept(rpc.to, rpc, rpc.last);
  }

  #accept(to: BrokerIndex, { nr, attempt }: Labelled, lastIndex: number): void {
    this.#reply(to, nr, attempt, { success: true, nextIndex: lastIndex + 1, lastIndex });
  }

  #refuse(to: BrokerIndex, { nr, attempt }: Labelled, nextIndex: number): void {
    this.#reply(to, nr, attempt, { success: false, nextIndex, lastIndex: 0 });
  }

  #reply(
    to: BrokerIndex,
    nr: number,
    attempt: number,
    body: { readonly success: boolean; readonly nextIndex: number; readonly lastIndex: number },
  ): void {
    const { queue } = this.#host;
    const type = 'append_entries_reply';
    this.#host.send(to, { type, queue, term: this.term, ...body }, nr, attempt);
  }

  #onSnapshot(from: BrokerIndex, rpc: InstallSnapshotRpc<State>): void {
    if (rpc.term < this.term) return this.#refuse(from, rpc, this.log.lastIndex + 1);
    this.#follow(from);
    const { snapshot } = rpc;
    if (snapshot.index > this.commitIndex) {
      this.log.install(snapshot);
      this.#host.restore(snapshot.state);
      this.applied = snapshot.index;
      this.commitIndex = snapshot.index;
    }
    this.#accept(from, rpc, snapshot.index);
  }

  #follow(leader: BrokerIndex): void {
    if (this.standing !== 'follower') this.#become('follower', 'a leader spoke');
    this.leader = leader;
    this.#host.awaitLeader(false);
  }

  #stepDown(term: number, why: string): void {
    this.#unanswered = [];
    this.log.meta = { term, votedFor: -1 };
    this.leader = -1;
    if (this.standing !== 'follower') this.#become('follower', why);
    this.#host.awaitLeader(false);
  }

  // --- Elections ---

  /** The leader's node has gone. */
  leaderLost(): void {
    if (this.isLeader) return;
    this.leader = -1;
    this.#host.awaitLeader(true);
  }

  /** No word of a leader in time: are there enough who would vote for this one? */
  onElectionTimeout(): void {
    if (this.isLeader) return;
    this.leader = -1;
    this.#become('pre_vote', 'no leader');
    this.#round++;
    this.#votes = new Set([this.#host.self]);
    this.#ask('pre_vote_rpc', this.#round);
    this.#host.awaitLeader(false);
    this.#count();
  }

  #ask(type: VoteRpc['type'], attempt: number): void {
    const { lastIndex, lastTerm } = this.log;
    const { queue } = this.#host;
    const rpc = { type, queue, term: this.term, lastIndex, lastTerm, round: this.#round };
    for (const peer of this.#others()) this.#host.send(peer, rpc, this.term, attempt);
  }

  #others(): BrokerIndex[] {
    return this.#host.members.filter((member) => member !== this.#host.self);
  }

  #onPreVote(from: BrokerIndex, { term, round, ...candidate }: VoteRpc): void {
    if (this.isLeader) {
      // There is a leader: it shows itself to whoever has missed it.
      if (term <= this.term) this.#leading?.show(from, this.commitIndex);
      return;
    }
    const granted = term >= this.term && this.isUpToDate(candidate);
    const type = 'pre_vote_result';
    const { queue } = this.#host;
    this.#host.send(from, { type, queue, term: this.term, round, granted }, term, round);
  }

  #onRequestVote(from: BrokerIndex, { term, round, ...candidate }: VoteRpc): void {
    const { votedFor } = this.log.meta;
    const isFree = term === this.term && (votedFor < 0 || votedFor === from);
    const granted = isFree && this.isUpToDate(candidate);
    if (granted) {
      this.log.meta = { term, votedFor: from };
      this.#host.awaitLeader(false);
    }
    const type = 'request_vote_result';
    const { queue } = this.#host;
    this.#host.send(from, { type, queue, term: this.term, round, granted }, term, 1);
  }

  protected isUpToDate({ lastIndex, lastTerm }: { lastIndex: number; lastTerm: number }): boolean {
    const { log } = this;
    if (lastTerm !== log.lastTerm) return lastTerm > log.lastTerm;
    return lastIndex >= log.lastIndex;
  }

  #onVote(from: BrokerIndex, { type, term, round, granted }: VoteResult): void {
    if (type === 'pre_vote_result') {
      if (term > this.term) return this.#stepDown(term, 'a higher term');
      if (this.standing !== 'pre_vote' || round !== this.#round) return;
    } else if (this.standing !== 'candidate' || term < this.term) return;
    if (granted) this.#votes.add(from);
    this.#count();
  }

  #count(): void {
    if (this.#votes.size < majorityOf(this.#host.members.length)) return;
    if (this.standing === 'candidate') return this.#lead();
    if (this.standing !== 'pre_vote') return;
    this.log.meta = { term: this.term + 1, votedFor: this.#host.self };
    this.#become('candidate', 'a majority would vote for it');
    this.#votes = new Set([this.#host.self]);
    this.#ask('request_vote_rpc', 1);
    this.#host.awaitLeader(false);
    this.#count();
  }

  #lead(): void {
    this.#become('leader', 'a majority voted for it');
    this.leader = this.#host.self;
    this.#leading = new Leading(this.#host, this.log);
    this.#unanswered = [];
    this.#host.elected(this.term, [...this.#votes]);
  }

  #become(to: Standing, why: string): void {
    const from = this.standing;
    if (from === to) return;
    if (from === 'leader') this.#leading = undefined;
    this.standing = to;
    this.#host.became(from, to, why);
  }
}

/** What a reply takes its causal name from. */
interface Labelled {
  readonly nr: number;
  readonly attempt: number;
}
