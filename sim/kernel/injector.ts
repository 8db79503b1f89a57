import { assert } from './assert.ts';
import { EventKind } from './entry.ts';
import {
  type Fault,
  isLinkFault,
  isMessageFault,
  type LinkFault,
  type NodeFault,
} from './fault.ts';
import type { NodeId } from './node.ts';
import { Offers } from './offers.ts';
import type { Micros } from './time.ts';
import type { World } from './world.ts';

/** What a scheduled fault event means. */
const Act = { strike: 0, end: 1, ask: 2 } as const;

/** Beyond the end of every run. */
const FOREVER: Micros = Number.MAX_SAFE_INTEGER;

/** One time that a fault struck nodes or links and has not ended. */
interface Strike {
  readonly index: number;
  /** The nodes that it hit, each with the number of the process that it hit. */
  readonly hits: readonly { readonly node: NodeId; readonly life: number }[];
}

/** Puts the plan's faults into the world and says, for each, how often it bit. */
export class Injector {
  readonly fired: number[];
  /** Every strike planned for a time, or by a fact already stated, has come and gone after this. */
  horizon: Micros = 0;
  /** The same for what chance has added. */
  mended: Micros = 0;
  readonly #world: World;
  readonly #faults: readonly Fault[];
  /** Faults that wait for a fact, by the fact's number. */
  readonly #waiting: { index: number; seen: number }[][] = [];
  readonly #offers: Offers;
  /** Some faults could strike again and again; without them things may move. */
  readonly #chancy: boolean;
  readonly #active = new Set<Strike>();
  #calm = false;

