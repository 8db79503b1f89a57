import type { Micros } from '../../../sim/kernel/time.ts';
import type { BrokerIndex } from '../queue.ts';
import type { Entry } from './raft-log.ts';
import type { RaftMessage } from './raft-protocol.ts';

/** What a member may use, and what it tells. */
export interface RaftHost<Command, State> {
  readonly self: BrokerIndex;
  readonly members: readonly BrokerIndex[];
  readonly queue: number;
  /** Clock of this node, and virtual time. */
  readonly clock: Micros;
  readonly now: Micros;
  send(to: BrokerIndex, message: RaftMessage<Command, State>, nr: number, attempt: number): void;
  /** Starts an fsync of the log; `onSynced` is called when it has ended. */
  sync(): void;
  /** A leader was heard; or (`soon`) is known to be gone. `onElectionTimeout` follows silence. */
  awaitLeader(soon: boolean): void;
  /** A committed entry, in order; `leads`: its effects are this member's to see to. */
  apply(entry: Entry<Command>, leads: boolean): void;
  /** Another state takes the place of what was applied so far. */
  restore(state: State): void;
  /** The state as it is now, for a snapshot. */
  capture(): State;
  became(from: Standing, to: Standing, why: string): void;
  /** For the audit. */
  elected(term: number, voters: readonly BrokerIndex[]): void;
  follows(entry: Entry<Command>): void;
}

export type Standing = 'follower' | 'pre_vote' | 'candidate' | 'leader';
