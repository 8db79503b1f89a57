import { assert } from './assert.ts';
import { Site, type Choices, type SiteKind } from './choices.ts';
import { Clock } from './clock.ts';
import { Digest } from './digest.ts';
import { Disk } from './disk.ts';
import { Distribution } from './distribution.ts';
import { Fact, type Observer, type Trace } from './entry.ts';
import { EventQueue, NO_HANDLE, type Handle } from './event-queue.ts';
import type { Fault } from './fault.ts';
import { Injector } from './injector.ts';
import type { NameId, Names } from './names.ts';
import { Network } from './network.ts';
import type { Message, NodeId, Role, Transport } from './node.ts';
import { Out } from './out.ts';
import type { Micros } from './time.ts';

/** What an event in the queue is. */
export const EventKind = {
  start: 0,
  message: 1,
  /** A message that a fault delayed or copied. */
  disturbed: 2,
  timer: 3,
  synced: 4,
  disconnect: 5,
  fault: 6,
  resume: 7,
} as const;

interface Node {
  readonly id: NodeId;
  readonly name: NameId;
  readonly role: Role<unknown>;
  readonly transport: Transport;
  readonly fsync: Distribution;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly out: Out;
  state: unknown;
  /** Crashes so far: what was meant for an earlier life finds another number here. */
  era: number;
  up: boolean;
  /** Without power: peers are told nothing. */
  dark: boolean;
  paused: boolean;
  pausedBy: number;
  /** Events that came while paused, in order. */
  waiting: Waiting[];
  slowedBy: number;
  syncs: number;
}

interface Waiting {
  kind: number;
  code: number;
  tag: number;
  era: number;
  cause: number;
  payload: unknown;
}

interface SyncRequest {
  readonly name: string;
  readonly end: number;
  readonly code: number;
  readonly data: unknown;
}

export interface WorldOptions {
  readonly names: Names;
  readonly choices: Choices;
  readonly observer: Observer;
  readonly latency: Distribution;
  readonly bandwidth?: number;
  readonly trace?: Trace;
}

export interface NodeOptions {
  readonly transport?: Transport;
  /** Cost of one fsync; 0 without it. */
  readonly fsync?: Distribution;
  /** When it starts; 0 without it, -1: only when somebody starts it. */
  readonly startsAt?: Micros;
}

/** Thrown to leave the handler of a process that has just died; never seen outside `World`. */
const STRUCK = Symbol('struck');

const FREE = Distribution.constant(0);

/** Everything of one run: the clock, the queue, the nodes and what lies between them. */
export class World {
  readonly names: Names;
  readonly choices: Choices;
  readonly queue = new EventQueue();
  readonly network: Network;
  readonly digest = new Digest();
  readonly trace: Trace | undefined;
  now: Micros = 0;
  events = 0;
  /** Index of the entry that the running handler answers to. */
  cause = -1;
  #entries = 0;
  readonly #observer: Observer;
  readonly #nodes: Node[] = [];
  readonly #site = new Site();
  #injector: Injector | undefined;
  /** The node whose handler runs, and whether a fault has ended its process meanwhile. */
  #running: NodeId = -1;
  #struckDown = false;

  constructor(options: WorldOptions) {
    this.names = options.names;
    this.choices = options.choices;
    this.trace = options.trace;
    this.#observer = options.observer;
    this.network = new Network(this, options.latency, options.bandwidth);
  }

