import type { Handle } from '../../../sim/kernel/event-queue.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { Fifo } from '../../parts/fifo.ts';
import type { ClientFrame } from '../protocol.ts';
import type { Channel } from './channel.ts';

/** A client's connection on the broker's side. */
export interface Connection {
  readonly client: NodeId;
  /** As its client counts its connections: frames of another one are of no use. */
  readonly number: number;
  readonly channels: Map<number, Channel>;
  /** Frames that came, and that were sent. */
  received: number;
  sent: number;
  /** Negotiated; 0: none. */
  heartbeat: Micros;
  heartbeatTimer: Handle;
  /** Did anything come, or go, since the last look? */
  heard: boolean;
  spoke: boolean;
  /** Looks in a row at which nothing had come. */
  missed: number;
  /** It has published, so an alarm blocks it. */
  publishes: boolean;
  /** Is it told of `connection.blocked`? */
  isBlocked: boolean;
  /** Frames that are not read: an alarm, or no credit. */
  readonly unread: Fifo<ClientFrame>;
  /** The client has another connection by now; this one is only waited out. */
  isSuperseded: boolean;
}

/** Who owns an exclusive queue: a connection, in words that hold over restarts. */
export function ownerOf(
  { node, boot }: { readonly node: number; readonly boot: number },
  { client, number }: Connection,
): string {
  return `${node}.${boot}.${client}.${number}`;
}
