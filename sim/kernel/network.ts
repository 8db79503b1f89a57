import { assert } from './assert.ts';
import { Deciders } from './deciders.ts';
import type { Distribution } from './distribution.ts';
import { EventKind } from './entry.ts';
import { CLOSED, drop, newLink, type Link } from './link.ts';
import type { NameId } from './names.ts';
import type { Message, NodeId } from './node.ts';
import type { Micros } from './time.ts';
import type { World } from './world.ts';

/** The middle of a latency table, for what carries no message: word of an end, a retransmission. */
const MIDDLE = 2 ** 31;

/**
 * Links between nodes. A datagram is each message for itself. A stream is a connection: in order,
 * and it breaks as a whole; what was in flight on it then has an unknown outcome.
 *
 * Connections between two nodes are numbered. A message carries the number that its sender believes
 * in, and is worth nothing on arrival when that connection has been broken. Belief follows what a
 * node hears: until word of the end reaches it, it sends into a connection that is no more.
 */
export class Network {
  readonly #world: World;
  readonly #links: Link[][] = [];
  readonly deciders: Deciders;
  readonly #defaults: { latency: Distribution; bandwidth: number };
  /** Messages that a fault delayed or copied and that have not arrived: the run waits for them. */
  disturbed = 0;
  /** When the message sent last arrives, or -1. */
  #arrives: Micros = -1;

  constructor(world: World, latency: Distribution, bandwidth = 0) {
    this.#world = world;
    this.deciders = new Deciders(world);
    this.#defaults = { latency, bandwidth };
  }

  /** Sets one direction's own latency and bandwidth (bytes a second, 0 unlimited). */
  configure(from: NodeId, to: NodeId, latency: Distribution, bandwidth: number): void {
    const link = this.#link(from, to);
    link.latency = latency;
    link.bandwidth = bandwidth;
  }

  send(
    from: NodeId,
    to: NodeId,
    message: Message,
    about: NameId,
    nr: number,
    attempt: number,
  ): void {
    const world = this.#world;
    const link = this.#link(from, to);
    if (link.typeText !== message.type) {
      link.typeText = message.type;
      link.type = world.names.id(message.type);
    }
    const entry = world.nextEntry();
    world.digest.add(to, link.type, about, nr, attempt);
    this.#arrives = -1;
    const fate = this.#carry(link, message, about, nr, attempt, entry);
    if (world.trace === undefined) return;
    world.trace.sent({
      index: entry,
      time: world.now,
      from,
      to,
      type: message.type,
      about: world.names.text(about),
      nr,
      attempt,
      carries: message.carries ?? [],
      arrives: this.#arrives,
      fate,
      cause: world.cause,
    });
  }