  add<State, In extends Message>(
    name: string,
    role: Role<State, In>,
    options: NodeOptions = {},
  ): NodeId {
    const id = this.#nodes.length;
    this.#nodes.push({
      id,
      name: this.names.id(name),
      // A node is only ever handed the state that its own role made.
      role: role as unknown as Role<unknown>,
      transport: options.transport ?? 'stream',
      fsync: options.fsync ?? FREE,
      disk: new Disk(),
      clock: new Clock(),
      out: new Out(this, id),
      state: undefined,
      era: 0,
      up: false,
      dark: false,
      paused: false,
      pausedBy: -1,
      waiting: [],
      slowedBy: -1,
      syncs: 0,
    });
    const at = options.startsAt ?? 0;
    if (at >= 0) this.queue.push(at, EventKind.start, id, 0, 0, 0, -1, undefined);
    return id;
  }

  inject(faults: readonly Fault[]): Injector {
    assert(this.#injector === undefined, 'faults are planned once');
    return (this.#injector = new Injector(this, faults));
  }

  /** Handles the earliest event. The caller (sim/run.ts) has made sure that there is one. */
  step(): void {
    const queue = this.queue;
    const slot = queue.pop();
    assert(slot >= 0, 'a step is taken only while events are pending');
    assert(queue.now >= this.now, 'time never goes back');
    this.now = queue.now;
    this.events++;
    const kind = queue.kind[slot];
    const node = queue.node[slot];
    const code = queue.code[slot];
    const tag = queue.tag[slot];
    const era = queue.era[slot];
    const cause = queue.cause[slot];
    const payload = queue.payload[slot];
    queue.payload[slot] = undefined;
    this.digest.add(this.now, node, kind, code, tag);
    this.cause = this.#entries++;
    this.trace?.event(this.cause, this.now, node, kind, code, cause);
    this.#dispatch(kind, node, code, tag, era, cause, payload);
    this.cause = -1;
  }

  /** Runs a handler of `id`; a fault that strikes this node at a fact it states unwinds to here. */
  #dispatch(
    kind: number,
    id: NodeId,
    code: number,
    tag: number,
    era: number,
    cause: number,
    payload: unknown,
  ): void {
    this.#running = id;
    try {
      this.#handle(kind, id, code, tag, era, cause, payload);
    } catch (thrown) {
      if (thrown !== STRUCK) throw thrown;
      this.#struckDown = false;
    }
    this.#running = -1;
  }

  #handle(
    kind: number,
    id: NodeId,
    code: number,
    tag: number,
    era: number,
    cause: number,
    payload: unknown,
  ): void {
    if (kind === EventKind.fault) return this.#injector?.onEvent(code, tag, era);
    const node = this.#nodes[id];
    if (node.paused && kind !== EventKind.start) {
      node.waiting.push({ kind, code, tag, era, cause, payload });
      this.struck(node.pausedBy);
      return;
    }
    switch (kind) {
      case EventKind.message:
      case EventKind.disturbed:
        if (this.network.arrives(code, id, era, kind === EventKind.disturbed) && node.up) {
          node.role.onMessage(node.state, code, payload as Message, node.out);
        }
        return;
      case EventKind.timer:
        if (node.up && node.era === era) node.role.onTimer(node.state, code, payload, node.out);
        return;
      case EventKind.synced:
        if (node.up && node.era === era) this.#synced(node, payload as SyncRequest);
        return;
      case EventKind.disconnect:
        if (node.up && node.era === era) node.role.onDisconnect?.(node.state, code, node.out);
        return;
      case EventKind.start:
        this.restart(id);
        return;
      case EventKind.resume:
        this.#drain(node);
        return;
    }
    assert(false, `event kind ${kind} is one of ours`);
  }

  // --- What nodes and faults do to each other ---

  /** Starts a node that is down; a no-op on one that is up. */
  restart(id: NodeId): void {
    const node = this.#nodes[id];
    if (node.up) return;
    node.up = true;
    node.dark = false;
    const outer = this.#running;
    this.#running = id;
    this.fact(id, Fact.started, id, 0, 0, 0);
    node.state = node.role.start(node.out);
    this.#running = outer;
  }

  /** Ends a process at once. With `power`, what was not synced is gone and nobody is told. */
  crash(id: NodeId, power: boolean): void {
    const node = this.#nodes[id];
    assert(node.up, 'only a running node crashes');
    if (power) this.network.goDark(id);
    else this.network.hangUp(id);
    node.up = false;
    node.dark = power;
    node.era++;
    node.state = undefined;
    node.paused = false;
    for (const w of node.waiting) if (w.kind === EventKind.disturbed) this.network.disturbed--;
    node.waiting = [];
    if (power) node.disk.losePower(this.now);
    this.fact(id, Fact.crashed, id, 0, 0, 0);
    if (id === this.#running) this.#struckDown = true;
  }

  /** Asks a node to shut down in good order. */
  stop(id: NodeId): void {
    const node = this.#nodes[id];
    assert(node.up, 'only a running node is stopped');
    if (node.role.onStop === undefined) this.exit(id);
    else node.role.onStop(node.state, node.out);
  }

  exit(id: NodeId): void {
    this.#nodes[id].disk.hardenAll();
    this.crash(id, false);
    this.#leaveIfStruck(id);
  }

  pause(id: NodeId, fault: number): void {
    const node = this.#nodes[id];
    node.paused = true;
    node.pausedBy = fault;
  }

  resume(id: NodeId): void {
    const node = this.#nodes[id];
    if (!node.paused) return;
    node.paused = false;
    this.queue.push(this.now, EventKind.resume, id, 0, 0, 0, this.cause, undefined);
  }

  #drain(node: Node): void {
    const waiting = node.waiting;
    node.waiting = [];
    for (const w of waiting) {
      this.#dispatch(w.kind, node.id, w.code, w.tag, w.era, w.cause, w.payload);
    }
  }

  slowDisk(id: NodeId, factor: number, fault: number): void {
    const node = this.#nodes[id];
    node.disk.slowness = factor;
    node.slowedBy = fault;
  }

  timer(id: NodeId, after: Micros, code: number, data: unknown): Handle {
    const node = this.#nodes[id];
    if (!node.up) return NO_HANDLE;
    const at = this.now + node.clock.span(after);
    return this.queue.push(at, EventKind.timer, id, code, 0, node.era, this.cause, data);
  }

  sync(id: NodeId, name: string, code: number, data: unknown): void {
    const node = this.#nodes[id];
    if (!node.up) return;
    const what = this.names.id('fsync');
    const site = this.site('span', id, -1, what, this.names.id(name), node.syncs++, 1);
    let cost = this.choices.sample(site, node.fsync);
    if (node.slowedBy >= 0) this.struck(node.slowedBy);
    cost = Math.round((cost * node.disk.slowness) / 1000);
    const end = node.disk.hasLog(name) ? node.disk.log(name).end : 0;
    const request: SyncRequest = { name, end, code, data };
    this.queue.push(this.now + cost, EventKind.synced, id, 0, 0, node.era, this.cause, request);
  }

  #synced(node: Node, request: SyncRequest): void {
    node.disk.harden(request.name, request.end);
    node.role.onTimer(node.state, request.code, request.data, node.out);
  }

  // --- What is stated and recorded ---

  fact(node: NodeId, fact: number, a: number, b: number, c: number, d: number): void {
    const index = this.#entries++;
    this.digest.add(fact, a, b, c, d);
    this.#observer.fact(this.now, node, fact, a, b, c, d);
    if (this.trace !== undefined) this.trace.fact(index, this.now, node, fact, [a, b, c, d]);
    this.#injector?.onFact(node, fact);
    this.#leaveIfStruck(node);
  }

  #leaveIfStruck(node: NodeId): void {
    if (this.#struckDown && node === this.#running) throw STRUCK;
  }

  /** A planned fault bit. */
  struck(fault: number): void {
    if (this.#injector === undefined || fault < 0) return;
    if (this.#injector.fired[fault]++ === 0) this.fact(-1, Fact.struck, fault, 0, 0, 0);
  }

  tell(node: NodeId, words: string): void {
    this.trace?.tell(this.#entries, this.now, node, words);
  }

  nextEntry(): number {
    return this.#entries++;
  }

  traceSend(
    index: number,
    link: { from: NodeId; to: NodeId },
    message: Message,
    about: NameId,
    nr: number,
    attempt: number,
    arrives: Micros,
    fate: string,
  ): void {
    this.trace?.sent({
      index,
      time: this.now,
      from: link.from,
      to: link.to,
      type: message.type,
      about: this.names.text(about),
      nr,
      attempt,
      carries: message.carries ?? [],
      arrives,
      fate,
      cause: this.cause,
    });
  }

  // --- Reading ---

  /** The one reused site, filled. */
  site(
    kind: SiteKind,
    from: NodeId,
    to: NodeId,
    what: NameId,
    about: NameId,
    nr: number,
    attempt: number,
  ): Site {
    const site = this.#site;
    site.kind = kind;
    site.from = this.#nodes[from].name;
    site.to = to < 0 ? -1 : this.#nodes[to].name;
    site.what = what;
    site.about = about;
    site.nr = nr;
    site.attempt = attempt;
    return site;
  }

  get size(): number {
    return this.#nodes.length;
  }
  nameOf(id: NodeId): string {
    return id < 0 ? '-' : this.names.text(this.#nodes[id].name);
  }
  isUp(id: NodeId): boolean {
    return this.#nodes[id].up;
  }
  isDark(id: NodeId): boolean {
    return this.#nodes[id].dark;
  }
  eraOf(id: NodeId): number {
    return this.#nodes[id].era;
  }
  transportOf(id: NodeId): Transport {
    return this.#nodes[id].transport;
  }
  clockOf(id: NodeId): Micros {
    return this.#nodes[id].clock.read(this.now);
  }
  clockAt(id: NodeId): Clock {
    return this.#nodes[id].clock;
  }
  diskOf(id: NodeId): Disk {
    return this.#nodes[id].disk;
  }
  /** The state of a node that is up, for models that are asked what they still hold. */
  stateOf(id: NodeId): unknown {
    return this.#nodes[id].state;
  }
}
