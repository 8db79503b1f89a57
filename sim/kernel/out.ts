import type { Disk } from './disk.ts';
import type { Distribution } from './distribution.ts';
import { Fact } from './entry.ts';
import type { Handle } from './event-queue.ts';
import type { NameId, Names } from './names.ts';
import type { Message, NodeId } from './node.ts';
import type { Micros, Ppm } from './time.ts';
import type { World } from './world.ts';

/**
 * All that a node may do. One object per node, the same through its whole life. When a fault
 * strikes the node at a fact that it states, `fact` does not return: the rest of the handler never
 * happens.
 */
export class Out {
  readonly self: NodeId;
  readonly names: Names;
  readonly #world: World;

  constructor(world: World, self: NodeId) {
    this.#world = world;
    this.self = self;
    this.names = world.names;
  }

  get name(): string {
    return this.#world.nameOf(this.self);
  }

  /** What this node's own clock shows. */
  get clock(): Micros {
    return this.#world.clockOf(this.self);
  }

  /** Virtual time, for stamps that stand in no protocol: what an observer would note. */
  get now(): Micros {
    return this.#world.now;
  }

  get disk(): Disk {
    return this.#world.diskOf(this.self);
  }

  /**
   * Sends a protocol message. `about/nr #attempt` is its causal name: of all messages of this type
   * on this link no two may share it. For instance a partition, a base sequence and a try.
   */
  send(to: NodeId, message: Message, about: NameId, nr: number, attempt = 1): void {
    this.#world.network.send(this.self, to, message, about, nr, attempt);
  }

  /**
   * Closes the stream to `peer`. What was sent still arrives there; its answers no longer come
   * here.
   */
  disconnect(peer: NodeId): void {
    this.#world.network.close(this.self, peer);
  }

  /** Calls `onTimer(code, data)` after a span of this node's clock. */
  timer(after: Micros, code: number, data: unknown = undefined): Handle {
    return this.#world.timer(this.self, after, code, data);
  }

  cancel(handle: Handle): void {
    this.#world.queue.cancel(handle);
  }

  /**
   * Makes a log or file of this node's disk durable as it is now; costs one fsync, then calls
   * `onTimer(code, data)`.
   */
  sync(name: string, code: number, data: unknown = undefined): void {
    this.#world.sync(this.self, name, code, data);
  }

  /** A model's own choice among n; without `ppm` all are equally likely. 0 is the benign one. */
  choose(what: NameId, about: NameId, nr: number, attempt: number, n: number, ppm?: Ppm): number {
    if (n <= 1) return 0;
    const site = this.#world.site('draw', this.self, -1, what, about, nr, attempt);
    return this.#world.choices.choose(site, n, ppm);
  }

  /** A model's own quantity: backoff jitter, service time. */
  sample(what: NameId, about: NameId, nr: number, attempt: number, table: Distribution): Micros {
    if (table.fixed >= 0) return table.fixed;
    const site = this.#world.site('span', this.self, -1, what, about, nr, attempt);
    return this.#world.choices.sample(site, table);
  }

  /** States a fact; `FACTS` in entry.ts says what the numbers mean. */
  fact(fact: number, a = 0, b = 0, c = 0, d = 0): void {
    this.#world.fact(this.self, fact, a, b, c, d);
  }

  /** Adds to a named counter of the run: "retries", "rebalances". */
  count(counter: NameId, by = 1): void {
    this.fact(Fact.counted, counter, by);
  }

  /** A state machine moved. Words are looked up only here; keep it off the per-message path. */
  became(about: string, from: string, to: string, why: string): void {
    const names = this.names;
    this.fact(Fact.became, names.id(about), names.id(from), names.id(to), names.id(why));
  }

  /** A message was refused or useless, with the reason in the real system's words. */
  ignored(what: string, reason: string): void {
    this.fact(Fact.ignored, this.names.id(what), this.names.id(reason));
  }

  /** True while a full trace is kept: the only time at which `tell` is worth its words. */
  get tracing(): boolean {
    return this.#world.trace !== undefined;
  }

  /** A line for the reader of a trace; asserts nothing and is counted nowhere. */
  tell(words: string): void {
    this.#world.tell(this.self, words);
  }

  /** Ends this process in good order: everything on disk is synced. */
  exit(): void {
    this.#world.exit(this.self);
  }
}