  constructor(world: World, faults: readonly Fault[]) {
    this.#world = world;
    this.#faults = faults;
    this.fired = faults.map(() => 0);
    this.#offers = new Offers(world);
    this.#chancy = faults.some(({ when }) => when.is === 'chance' || when.is === 'at');
    faults.forEach((fault, index) => this.#plan(fault, index));
  }

  #plan(fault: Fault, index: number): void {
    const when = fault.when;
    if (when.is === 'event') {
      (this.#waiting[when.fact] ??= []).push({ index, seen: 0 });
    } else if (isMessageFault(fault)) {
      const from = when.is === 'at' ? when.at : 0;
      const ends = fault.for >= 0 ? from + fault.for : FOREVER;
      const until = when.is === 'offered' ? when.until : ends;
      if (when.is === 'at') this.#reach(fault.for >= 0 ? until : from);
      const once = when.is === 'at' && fault.for < 0;
      this.#world.network.deciders.add(index, fault, from, until, once);
    } else if (when.is === 'offered') {
      assert(!isLinkFault(fault), 'links state no facts');
      this.#offers.add(index, fault, when.facts, when.until);
    } else if (when.is === 'at') {
      this.#reach(when.at);
      this.#schedule(when.at, index, Act.strike, 0, undefined);
    } else {
      assert(when.is === 'chance', 'only messages and facts are counted for nth');
      assert(when.every > 0, 'chance is asked again later, not at once');
      this.#schedule(when.every, index, Act.ask, 1, undefined);
    }
  }

  /** Does a fault wait for this fact? */
  watches(fact: number): boolean {
    return this.#waiting[fact] !== undefined || this.#offers.watches(fact);
  }

  /** A fact was stated: the faults that wait for just this one strike now. */
  onFact(node: NodeId, fact: number, a: number, b: number, c: number): void {
    if (this.#calm) return;
    const taken = this.#offers.taken(node, fact, a, b, c);
    for (const index of taken) this.#strike(index);
    for (const wait of this.#waiting[fact] ?? []) {
      const fault = this.#faults[wait.index];
      assert(fault.when.is === 'event', 'only faults with an event wait for a fact');
      if (fault.when.node !== undefined && fault.when.node !== node) continue;
      if (++wait.seen === fault.when.nth) this.#strike(wait.index);
    }
  }

  /** A scheduled fault event came up. */
  onEvent(index: number, act: number, round: number, payload: unknown): void {
    if (act === Act.end) this.#end(payload as Strike);
    else if (this.#calm) return;
    else if (act === Act.strike) this.#strike(index);
    else this.#ask(index, round);
  }

  /**
   * From here on nothing strikes. A run that settles by itself has come past all that is planned
   * for a time.
   */
  calm(): void {
    this.#calm = true;
    this.#world.network.deciders.clear();
    this.#world.network.releaseOvertaken();
  }

  /**
   * Mends everything temporary that has no end of its own; false when there was nothing of the
   * kind. What is down without `for` stays.
   */
  heal(): boolean {
    this.calm();
    const strikes = [...this.#active];
    for (const strike of strikes) this.#end(strike);
    return strikes.length > 0 || this.#chancy;
  }

  #reach(time: Micros): void {
    this.horizon = Math.max(this.horizon, time);
    this.mended = Math.max(this.mended, time);
  }

  #schedule(time: Micros, index: number, act: number, round: number, strike: Strike | undefined) {
    const world = this.#world;
    world.queue.push(time, EventKind.fault, -1, index, act, round, world.cause, strike);
  }

  #ask(index: number, round: number): void {
    const fault = this.#faults[index];
    const { when } = fault;
    assert(when.is === 'chance' && !isMessageFault(fault), 'messages are asked one by one');
    const world = this.#world;
    const first = firstOf(fault);
    // Named by what it does to whom; only twins are told apart by their place in the plan.
    const twins = this.#faults.slice(0, index).filter((other) => {
      return !isMessageFault(other) && other.what === fault.what && firstOf(other) === first;
    });
    const [what, about] = [world.names.id(fault.what), world.names.id('fault')];
    const site = world.site('strike', first, -1, what, about, round, twins.length + 1);
    if (world.choices.choose(site, 2, when.ppm) !== 0) this.#strike(index);
    this.#schedule(world.now + when.every, index, Act.ask, round + 1, undefined);
  }

  #strike(index: number): void {
    const fault = this.#faults[index];
    const { now, network } = this.#world;
    const until = fault.for >= 0 ? now + fault.for : FOREVER;
    if (fault.for >= 0) {
      if (fault.when.is === 'chance') this.mended = Math.max(this.mended, until);
      else this.#reach(until);
    }
    if (isMessageFault(fault)) {
      const armed = { ...fault, when: { is: 'at', at: now } as const };
      network.deciders.add(index, armed, now, until, fault.for < 0);
      return;
    }
    const strike = { index, hits: isLinkFault(fault) ? [] : this.#hitAll(fault, index) };
    if (isLinkFault(fault)) {
      forEachLink(fault, (a, b) => {
        if (fault.what === 'partition') network.block(a, b, index);
        else network.slow(a, b, fault.by, index);
      });
    }
    this.#active.add(strike);
    if (fault.for >= 0) this.#schedule(until, index, Act.end, 0, strike);
  }

  /** Strikes all at one instant: nobody is told of one by another that is struck as well. */
  #hitAll(fault: Fault & NodeFault, index: number): { node: NodeId; life: number }[] {
    const world = this.#world;
    const hits = fault.nodes
      .filter((node) => world.isUp(node))
      .map((node) => ({ node, life: world.lifeOf(node) }));
    for (const { node, life } of hits) {
      // What one of them suffers may end another, when a fault waits for that fact.
      if (world.isUp(node) && world.lifeOf(node) === life) this.#hit(fault, node, index);
    }
    return hits;
  }

  #hit(fault: NodeFault, node: NodeId, index: number): void {
    const world = this.#world;
    switch (fault.what) {
      case 'crash':
      case 'power-loss':
      case 'erase':
        world.struck(index);
        // The medium goes first: a node that strikes itself does not come back from its crash.
        if (fault.what === 'erase') world.diskOf(node).erase();
        return world.crash(node, fault.what !== 'crash');
      case 'stop':
        world.struck(index);
        return world.stop(node);
      case 'pause': // Bites when it defers an event.
        return world.pause(node, index);
      case 'clock-jump':
        world.struck(index);
        return world.clockAt(node).jump(world.now, fault.by);
      case 'clock-drift':
        world.struck(index);
        return world.clockAt(node).setDrift(world.now, fault.ppm);
      case 'slow-disk': // Bites when something is synced.
        return world.slowDisk(node, fault.factor, index);
    }
  }

  #end(strike: Strike): void {
    if (!this.#active.delete(strike)) return;
    const { index, hits } = strike;
    const fault = this.#faults[index];
    const { network } = this.#world;
    if (isMessageFault(fault)) return;
    if (isLinkFault(fault)) {
      forEachLink(fault, (a, b) => {
        if (fault.what === 'partition') network.unblock(a, b, index);
        else network.quicken(a, b, fault.by, index);
      });
    } else for (const { node, life } of hits) this.#mend(fault, node, life, index);
  }

  #mend(fault: Fault & NodeFault, node: NodeId, life: number, index: number): void {
    const world = this.#world;
    const sameLife = world.lifeOf(node) === life;
    switch (fault.what) {
      case 'crash':
      case 'power-loss':
      case 'erase':
      case 'stop': {
        // Not when it has lived, and ended otherwise, since.
        const theOneEnded = world.lifeOf(node) === life + 1 && !world.isUp(node);
        if (fault.for >= 0 && (sameLife || theOneEnded)) world.restart(node);
        return;
      }
      case 'pause':
        if (sameLife) world.resume(node, index);
        return;
      case 'clock-drift':
        if (!this.#stillHeld(fault, node)) world.clockAt(node).setDrift(world.now, 0);
        return;
      case 'slow-disk':
        if (!this.#stillHeld(fault, node)) world.slowDisk(node, 1000, -1);
        return;
      case 'clock-jump': // A clock that was set stays so.
        return;
    }
  }

  /** Is another strike of this kind on the node in force? The last to end mends it. */
  #stillHeld(fault: NodeFault, node: NodeId): boolean {
    return [...this.#active].some(
      ({ index, hits }) =>
        this.#faults[index].what === fault.what && hits.some((hit) => hit.node === node),
    );
  }
}

function firstOf(fault: LinkFault | NodeFault): NodeId {
  const first = 'nodes' in fault ? fault.nodes[0] : fault.from[0];
  assert(first !== undefined, 'a fault names the nodes that it strikes');
  return first;
}

/** Each direction that the fault concerns, once for each time that it is named. */
function forEachLink(fault: LinkFault, visit: (from: NodeId, to: NodeId) => void): void {
  const oneWay = fault.what === 'partition' && fault.oneWay;
  for (const a of fault.from) {
    for (const b of fault.to) {
      if (a === b) continue;
      visit(a, b);
      if (!oneWay) visit(b, a);
    }
  }
}
