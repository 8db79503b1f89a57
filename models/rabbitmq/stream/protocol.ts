import type { Content, QueueMessage } from '../protocol.ts';
import type { BrokerIndex } from '../queue.ts';

/** A message in the log of a stream; `undefined` is what a new leader begins with. */
export interface Append {
  readonly content: Content | undefined;
  readonly origin: { readonly node: BrokerIndex; readonly seq: number; readonly attempt: number };
}

/** From the node of a publisher to the leader (`osiris:write`). */
export interface Write extends QueueMessage {
  readonly type: 'osiris_write';
  readonly content: Content;
  readonly seq: number;
  readonly attempt: number;
}

/** And back: a majority has it; or the node asked does not lead. */
export interface Written extends QueueMessage {
  readonly type: 'osiris_written' | 'osiris_not_leader';
  readonly seq: number;
}

export const STREAM_MESSAGES: readonly string[] = [
  'osiris_write',
  'osiris_written',
  'osiris_not_leader',
];
