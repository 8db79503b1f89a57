import { assert } from './assert.ts';
import type { SiteKind } from './choices.ts';
import type { Distribution } from './distribution.ts';
import type { Fault, MessageFault } from './fault.ts';
import type { NameId } from './names.ts';
import type { Message, NodeId, Transport } from './node.ts';
import type { Micros } from './time.ts';
import { EventKind, type World } from './world.ts';

const CLOSED = -1;

/** One direction between two nodes. */
interface Link {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly transport: Transport;
  latency: Distribution;
  /** Bytes a second; 0 is unlimited. */
  bandwidth: number;
  /** When the last message on this link arrives: a stream keeps order. */
  arrival: Micros;
  /** When the wire is free again, under a bandwidth. */
  free: Micros;
  /** Connections of this direction that ended so far, apart from crashes. */
  resets: number;
  /** The connection that the sender believes in, or CLOSED. */
  believed: number;
  /** Partitions that block it now, and planned slowness. */
  blocks: number;
  slowedBy: Micros;
  slowedFault: number;
  blockFault: number;
  /** Messages of a stream that wait for a partition to heal. */
  held: Held[];
  /** A datagram that the next one overtakes. */
  overtaken: Held | undefined;
}

interface Held {
  readonly message: Message;
  readonly era: number;
  readonly cause: number;
  readonly type: NameId;
}

/** A planned or chance fault on messages, with what it has done. */
interface Decider {
  readonly index: number;
  readonly fault: Fault & MessageFault;
  /** Matching messages so far. */
  seen: number;
  /** It is open from here on, to there; an armed one that hits once closes itself. */
  from: Micros;
  until: Micros;
  once: boolean;
}

/**
 * Links between nodes. A stream is a connection: in order, and it breaks as a whole; what was in
 * flight on it then has an unknown outcome. A datagram is each message for itself.
 *
 * The identity of a connection is a sum that only grows: crashes of both ends plus resets. A message
 * carries the sum of its sending and is worth nothing when it has changed on arrival.
 */
export class Network {
  readonly #world: World;
  readonly #links: (Link | undefined)[][] = [];
  readonly #deciders: Decider[] = [];
  readonly #defaults: { latency: Distribution; bandwidth: number };
  /** Messages that a fault delayed or copied and that have not arrived: the run waits for them. */
  disturbed = 0;

  constructor(world: World, latency: Distribution, bandwidth = 0) {
    this.#world = world;
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
    const type = world.names.id(message.type);
    const cause = world.nextEntry();
    const now = world.now;
    if (link.transport === 'stream' && !this.#connected(link)) {
      world.traceSend(cause, link, message, about, nr, attempt, -1, 'no connection');
      return;
    }
    let by = 0;
    let copyAfter = -1;
    let overtaken = false;
    if (this.#deciders.length > 0) {
      const decider = this.#decide(link, message, type, about, nr, attempt);
      if (decider !== undefined) {
        const fault = decider.fault;
        world.struck(decider.index);
        if (fault.what === 'lose') {
          world.traceSend(cause, link, message, about, nr, attempt, -1, 'LOST');
          return;
        }
        if (fault.what === 'reset') {
          world.traceSend(cause, link, message, about, nr, attempt, -1, 'RESET');
          this.reset(from, to);
          return;
        }
        if (fault.what === 'delay') by = fault.by;
        if (fault.what === 'duplicate') copyAfter = fault.after;
        if (fault.what === 'reorder') overtaken = true;
      }
    }
    const era = this.#era(link);
    if (link.blocks > 0) {
      world.struck(link.blockFault);
      const held = link.transport === 'stream';
      if (held) link.held.push({ message, era, cause, type });
      const fate = held ? 'HELD BY A PARTITION' : 'LOST IN A PARTITION';
      world.traceSend(cause, link, message, about, nr, attempt, -1, fate);
      return;
    }
    if (link.slowedBy > 0) {
      world.struck(link.slowedFault);
      by += link.slowedBy;
    }
    if (overtaken) {
      assert(link.transport === 'datagram', 'only datagrams overtake each other');
      this.#flushOvertaken(link, now);
      link.overtaken = { message, era, cause, type };
      this.disturbed++;
      world.traceSend(cause, link, message, about, nr, attempt, -1, 'OVERTAKEN by the next');
      return;
    }
    const site = world.site('latency', from, to, type, about, nr, attempt);
    const travel = world.choices.sample(site, link.latency) + by;
    const arrives = this.#arrive(link, message, now, travel);
    const disturbs = by > 0 || copyAfter >= 0;
    this.#push(link, message, type, era, cause, arrives, disturbs);
    if (copyAfter >= 0) this.#push(link, message, type, era, cause, arrives + copyAfter, true);
    this.#flushOvertaken(link, arrives);
    if (world.trace !== undefined) {
      const fate = copyAfter >= 0 ? 'COPIED' : by > 0 ? 'DELAYED' : '';
      world.traceSend(cause, link, message, about, nr, attempt, arrives, fate);
    }
  }

