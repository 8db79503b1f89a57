import { assert } from './assert.ts';
import {
  type Fault,
  isLinkFault,
  isMessageFault,
  type LinkFault,
  type NodeFault,
} from './fault.ts';
import type { NodeId } from './node.ts';
import type { Micros } from './time.ts';
import { EventKind, type World } from './world.ts';

/** What a scheduled fault event means. */
const Act = { strike: 0, end: 1, ask: 2 } as const;

const FOREVER = Infinity;

/** Puts the plan's faults into the world and says, for each, how often it bit. */
export class Injector {
  readonly fired: number[];
  /** No planned fault strikes or ends after this time. */
  horizon: Micros = 0;
  readonly #world: World;
  readonly #faults: readonly Fault[];
  /** Faults that wait for a fact, by the fact's number. */
  readonly #waiting: { index: number; seen: number }[][] = [];
  #watching = false;
  readonly #active = new Set<number>();
  #healed = false;

  constructor(world: World, faults: readonly Fault[]) {
    this.#world = world;
    this.#faults = faults;
    this.fired = faults.map(() => 0);
    faults.forEach((fault, index) => this.#plan(fault, index));
  }

  #plan(fault: Fault, index: number): void {
    const when = fault.when;
    if (when.is === 'event') {
      (this.#waiting[when.fact] ??= []).push({ index, seen: 0 });
      this.#watching = true;
    } else if (isMessageFault(fault)) {
      const from = when.is === 'at' ? when.at : 0;
      const until = fault.for >= 0 ? from + fault.for : FOREVER;
      if (when.is === 'at') this.#reach(fault.for >= 0 ? until : from);
      const once = when.is === 'at' && fault.for < 0;
      this.#world.network.addDecider(index, fault, from, until, once);
    } else if (when.is === 'at') {
      this.#schedule(when.at, index, Act.strike, 0);
    } else if (when.is === 'chance') {
      this.#schedule(when.every, index, Act.ask, 1);
    } else {
      assert(false, 'only messages and facts are counted for nth');
    }
  }

  /** A fact was stated; true when a fault that waits for it strikes now. */
  onFact(node: NodeId, fact: number): void {
    if (!this.#watching) return;
    const waiting = this.#waiting[fact];
    if (waiting === undefined || this.#healed) return;
    for (const wait of waiting) {
      const fault = this.#faults[wait.index];
      assert(fault.when.is === 'event', 'only faults with an event wait for a fact');
      if (fault.when.node !== undefined && fault.when.node !== node) continue;
      if (++wait.seen === fault.when.nth) this.#strike(wait.index);
    }
  }

  /** A scheduled fault event came up. */
  onEvent(index: number, act: number, round: number): void {
    if (act === Act.end) this.#end(index);
    else if (this.#healed) return;
    else if (act === Act.strike) this.#strike(index);
    else this.#ask(index, round);
  }

  /** Mends everything temporary that has no end of its own. What is down without `restart` stays. */
  heal(): void {
    this.#healed = true;
    for (const index of [...this.#active]) this.#end(index);
    this.#faults.forEach((fault, index) => {
      if (isMessageFault(fault)) this.#world.network.removeDecider(index);
    });
    this.#world.network.releaseOvertaken();
  }

  #reach(time: Micros): void {
    if (time > this.horizon) this.horizon = time;
  }

  #schedule(time: Micros, index: number, act: number, round: number): void {
    if (act !== Act.ask) this.#reach(time);
    const world = this.#world;
    world.queue.push(time, EventKind.fault, -1, index, act, round, world.cause, undefined);
  }

  #ask(index: number, round: number): void {
    const fault = this.#faults[index];
    assert(
      fault.when.is === 'chance' && !isMessageFault(fault),
      'only node and link faults are asked',
    );
    const world = this.#world;
    const names = world.names;
    const from = isLinkFault(fault) ? fault.from[0] : fault.nodes[0];
    const site = world.site(
      'strike',
      from,
      -1,
      names.id(fault.what),
      names.id('fault'),
      round,
      index + 1,
    );
    if (world.choices.choose(site, 2, fault.when.ppm) !== 0) this.#strike(index);
    this.#schedule(world.now + fault.when.every, index, Act.ask, round + 1);
  }

  #strike(index: number): void {
    const fault = this.#faults[index];
    const world = this.#world;
    if (isMessageFault(fault)) {
      const until = fault.for >= 0 ? world.now + fault.for : FOREVER;
      world.network.addDecider(
        index,
        { ...fault, when: { is: 'at', at: world.now } },
        world.now,
        until,
        fault.for < 0,
      );
      return;
    }
    if (isLinkFault(fault)) this.#cut(fault, index);
    else for (const node of fault.nodes) this.#hit(fault, node, index);
    const instant = fault.what === 'clock-jump';
    if (!instant) this.#active.add(index);
    if (fault.for >= 0 && !instant) this.#schedule(world.now + fault.for, index, Act.end, 0);
  }

  #cut(fault: LinkFault, index: number): void {
    const both = fault.what === 'slow-link' || !fault.oneWay;
    for (const a of fault.from) {
      for (const b of fault.to) {
        if (a === b) continue;
        this.#cutLink(fault, index, a, b);
        if (both) this.#cutLink(fault, index, b, a);
      }
    }
  }

  #cutLink(fault: LinkFault, index: number, from: NodeId, to: NodeId): void {
    if (fault.what === 'partition') this.#world.network.block(from, to, index);
    else this.#world.network.slow(from, to, fault.by, index);
  }

  #hit(fault: NodeFault, node: NodeId, index: number): void {
    const world = this.#world;
    if (!world.isUp(node)) return;
    switch (fault.what) {
      case 'crash':
      case 'power-loss':
        world.struck(index);
        return world.crash(node, fault.what === 'power-loss');
      case 'stop':
        world.struck(index);
        return world.stop(node);
      case 'pause':
        return world.pause(node, index);
      case 'clock-jump':
        world.struck(index);
        return world.clockAt(node).jump(world.now, fault.by);
      case 'clock-drift':
        world.struck(index);
        return world.clockAt(node).setDrift(world.now, fault.ppm);
      case 'slow-disk':
        return world.slowDisk(node, fault.factor, index);
    }
  }

  #end(index: number): void {
    if (!this.#active.delete(index)) return;
    const fault = this.#faults[index];
    const world = this.#world;
    if (isMessageFault(fault)) return;
    if (isLinkFault(fault)) return this.#mend(fault);
    for (const node of fault.nodes) {
      switch (fault.what) {
        case 'crash':
        case 'power-loss':
        case 'stop':
          if (fault.for >= 0) world.restart(node);
          break;
        case 'pause':
          world.resume(node);
          break;
        case 'clock-drift':
          world.clockAt(node).setDrift(world.now, 0);
          break;
        case 'slow-disk':
          world.slowDisk(node, 1000, -1);
          break;
        case 'clock-jump':
          break;
      }
    }
  }

  #mend(fault: LinkFault): void {
    const network = this.#world.network;
    const both = fault.what === 'slow-link' || !fault.oneWay;
    for (const a of fault.from) {
      for (const b of fault.to) {
        if (a === b) continue;
        for (const [from, to] of both
          ? [
              [a, b],
              [b, a],
            ]
          : [[a, b]]) {
          if (fault.what === 'partition') network.unblock(from, to);
          else network.slow(from, to, -fault.by, -1);
        }
      }
    }
  }
}
