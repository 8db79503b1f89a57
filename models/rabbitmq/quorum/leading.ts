import type { BrokerIndex } from '../queue.ts';
import type { RaftHost } from './raft-host.ts';
import type { Entry, RaftLog } from './raft-log.ts';
import type { AppendEntriesReply } from './raft-protocol.ts';

/** Entries in one message (`append_entries_rpc_batch_size`). */
const BATCH = 128;
/** Sends of one index beyond this are those after a step back. */
const REWINDS = 100_000;

interface Peer {
  next: number;
  match: number;
  /** Commit index as told last. */
  commit: number;
  /** Highest index sent, and how often; sends after a step back are counted apart. */
  sentUpTo: number;
  sends: number;
  rewinds: number;
  /** It has answered since the last tick. */
  answered: boolean;
}

/** What a leader knows of the others, for one term, and what it sends them. */
export class Leading<Command, State> {
  readonly #host: RaftHost<Command, State>;
  readonly #log: RaftLog<Command, State>;
  readonly #term: number;
  readonly #peers: ReadonlyMap<BrokerIndex, Peer>;

  constructor(host: RaftHost<Command, State>, log: RaftLog<Command, State>) {
    this.#host = host;
    this.#log = log;
    this.#term = log.meta.term;
    const next = log.lastIndex + 1;
    const others = host.members.filter((member) => member !== host.self);
    this.#peers = new Map(
      others.map((peer) => [
        peer,
        { next, match: 0, commit: 0, sentUpTo: 0, sends: 0, rewinds: 0, answered: true },
      ]),
    );
  }

  /** What a majority has on stable storage. */
  get agreed(): number {
    const matches = [this.#log.written];
    for (const { match } of this.#peers.values()) matches.push(match);
    matches.sort((a, b) => b - a);
    return matches[majorityOf(matches.length) - 1];
  }

  /** New entries go out at once, beside the leader's own fsync. */
  sendEntries(commitIndex: number): void {
    for (const [peer, state] of this.#peers) {
      while (state.next <= this.#log.lastIndex) this.#send(peer, state, commitIndex);
    }
  }

  /** Those who have all entries hear what is committed. */
  sendCommit(commitIndex: number): void {
    for (const [peer, state] of this.#peers) {
      const hasAll = state.next > this.#log.lastIndex;
      if (hasAll && state.commit < commitIndex) this.#send(peer, state, commitIndex);
    }
  }

  /** Looks after those who have not answered, and shows all that there is a leader. */
  tick(commitIndex: number): void {
    for (const [peer, state] of this.#peers) {
      if (!state.answered) state.next = Math.min(state.next, state.match + 1);
      state.answered = false;
      this.#send(peer, state, commitIndex);
    }
  }

  /** Shows itself to one that asked whether there is a leader. */
  show(to: BrokerIndex, commitIndex: number): void {
    const state = this.#peers.get(to);
    if (state !== undefined) this.#send(to, state, commitIndex);
  }

  onReply(from: BrokerIndex, reply: AppendEntriesReply, commitIndex: number): void {
    const state = this.#peers.get(from);
    if (state === undefined) return;
    state.answered = true;
    if (!reply.success) {
      // It lacks what comes before, or what it has there is not the leader's. One that has less
      // than it has said it had has lost its disk.
      state.match = Math.min(state.match, reply.nextIndex - 1);
      state.next = Math.min(state.next, reply.nextIndex);
      return this.#send(from, state, commitIndex);
    }
    state.match = Math.max(state.match, reply.lastIndex);
    state.next = Math.max(state.next, state.match + 1);
    while (state.next <= this.#log.lastIndex) this.#send(from, state, commitIndex);
  }

  /** One message: entries from `next` on, or none; or a snapshot, when they are gone. */
  #send(peer: BrokerIndex, state: Peer, commitIndex: number): void {
    const log = this.#log;
    if (state.next < log.firstIndex) return this.#sendSnapshot(peer, state);
    const prevIndex = state.next - 1;
    const entries: Entry<Command>[] = [];
    while (entries.length < BATCH && state.next <= log.lastIndex) {
      entries.push(log.get(state.next++));
    }
    state.commit = commitIndex;
    const nr = state.next - 1;
    const attempt = this.#attempt(state, nr);
    const { queue } = this.#host;
    const prevTerm = log.termAt(prevIndex);
    const at = { queue, term: this.#term, prevIndex, prevTerm, commitIndex, nr, attempt };
    this.#host.send(peer, { type: 'append_entries_rpc', entries, ...at }, nr, attempt);
  }

  /** Tells sends of one index in one term apart. */
  #attempt(state: Peer, nr: number): number {
    const term = this.#term * 2 * REWINDS;
    if (nr < state.sentUpTo) return term + REWINDS + ++state.rewinds;
    state.sends = nr === state.sentUpTo ? state.sends + 1 : 1;
    state.sentUpTo = nr;
    return term + state.sends;
  }

  #sendSnapshot(peer: BrokerIndex, state: Peer): void {
    const { snapshot } = this.#log;
    if (snapshot === undefined) return;
    state.next = snapshot.index + 1;
    const nr = snapshot.index;
    const attempt = this.#term * 2 * REWINDS + ++state.rewinds;
    const { queue } = this.#host;
    const type = 'install_snapshot_rpc';
    this.#host.send(peer, { type, queue, term: this.#term, snapshot, nr, attempt }, nr, attempt);
  }
}

export function majorityOf(members: number): number {
  return Math.floor(members / 2) + 1;
}
