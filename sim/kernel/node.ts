import type { Out } from './out.ts';

/** Index of a node in its world, in order of addition. */
export type NodeId = number;

/** `sequence * producers + producer`: an application message, dense per producer. */
export type MessageId = number;

/** A protocol message, spelled as the real protocol spells it. Never changed once sent. */
export interface Message {
  readonly type: string;
  /** Application messages inside it, for traces and explanations. */
  readonly carries?: readonly MessageId[];
}

/**
 * What a node does: plain functions over plain state. All it may do to the world goes through
 * `out`. A restart builds a new state from `out.disk` alone.
 */
export interface Role<State, In extends Message = Message> {
  start(out: Out): State;
  onMessage(state: State, from: NodeId, message: In, out: Out): void;
  onTimer(state: State, code: number, data: unknown, out: Out): void;
  /** A stream connection to `peer` was closed or reset. */
  onDisconnect?(state: State, peer: NodeId, out: Out): void;
  /** Asked to shut down; calls `out.exit()` when done. Without it the node exits at once. */
  onStop?(state: State, out: Out): void;
}

/** What a message travels by. See `network.ts`. */
export type Transport = 'stream' | 'datagram';
