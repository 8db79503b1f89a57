import { assert } from './assert.ts';
import { Site, type Choices, type SiteKind } from './choices.ts';
import type { Clock } from './clock.ts';
import { Digest } from './digest.ts';
import type { Disk, Version } from './disk.ts';
import { Distribution } from './distribution.ts';
import { EventKind, Fact, type Observer, type Trace } from './entry.ts';
import { EventQueue, NO_HANDLE, type Handle } from './event-queue.ts';
import type { Fault } from './fault.ts';
import { Host } from './host.ts';
import { Injector } from './injector.ts';
import { drop } from './link.ts';
import type { NameId, Names } from './names.ts';
import { Network } from './network.ts';
import type { Message, NodeId, Role, Transport } from './node.ts';
import { Out } from './out.ts';
import type { Micros } from './time.ts';

interface SyncRequest {
  readonly name: string;
  readonly version: Version;
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

export { EventKind };

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
  readonly #hosts: Host[] = [];
  readonly #site = new Site();
  #injector: Injector | undefined;
  /** The node whose handler runs, and whether a fault has ended its process meanwhile. */
  #running: NodeId = -1;
  #struckDown = false;
  /** Facts whose consequences are being worked out: only outside of all may a handler be left. */
  #depth = 0;

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
    const id = this.#hosts.length;
    // A node is only ever handed the state that its own role made.
    const opaque = role as unknown as Role<unknown>;
    const { transport = 'stream', fsync = FREE, startsAt = 0 } = options;
    const out = new Out(this, id);
    this.#hosts.push(new Host(id, this.names.id(name), opaque, transport, fsync, out));
    this.#hosts[id].isDue = startsAt === 0;
    if (startsAt >= 0) this.queue.push(startsAt, EventKind.start, id, 0, 0, 0, -1, undefined);
    return id;
  }

  inject(faults: readonly Fault[]): Injector {
    assert(this.#injector === undefined, 'faults are planned once');
    return (this.#injector = new Injector(this, faults));
  }

  /** Handles the earliest event. The caller (sim/run.ts) has made sure that there is one. */
  step(): void {
    const queue = this.queue;
    const popped = queue.pop();
    assert(popped, 'a step is taken only while events are pending');
    assert(queue.now >= this.now, 'time never goes back');
    this.now = queue.now;
    this.events++;
    const { kind, node, code, tag, era, payload } = queue;
    this.digest.add(this.now, node, kind, code, tag);
    this.cause = this.#entries++;
    if (this.trace !== undefined) {
      this.trace.event(this.cause, this.now, node, kind, code, queue.cause);
    }
    this.#dispatch(kind, node, code, tag, era, payload);
    this.cause = -1;
  }

  /** Runs a handler of `id`; a fault that strikes this node at a fact it states unwinds to here. */
  #dispatch(
    kind: number,
    id: NodeId,
    code: number,
    tag: number,
    era: number,
    payload: unknown,
  ): void {
    const outer = this.#running;
    this.#running = id;
    try {
      if (id >= 0) this.#handle(this.#hosts[id], kind, code, tag, era, payload);
      else this.#injector?.onEvent(code, tag, era, payload);
    } catch (thrown) {
      if (thrown !== STRUCK) throw thrown;
      assert(this.#depth === 0, 'a handler is left only when all consequences are worked out');
    }
    this.#struckDown = false;
    this.#running = outer;
  }

  #handle(
    host: Host,
    kind: number,
    code: number,
    tag: number,
    era: number,
    payload: unknown,
  ): void {
    if (host.paused && kind !== EventKind.start && kind !== EventKind.resume) {
      host.deferred.push({ kind, code, tag, era, entry: this.cause, payload });
      this.struck(host.pauses.at(-1) ?? -1);
      return;
    }
    switch (kind) {
      case EventKind.message:
      case EventKind.disturbed:
        if (this.network.arrives(code, host.id, era, kind === EventKind.disturbed)) {
          host.role.onMessage(host.state, code, payload as Message, host.out);
        }
        return;
      case EventKind.timer:
        if (host.up && host.life === era) host.role.onTimer(host.state, code, payload, host.out);
        return;
      case EventKind.synced:
        if (host.up && host.life === era) this.#synced(host, payload as SyncRequest);
        return;
      case EventKind.disconnect:
        if (!host.up || host.life !== era) return;
        if (!this.network.hearsEnd(host.id, code, tag)) return;
        host.role.onDisconnect?.(host.state, code, host.out);
        return;
      case EventKind.start:
        return this.#start(host);
      case EventKind.resume:
        return this.#drain(host);
      case EventKind.stop:
        if (host.up && host.life === era) this.#shutDown(host);
        return;
    }
    assert(false, 'an event is of one of our kinds');
  }

  // --- What nodes and faults do to each other ---

  /** Starts a node that is down, or again once it has shut down; a no-op on one that stays up. */
  restart(id: NodeId): void {
    this.queue.push(this.now, EventKind.start, id, 0, 0, 0, this.cause, undefined);
  }

  #start(host: Host): void {
    if (host.stopping) host.startsAgain = true;
    if (host.up) return;
    host.up = true;
    host.isDue = false;
    host.dark = false;
    this.fact(host.id, Fact.started, host.id, 0, 0, 0);
    host.state = host.role.start(host.out);
  }

  /** Ends a process at once. With `power`, what was not synced is gone and nobody is told. */
  crash(id: NodeId, power: boolean): void {
    this.network.breakAll(id, power);
    this.#end(id, power);
  }

  /** Asks a node to shut down in good order: it hears of it as its next event. */
  stop(id: NodeId): void {
    const host = this.#hosts[id];
    // From now on, not from when it hears of it: a paused process may be restarted before that.
    host.stopping = true;
    this.queue.push(this.now, EventKind.stop, id, 0, 0, host.life, this.cause, undefined);
  }

  #shutDown(host: Host): void {
    if (host.role.onStop === undefined) this.exit(host.id);
    else host.role.onStop(host.state, host.out);
  }

  /** A process ends in good order: what it wrote is safe and what it sent arrives. */
  exit(id: NodeId): void {
    this.#hosts[id].disk.hardenAll();
    this.network.closeAll(id);
    this.#end(id, false);
    this.#leaveIfStruck();
  }

  #end(id: NodeId, power: boolean): void {
    const host = this.#hosts[id];
    assert(host.up, 'only a running process ends');
    host.up = false;
    host.dark = power;
    host.life++;
    host.state = undefined;
    for (const { kind } of host.deferred) {
      if (kind === EventKind.disturbed) this.network.disturbed--;
    }
    host.deferred = [];
    host.paused = false;
    host.pauses = [];
    host.stopping = false;
    if (power) host.disk.losePower(this.now);
    this.fact(id, Fact.crashed, id, 0, 0, 0);
    if (host.startsAgain) this.restart(id);
    host.startsAgain = false;
    if (id === this.#running) this.#struckDown = true;
  }

  pause(id: NodeId, fault: number): void {
    const host = this.#hosts[id];
    host.paused = true;
    host.pauses.push(fault);
  }

  /** Ends one pause. After the last one, what was deferred comes before anything new. */
  resume(id: NodeId, fault: number): void {
    const { pauses } = this.#hosts[id];
    const found = drop(pauses, fault);
    assert(found, 'only a pause in force ends');
    if (pauses.length > 0) return;
    this.queue.push(this.now, EventKind.resume, id, 0, 0, 0, this.cause, undefined);
  }

  #drain(host: Host): void {
    if (!host.paused || host.pauses.length > 0) return;
    host.paused = false;
    const deferred = host.deferred;
    host.deferred = [];
    for (const { kind, code, tag, era, entry, payload } of deferred) {
      this.cause = entry;
      this.#dispatch(kind, host.id, code, tag, era, payload);
    }
  }

  slowDisk(id: NodeId, factor: number, fault: number): void {
    const host = this.#hosts[id];
    host.disk.slowness = factor;
    host.slowedBy = fault;
  }

  timer(id: NodeId, after: Micros, code: number, data: unknown): Handle {
    const host = this.#hosts[id];
    if (!host.up) return NO_HANDLE;
    const at = this.now + host.clock.span(after);
    return this.queue.push(at, EventKind.timer, id, code, 0, host.life, this.cause, data);
  }

  sync(id: NodeId, name: string, code: number, data: unknown): void {
    const host = this.#hosts[id];
    if (!host.up) return;
    let cost = host.fsync.fixed;
    if (cost < 0) {
      const what = this.names.id('fsync');
      const site = this.site('span', id, -1, what, this.names.id(name), host.syncs++, 1);
      cost = this.choices.sample(site, host.fsync);
    }
    if (host.slowedBy >= 0) this.struck(host.slowedBy);
    const at = this.now + Math.round((cost * host.disk.slowness) / 1000);
    const request: SyncRequest = { name, version: host.disk.version(name), code, data };
    this.queue.push(at, EventKind.synced, id, code, 0, host.life, this.cause, request);
  }

  #synced(host: Host, { name, version, code, data }: SyncRequest): void {
    host.disk.hardenVersion(name, version);
    host.role.onTimer(host.state, code, data, host.out);
  }

  // --- What is stated and recorded ---

  fact(node: NodeId, fact: number, a: number, b: number, c: number, d: number): void {
    const index = this.#entries++;
    this.digest.add(fact, a, b, c, d);
    this.#observer.fact(this.now, node, fact, a, b, c, d);
    if (this.trace !== undefined) this.trace.fact(index, this.now, node, fact, [a, b, c, d]);
    const injector = this.#injector;
    if (injector === undefined || !injector.watches(fact)) return;
    this.#depth++;
    injector.onFact(node, fact, a, b, c);
    this.#depth--;
    this.#leaveIfStruck();
  }

  #leaveIfStruck(): void {
    if (this.#struckDown && this.#depth === 0) throw STRUCK;
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
    site.from = this.#hosts[from].name;
    site.to = to < 0 ? -1 : this.#hosts[to].name;
    site.what = what;
    site.about = about;
    site.nr = nr;
    site.attempt = attempt;
    return site;
  }
  get size(): number {
    return this.#hosts.length;
  }
  nameOf(id: NodeId): string {
    return id < 0 ? '-' : this.names.text(this.#hosts[id].name);
  }
  isUp(id: NodeId): boolean {
    return this.#hosts[id].up;
  }
  /** Nodes that start together find each other up, whichever of them is the first. */
  takesConnections(id: NodeId): boolean {
    return this.isUp(id) || (this.#hosts[id].isDue && this.now === 0);
  }
  isDark(id: NodeId): boolean {
    return this.#hosts[id].dark;
  }
  /** Processes that ended on this node so far. */
  lifeOf(id: NodeId): number {
    return this.#hosts[id].life;
  }
  transportOf(id: NodeId): Transport {
    return this.#hosts[id].transport;
  }
  clockOf(id: NodeId): Micros {
    return this.#hosts[id].clock.read(this.now);
  }
  clockAt(id: NodeId): Clock {
    return this.#hosts[id].clock;
  }
  diskOf(id: NodeId): Disk {
    return this.#hosts[id].disk;
  }
  /** The state of a node that is up, for models that are asked what they still hold. */
  stateOf(id: NodeId): unknown {
    return this.#hosts[id].state;
  }
}
