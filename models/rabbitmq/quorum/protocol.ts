import type { QueueMessage } from '../protocol.ts';
import type { BrokerIndex } from '../queue.ts';
import type { Command, ConsumerKey } from './commands.ts';
import type { Answer } from './effects.ts';
import type { Fifo } from './fifo.ts';
import type { Held } from './messages.ts';
import { RAFT_MESSAGES, type RaftMessage } from './raft-protocol.ts';

/** A command in the log, and who is to hear that it was applied. */
export interface Logged {
  readonly command: Command;
  readonly origin: Origin | undefined;
}

export interface Origin {
  readonly node: BrokerIndex;
  readonly channel: number;
  readonly corr: number;
  readonly attempt: number;
}

/** What a channel's side (`rabbit_fifo_client`) and the leader of a queue say to each other. */
export interface RaCommand extends QueueMessage {
  readonly type: 'ra_command';
  readonly channel: number;
  /** Numbers the commands of a channel to this queue. */
  readonly corr: number;
  readonly attempt: number;
  readonly command: Command;
}

/** The command was applied; or refused by a member that does not lead. */
export interface RaEvent extends QueueMessage {
  readonly type: 'ra_event';
  readonly channel: number;
  readonly corr: number;
  readonly answer: Answer | NotLeader;
}

export interface NotLeader {
  readonly is: 'not_leader';
  /** -1: it knows of none. */
  readonly leader: number;
}

export interface FifoDelivery extends QueueMessage {
  readonly type: 'delivery';
  readonly key: ConsumerKey;
  readonly id: number;
  readonly held: Held;
}

/** The queue is full, or has room again. */
export interface QueueStatus extends QueueMessage {
  readonly type: 'queue_status';
  readonly channel: number;
  readonly refuses: boolean;
}

/** A new leader shows itself to the channels of a node, and asks after those that it knows. */
export interface LeaderChange extends QueueMessage {
  readonly type: 'leader_change';
  readonly term: number;
  readonly channels: readonly number[];
}

/** A channel asks its leader for all that it should have: a delivery is missing. */
export interface GetCheckedOut extends QueueMessage {
  readonly type: 'get_checked_out';
  readonly channel: number;
}

export type QuorumMessage =
  | RaftMessage<Logged, Fifo>
  | RaCommand
  | RaEvent
  | FifoDelivery
  | QueueStatus
  | LeaderChange
  | GetCheckedOut;

/** All that a fault may name. */
export const QUORUM_MESSAGES: readonly string[] = [
  'ra_command',
  'ra_event',
  'delivery',
  'queue_status',
  'leader_change',
  'get_checked_out',
  ...RAFT_MESSAGES,
];
