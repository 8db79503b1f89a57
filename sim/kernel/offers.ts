import { assert } from './assert.ts';
import { FACT_NAMES, FACT_SUBJECT } from './entry.ts';
import type { NodeFault } from './fault.ts';
import type { NodeId } from './node.ts';
import type { Micros } from './time.ts';
import type { World } from './world.ts';

/** A fault on nodes that is on offer at every statement of some facts. */
interface Offer {
  readonly index: number;
  readonly what: NodeFault['what'];
  readonly node: NodeId;
  readonly until: Micros;
}

/**
 * Node faults that a search may place. Each statement of a watched fact is a question, named by the
 * moment and not by its place in the run: "strike broker-1 crash stored/17 #2" is the second time
 * that broker-1 states of message 17 that it is stored.
 */
export class Offers {
  readonly #world: World;
  /** By the fact's number. */
  readonly #offers: Offer[][] = [];
  readonly #stated = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  add(index: number, fault: NodeFault, facts: readonly number[], until: Micros): void {
    const { what, nodes } = fault;
    assert(nodes.length === 1, 'who states the fact is who is struck');
    for (const fact of facts) {
      assert(FACT_SUBJECT[fact] >= 0, 'a moment is named by what its fact is about');
      (this.#offers[fact] ??= []).push({ index, what, node: nodes[0], until });
    }
  }

  watches(fact: number): boolean {
    return this.#offers[fact] !== undefined;
  }

  /** The fault that is taken up at this statement, if one is: a list of none or one. */
  taken(node: NodeId, fact: number, a: number, b: number, c: number): readonly number[] {
    const world = this.#world;
    const offers = this.#offers[fact];
    if (offers === undefined || node < 0 || !world.isUp(node)) return NONE;
    const nr = [a, b, c][FACT_SUBJECT[fact]];
    const key = `${node} ${fact} ${nr}`;
    const times = (this.#stated.get(key) ?? 0) + 1;
    this.#stated.set(key, times);
    const about = world.names.aside(FACT_NAMES[fact]);
    for (const { index, what, node: target, until } of offers) {
      if (world.now >= until || target !== node) continue;
      const site = world.site('strike', node, -1, world.names.aside(what), about, nr, times);
      if (world.choices.choose(site, 2, 0) !== 0) return [index];
    }
    return NONE;
  }
}

const NONE: readonly number[] = [];
