import type { QueueMessage } from '../protocol.ts';
import type { Entry, Snapshot } from './raft-log.ts';

/** What members of a Raft group say to each other, named as in `ra.hrl`. */
export interface VoteRpc extends QueueMessage {
  readonly type: 'pre_vote_rpc' | 'request_vote_rpc';
  readonly term: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Which try of a pre-vote; its result says it again. */
  readonly round: number;
}

export interface VoteResult extends QueueMessage {
  readonly type: 'pre_vote_result' | 'request_vote_result';
  readonly term: number;
  readonly round: number;
  readonly granted: boolean;
}

export interface AppendEntriesRpc<Command> extends QueueMessage {
  readonly type: 'append_entries_rpc';
  readonly term: number;
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry<Command>[];
  readonly commitIndex: number;
  /** Of its causal name, so that the reply can bear the same. */
  readonly nr: number;
  readonly attempt: number;
}

export interface AppendEntriesReply extends QueueMessage {
  readonly type: 'append_entries_reply';
  readonly term: number;
  readonly success: boolean;
  /** What it wants next. */
  readonly nextIndex: number;
  /** Up to here it has the leader's entries on stable storage. */
  readonly lastIndex: number;
}

export interface InstallSnapshotRpc<State> extends QueueMessage {
  readonly type: 'install_snapshot_rpc';
  readonly term: number;
  readonly snapshot: Snapshot<State>;
  readonly nr: number;
  readonly attempt: number;
}

export type RaftMessage<Command, State> =
  VoteRpc | VoteResult | AppendEntriesRpc<Command> | AppendEntriesReply | InstallSnapshotRpc<State>;

export const RAFT_MESSAGES: readonly string[] = [
  'pre_vote_rpc',
  'pre_vote_result',
  'request_vote_rpc',
  'request_vote_result',
  'append_entries_rpc',
  'append_entries_reply',
  'install_snapshot_rpc',
];