  /** Is the message, on arrival, still of a living connection? Also keeps the books of `disturbed`. */
  arrives(from: NodeId, to: NodeId, era: number, disturbed: boolean): boolean {
    if (disturbed) this.disturbed--;
    const link = this.#link(from, to);
    if (link.transport === 'datagram') return this.#world.isUp(to);
    if (era !== this.#era(link)) return false;
    // Hearing from a peer on a connection is believing in it for the answers.
    const back = this.#link(to, from);
    back.believed = this.#era(back);
    return true;
  }

  /** `from` closes its connection to `to`: sent data still arrives, answers in flight do not. */
  close(from: NodeId, to: NodeId): void {
    const out = this.#link(from, to);
    const back = this.#link(to, from);
    if (out.believed === CLOSED && back.believed === CLOSED) return;
    out.believed = CLOSED;
    back.believed = CLOSED;
    back.resets++;
    this.#notify(to, from, out);
  }

  /** The connection between two nodes is torn down on both sides; everything in flight is gone. */
  reset(a: NodeId, b: NodeId): void {
    for (const link of [this.#link(a, b), this.#link(b, a)]) {
      link.resets++;
      link.believed = CLOSED;
      this.#notify(link.to, link.from, link);
    }
  }

  /** A process died: its host closes every connection, so the peers hear of it. */
  hangUp(node: NodeId): void {
    for (const link of this.#links[node] ?? []) {
      if (link === undefined || link.transport === 'datagram') continue;
      const back = this.#link(link.to, node);
      if (link.believed !== CLOSED || back.believed !== CLOSED) this.#notify(link.to, node, link);
      link.believed = CLOSED;
      back.believed = CLOSED;
    }
  }

  /** The machine is dark: nobody is told; the peers go on believing until they next send. */
  goDark(node: NodeId): void {
    for (const link of this.#links[node] ?? []) if (link !== undefined) link.believed = CLOSED;
  }

  block(from: NodeId, to: NodeId, fault: number): void {
    const link = this.#link(from, to);
    link.blocks++;
    link.blockFault = fault;
  }

  unblock(from: NodeId, to: NodeId): void {
    const link = this.#link(from, to);
    assert(link.blocks > 0, 'only a blocked link is unblocked');
    if (--link.blocks > 0) return;
    const held = link.held;
    link.held = [];
    // The sender's kernel retransmits: all of it arrives, in order, one latency after the healing.
    for (const h of held) {
      const arrives = this.#arrive(link, h.message, this.#world.now, link.latency.at(2 ** 31));
      this.#push(link, h.message, h.type, h.era, h.cause, arrives, true);
    }
  }

  /** Lets go of datagrams that wait for a next one. */
  releaseOvertaken(): void {
    for (const row of this.#links) {
      for (const link of row ?? [])
        if (link !== undefined) this.#flushOvertaken(link, this.#world.now);
    }
  }

  slow(from: NodeId, to: NodeId, by: Micros, fault: number): void {
    const link = this.#link(from, to);
    link.slowedBy += by;
    link.slowedFault = fault;
  }

  /** Puts a message fault in play. `once`: only the first match counts, then it is spent. */
  addDecider(
    index: number,
    fault: Fault & MessageFault,
    from: Micros,
    until: Micros,
    once: boolean,
  ) {
    this.#deciders.push({ index, fault, seen: 0, from, until, once });
  }

  removeDecider(index: number): void {
    const place = this.#deciders.findIndex((d) => d.index === index);
    if (place >= 0) this.#deciders.splice(place, 1);
  }

  #link(from: NodeId, to: NodeId): Link {
    const row = (this.#links[from] ??= []);
    return (row[to] ??= this.#open(from, to));
  }

  #open(from: NodeId, to: NodeId): Link {
    const datagram =
      this.#world.transportOf(from) === 'datagram' || this.#world.transportOf(to) === 'datagram';
    return {
      from,
      to,
      transport: datagram ? 'datagram' : 'stream',
      latency: this.#defaults.latency,
      bandwidth: this.#defaults.bandwidth,
      arrival: 0,
      free: 0,
      resets: 0,
      believed: CLOSED,
      blocks: 0,
      slowedBy: 0,
      slowedFault: -1,
      blockFault: -1,
      held: [],
      overtaken: undefined,
    };
  }

  #era(link: Link): number {
    return link.resets + this.#world.eraOf(link.from) + this.#world.eraOf(link.to);
  }

  /** Opens a connection where there is none; false when the message has nowhere to go. */
  #connected(link: Link): boolean {
    const era = this.#era(link);
    if (link.believed === era && this.#world.isUp(link.to)) return true;
    if (link.believed === CLOSED && this.#world.isUp(link.to)) {
      link.believed = era;
      return true;
    }
    // Refused, or a connection of an earlier life: the sender hears of it, unless all is dark there.
    if (!this.#world.isDark(link.to)) {
      link.believed = CLOSED;
      this.#notify(link.from, link.to, link);
    }
    return false;
  }

  #notify(node: NodeId, peer: NodeId, link: Link): void {
    if (link.transport === 'datagram') return;
    const world = this.#world;
    const after = link.latency.at(2 ** 31);
    const era = world.eraOf(node);
    world.queue.push(world.now + after, EventKind.disconnect, node, peer, 0, era, world.cause, 0);
  }

  #decide(
    link: Link,
    message: Message,
    type: NameId,
    about: NameId,
    nr: number,
    attempt: number,
  ): Decider | undefined {
    const world = this.#world;
    for (const decider of this.#deciders) {
      if (world.now < decider.from || world.now >= decider.until) continue;
      const match = decider.fault.match;
      if (match.type !== '' && match.type !== message.type) continue;
      if (match.from.length > 0 && !match.from.includes(link.from)) continue;
      if (match.to.length > 0 && !match.to.includes(link.to)) continue;
      if (match.about !== '' && match.about !== world.names.text(about)) continue;
      decider.seen++;
      const when = decider.fault.when;
      if (when.is === 'nth' && !when.nth.includes(decider.seen)) continue;
      if (when.is === 'chance') {
        const kind: SiteKind = decider.fault.what;
        const site = world.site(kind, link.from, link.to, type, about, nr, attempt);
        if (world.choices.choose(site, 2, when.ppm) === 0) continue;
      }
      if (decider.once) this.removeDecider(decider.index);
      return decider;
    }
    return undefined;
  }

  #arrive(link: Link, message: Message, now: Micros, travel: Micros): Micros {
    let sent = now;
    if (link.bandwidth > 0) {
      const bytes = (message as { bytes?: number }).bytes ?? 0;
      sent = Math.max(now, link.free) + Math.ceil((bytes * 1_000_000) / link.bandwidth);
      link.free = sent;
    }
    const arrives = sent + travel;
    if (link.transport === 'datagram') return arrives;
    return (link.arrival = Math.max(link.arrival, arrives));
  }

  #flushOvertaken(link: Link, after: Micros): void {
    const late = link.overtaken;
    if (late === undefined) return;
    link.overtaken = undefined;
    this.disturbed--;
    this.#push(link, late.message, late.type, late.era, late.cause, after + 1, true);
  }

  #push(
    link: Link,
    message: Message,
    type: NameId,
    era: number,
    cause: number,
    arrives: Micros,
    disturbed: boolean,
  ): void {
    if (disturbed) this.disturbed++;
    const kind = disturbed ? EventKind.disturbed : EventKind.message;
    this.#world.queue.push(arrives, kind, link.to, link.from, type, era, cause, message);
  }
}