  /** Puts a message on its way and says what befalls it; nothing, when it simply arrives. */
  #carry(
    link: Link,
    message: Message,
    about: NameId,
    nr: number,
    attempt: number,
    entry: number,
  ): string {
    const world = this.#world;
    if (link.transport === 'stream' && !this.#connected(link)) return 'NO CONNECTION';
    let later = link.slowness;
    let copyAfter = -1;
    const fault = this.deciders.decide(link, about, nr, attempt);
    if (fault !== undefined) {
      if (fault.what === 'lose') return 'LOST';
      if (fault.what === 'reset') return this.#reset(link);
      if (fault.what === 'reorder') return this.#lag(link, message, entry);
      if (fault.what === 'delay') later += fault.by;
      else copyAfter = fault.after;
    }
    if (link.blockedBy.length > 0) return this.#hold(link, message, entry);
    if (link.slowness > 0) for (const fault of link.slowedBy) world.struck(fault);
    const { from, to, type, believed, latency } = link;
    let travel = latency.fixed;
    if (travel < 0) {
      const site = world.site('latency', from, to, type, about, nr, attempt);
      travel = world.choices.sample(site, latency);
    }
    const arrives = (this.#arrives = this.#arrival(link, message, travel, later));
    const disturbed = later > 0 || copyAfter >= 0;
    this.#push(link, message, type, believed, entry, arrives, disturbed);
    if (link.overtaken !== undefined) this.#releaseOvertaken(link, arrives);
    if (copyAfter < 0) return later > 0 ? 'DELAYED' : '';
    this.#push(link, message, type, believed, entry, arrives + copyAfter, true);
    return 'COPIED';
  }

  /** A partition: a stream's sender keeps it and tries again, a datagram is gone. */
  #hold(link: Link, message: Message, entry: number): string {
    for (const fault of link.blockedBy) this.#world.struck(fault);
    if (link.transport === 'datagram') return 'LOST IN A PARTITION';
    link.held.push({ message, type: link.type, connection: link.believed, cause: entry });
    return 'HELD BY A PARTITION';
  }

  /** Keeps a datagram back until the next one has passed it. */
  #lag(link: Link, message: Message, entry: number): string {
    assert(link.transport === 'datagram', 'only datagrams overtake each other');
    if (link.blockedBy.length > 0) return this.#hold(link, message, entry);
    this.#releaseOvertaken(link, this.#world.now);
    link.overtaken = { message, type: link.type, connection: CLOSED, cause: entry };
    this.disturbed++;
    return 'OVERTAKEN by the next';
  }

  /** Both sides of a connection are torn down by something between them. */
  #reset(link: Link): string {
    const { back, wire } = link;
    const lost = back.believed;
    wire.connection++;
    link.oldest = wire.connection;
    back.oldest = wire.connection;
    this.#tell(link, link.believed);
    if (lost !== CLOSED) this.#tell(back, lost);
    return 'RESET';
  }

  /** Is the message, on arrival, still of a living connection? Keeps the books of `disturbed`. */
  arrives(from: NodeId, to: NodeId, connection: number, disturbed: boolean): boolean {
    if (disturbed) this.disturbed--;
    if (!this.#world.isUp(to)) return false;
    const link = this.#link(from, to);
    if (link.transport === 'datagram') return true;
    if (connection < link.oldest) return false;
    // Whoever hears from a peer answers on the connection that it came by.
    if (link.back.believed < connection) link.back.believed = connection;
    return true;
  }

  /** Word of a connection's end reaches `node`; false when it has moved on since. */
  hearsEnd(node: NodeId, peer: NodeId, connection: number): boolean {
    const link = this.#link(node, peer);
    if (link.believed !== connection) return false;
    link.believed = CLOSED;
    return true;
  }

  /** `from` closes its connection to `to`: sent data still arrives, answers in flight do not. */
  close(from: NodeId, to: NodeId): void {
    const link = this.#link(from, to);
    if (link.transport === 'stream') this.#close(link);
  }

  #close(link: Link): void {
    const { back, wire } = link;
    const connection = Math.max(link.believed, back.believed);
    link.believed = CLOSED;
    if (connection === CLOSED) return;
    wire.connection++;
    back.oldest = wire.connection;
    this.#tell(back, connection);
  }

  /** A process left in good order: it closed every connection. */
  closeAll(node: NodeId): void {
    for (const link of this.#links[node] ?? []) {
      if (link?.transport === 'stream') this.#close(link);
    }
  }

  /**
   * A process died. Its connections break with all that is in flight, either way. The host, if it
   * still has power, tells the peers; otherwise they go on believing until they next send.
   */
  breakAll(node: NodeId, power: boolean): void {
    for (const link of this.#links[node] ?? []) {
      if (link === undefined || link.transport === 'datagram') continue;
      const { back, wire } = link;
      wire.connection++;
      link.oldest = wire.connection;
      back.oldest = wire.connection;
      link.believed = CLOSED;
      if (!power && back.believed !== CLOSED) this.#tell(back, back.believed);
    }
  }

  block(from: NodeId, to: NodeId, fault: number): void {
    this.#link(from, to).blockedBy.push(fault);
  }

  unblock(from: NodeId, to: NodeId, fault: number): void {
    const link = this.#link(from, to);
    const found = drop(link.blockedBy, fault);
    assert(found, 'only a blocked link is unblocked');
    if (link.blockedBy.length > 0) return;
    const { held, back } = link;
    link.held = [];
    // The sender's kernel retransmits: all of it arrives, in order, one latency after the healing.
    for (const { message, type, connection, cause } of held) {
      const arrives = this.#arrival(link, message, link.latency.at(MIDDLE));
      this.#push(link, message, type, connection, cause, arrives, true);
    }
    const dead = !this.#world.isUp(to) || link.believed !== link.wire.connection;
    const closed = link.believed === CLOSED;
    if (held.length > 0 && dead && !closed && !this.#world.isDark(to)) this.#refuse(link);
    if (link.untold) {
      link.untold = false;
      if (back.believed !== link.wire.connection) this.#tell(back, back.believed);
    }
  }

  /** Lets go of datagrams that wait for a next one. */
  releaseOvertaken(): void {
    for (const row of this.#links) {
      for (const link of row ?? []) {
        if (link !== undefined) this.#releaseOvertaken(link, this.#world.now);
      }
    }
  }

  slow(from: NodeId, to: NodeId, by: Micros, fault: number): void {
    const link = this.#link(from, to);
    link.slowness += by;
    link.slowedBy.push(fault);
  }

  quicken(from: NodeId, to: NodeId, by: Micros, fault: number): void {
    const link = this.#link(from, to);
    const found = drop(link.slowedBy, fault);
    assert(found && link.slowness >= by, 'only a slowed link is quickened');
    link.slowness -= by;
  }

  #link(from: NodeId, to: NodeId): Link {
    return this.#links[from]?.[to] ?? this.#open(from, to);
  }

  #open(from: NodeId, to: NodeId): Link {
    const world = this.#world;
    const { latency, bandwidth } = this.#defaults;
    const datagram = world.transportOf(from) === 'datagram' || world.transportOf(to) === 'datagram';
    const link = newLink(from, to, datagram ? 'datagram' : 'stream', latency, bandwidth);
    (this.#links[from] ??= [])[to] = link;
    (this.#links[to] ??= [])[from] = link.back;
    return link;
  }

  /** Opens a connection where there is none; false when the message has nowhere to go. */
  #connected(link: Link): boolean {
    const world = this.#world;
    const { wire, to } = link;
    if (link.blockedBy.length > 0 || world.takesConnections(to)) {
      if (link.believed === wire.connection) return true;
      if (link.believed === CLOSED) {
        link.believed = wire.connection;
        // What a fault holds up on the old connection does not hold up the new one.
        link.arrival = link.prompt;
        return true;
      }
      // A partition also keeps back what is sent into a connection that is no more.
      if (link.blockedBy.length > 0) return true;
    }
    if (!world.isDark(to)) this.#refuse(link);
    return false;
  }

  /** The host at the other end knows no such connection, or has no process that would take one. */
  #refuse(link: Link): void {
    const { wire } = link;
    if (link.believed === CLOSED) link.believed = wire.connection;
    if (link.believed === wire.connection) link.oldest = ++wire.connection;
    this.#tell(link, link.believed);
  }

  /** Sends word to `link.from` that this connection of it has ended. */
  #tell(link: Link, connection: number): void {
    if (connection === CLOSED || link.told >= connection) return;
    const { from, to, back } = link;
    if (back.blockedBy.length > 0) {
      back.untold = true;
      return;
    }
    link.told = connection;
    const world = this.#world;
    // Behind the data, if the connection was closed in good order.
    back.arrival = Math.max(back.arrival, world.now + back.latency.at(MIDDLE));
    const life = world.lifeOf(from);
    const kind = EventKind.disconnect;
    world.queue.push(back.arrival, kind, from, to, connection, life, world.cause, undefined);
  }

  #arrival(link: Link, message: Message, travel: Micros, later: Micros = 0): Micros {
    let sent = this.#world.now;
    if (link.bandwidth > 0) {
      const bytes = (message as { bytes?: number }).bytes ?? 0;
      sent = Math.max(sent, link.free) + Math.ceil((bytes * 1_000_000) / link.bandwidth);
      link.free = sent;
    }
    const arrives = sent + travel;
    if (link.transport === 'datagram') return arrives + later;
    if (arrives > link.prompt) link.prompt = arrives;
    return (link.arrival = Math.max(link.arrival, arrives + later));
  }

  #releaseOvertaken(link: Link, after: Micros): void {
    const late = link.overtaken;
    if (late === undefined) return;
    link.overtaken = undefined;
    this.disturbed--;
    this.#push(link, late.message, late.type, CLOSED, late.cause, after + 1, true);
  }

  #push(
    link: Link,
    message: Message,
    type: NameId,
    connection: number,
    cause: number,
    arrives: Micros,
    disturbed: boolean,
  ): void {
    if (disturbed) this.disturbed++;
    const kind = disturbed ? EventKind.disturbed : EventKind.message;
    this.#world.queue.push(arrives, kind, link.to, link.from, type, connection, cause, message);
  }
}
