import type { Distribution } from './distribution.ts';
import type { NameId } from './names.ts';
import type { Message, NodeId, Transport } from './node.ts';
import type { Micros } from './time.ts';

/** No connection. Connections between two nodes are numbered from 0; a newer one is greater. */
export const CLOSED = -1;

/** What both directions between two nodes share: the connection that is, or would be, open now. */
interface Wire {
  connection: number;
}

/** One direction between two nodes. */
export interface Link {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly transport: Transport;
  readonly wire: Wire;
  /** The other direction; itself when a node talks to itself. */
  back: Link;
  latency: Distribution;
  /** Bytes a second; 0 is unlimited. */
  bandwidth: number;
  /** When the last message on this link arrives: a stream keeps order. */
  arrival: Micros;
  /** The same, without what faults have added. */
  prompt: Micros;
  /** When the wire is free again, under a bandwidth. */
  free: Micros;
  /**
   * The connection that the sender believes in: changed by what it does and hears, nothing else.
   */
  believed: number;
  /** Messages of connections before this one are worth nothing on arrival. */
  oldest: number;
  /** The newest connection of whose end word is on its way to the sender. */
  told: number;
  /** A partition kept such a word back. */
  untold: boolean;
  /** Partitions that block it and slowness planned for it now, by fault. */
  readonly blockedBy: number[];
  readonly slowedBy: number[];
  slowness: Micros;
  /** Messages of a stream that wait for a partition to heal. */
  held: Held[];
  /** A datagram that the next one overtakes. */
  overtaken: Held | undefined;
  /** The message type sent last and its number: most links carry few. */
  typeText: string;
  type: NameId;
}

export interface Held {
  readonly message: Message;
  readonly type: NameId;
  readonly connection: number;
  readonly cause: number;
}

/** Both directions between two nodes, closed. */
export function newLink(
  from: NodeId,
  to: NodeId,
  transport: Transport,
  latency: Distribution,
  bandwidth: number,
): Link {
  const wire: Wire = { connection: 0 };
  const there = direction(from, to, transport, wire, latency, bandwidth);
  if (from === to) return there;
  there.back = direction(to, from, transport, wire, latency, bandwidth);
  there.back.back = there;
  return there;
}

function direction(
  from: NodeId,
  to: NodeId,
  transport: Transport,
  wire: Wire,
  latency: Distribution,
  bandwidth: number,
): Link {
  const link: Omit<Link, 'back'> & { back: Link | undefined } = {
    from,
    to,
    transport,
    wire,
    back: undefined,
    latency,
    bandwidth,
    arrival: 0,
    prompt: 0,
    free: 0,
    believed: CLOSED,
    oldest: 0,
    told: CLOSED,
    untold: false,
    blockedBy: [],
    slowedBy: [],
    slowness: 0,
    held: [],
    overtaken: undefined,
    typeText: '',
    type: 0,
  };
  link.back = link as Link;
  return link as Link;
}

/** Takes one occurrence of `fault` off a list; false when it was not on it. */
export function drop(list: number[], fault: number): boolean {
  const place = list.indexOf(fault);
  if (place < 0) return false;
  list.splice(place, 1);
  return true;
}
