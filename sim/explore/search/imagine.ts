import type { Fault, MessageFault, When } from '../../kernel/fault.ts';
import { MILLISECOND, millis, type Micros } from '../../kernel/time.ts';
import type { Draws } from './draws.ts';
import type { Messages, Portrait } from './portrait.ts';

export const MESSAGE_KINDS = ['lose', 'delay', 'reset', 'duplicate'] as const;
export const NODE_KINDS = ['crash', 'stop', 'power-loss', 'pause'] as const;
export const LINK_KINDS = ['partition', 'slow-link'] as const;
export type PlanKind =
  (typeof MESSAGE_KINDS)[number] | (typeof NODE_KINDS)[number] | (typeof LINK_KINDS)[number];

/** What faults a search may plan, and on whom. */
export interface Ground {
  readonly kinds: readonly PlanKind[];
  /** Who may be struck or cut off. */
  readonly nodes: readonly string[];
  /** Types of messages that may be; empty: all. */
  readonly types: readonly string[];
  /** Facts at which nodes may be struck. */
  readonly facts: readonly number[];
  /** How long an outage may last, shortest first. */
  readonly spans: readonly Micros[];
  /** How late a message may be, shortest first. */
  readonly delays: readonly Micros[];
  /** Nothing strikes from here on. */
  readonly until: Micros;
}

/** Nothing may be planned. */
export const NOTHING: Ground = {
  ...{ kinds: [], nodes: [], types: [], facts: [], spans: [], delays: [] },
  until: 0,
};

/** A fault that a plan has already, as it came out. */
export interface Earlier {
  readonly at: Micros;
  readonly lasts: Micros;
  readonly nodes: readonly string[];
}

/**
 * Draws faults for a run that is known by its portrait. What breaks a system is seldom two faults
 * that know nothing of each other: so one that joins others mostly falls into their time, or hits
 * the same node or a peer of it.
 */
export class Imagination {
  readonly #ground: Ground;
  readonly #draws: Draws;
  /** Nodes by what they are instances of. */
  readonly #roles: readonly (readonly string[])[];

  constructor(ground: Ground, draws: Draws) {
    this.#ground = ground;
    this.#draws = draws;
    const roles = new Map<string, string[]>();
    for (const node of ground.nodes) {
      const role = roleOf(node);
      const known = roles.get(role);
      if (known === undefined) roles.set(role, [node]);
      else known.push(node);
    }
    this.#roles = [...roles.values()];
  }

  /** Undefined when this run has no place for a fault of this kind. */
  draw(
    kind: PlanKind,
    seen: Portrait,
    earlier: readonly Earlier[] = [],
  ): Fault<string> | undefined {
    const to =
      earlier.length > 0 && this.#draws.next(4) > 0 ? this.#draws.pick(earlier) : undefined;
    switch (kind) {
      case 'lose':
      case 'delay':
      case 'reset':
      case 'duplicate':
        return this.#onMessage(kind, seen, to);
      case 'partition':
      case 'slow-link':
        return this.#onLink(kind, seen, to);
      default:
        return this.#onNode(kind, seen, to);
    }
  }

  #onMessage(
    what: MessageFault['what'] & PlanKind,
    seen: Portrait,
    related: Earlier | undefined,
  ): Fault<string> | undefined {
    const { types, delays, until } = this.#ground;
    const draws = this.#draws;
    const fits = (group: Messages) =>
      (types.length === 0 || types.includes(group.type)) &&
      group.times[0] < until &&
      (what !== 'duplicate' || group.datagram) &&
      (what !== 'reset' || !group.datagram);
    const groups = [...seen.messages.values()].filter(fits);
    if (groups.length === 0) return undefined;
    // A type first: else the most frequent one takes nearly all.
    const type = draws.pick([...new Set(groups.map((group) => group.type))]);
    const group = draws.pick(groups.filter((g) => g.type === type));
    const { times, from, to } = group;
    let place = draws.next(times.length);
    if (related !== undefined) {
      const time = this.#time(seen, related);
      const next = times.findIndex((t) => t >= time);
      if (next >= 0) place = next;
    }
    const match = { type, from: [from], to: [to], about: '' };
    const when = { is: 'nth', nth: [place + 1] } as const;
    if (what === 'delay') return { what, match, by: draws.pick(delays), when, for: -1 };
    if (what === 'duplicate') return { what, match, after: MILLISECOND, when, for: -1 };
    return { what, match, when, for: -1 } as Fault<string>;
  }

  #onNode(
    what: (typeof NODE_KINDS)[number],
    seen: Portrait,
    related: Earlier | undefined,
  ): Fault<string> | undefined {
    if (this.#ground.nodes.length === 0) return undefined;
    const draws = this.#draws;
    const node = this.#node(related);
    const peers = this.#peersOf(node);
    const nodes = peers.length > 1 && draws.next(8) === 0 ? peers : [node];
    const when = this.#moment(node, seen, this.#time(seen, related));
    return { what, nodes, when, for: this.#span(seen) };
  }

  #onLink(
    what: (typeof LINK_KINDS)[number],
    seen: Portrait,
    related: Earlier | undefined,
  ): Fault<string> | undefined {
    const draws = this.#draws;
    if (this.#ground.nodes.length < 2) return undefined;
    const node = this.#node(related);
    const to = this.#others(node);
    const when = { is: 'at', at: this.#time(seen, related) } as const;
    const lasts = this.#span(seen);
    if (what === 'slow-link') {
      return { what, from: [node], to, by: draws.pick(this.#ground.delays), when, for: lasts };
    }
    return { what, from: [node], to, oneWay: draws.next(4) === 0, when, for: lasts };
  }

  /** The nodes that one is cut off from: one of them, some kinds of them, or all. */
  #others(node: string): readonly string[] {
    const draws = this.#draws;
    const all = this.#ground.nodes.filter((other) => other !== node);
    const way = draws.next(4);
    if (way === 0) return [draws.pick(all)];
    if (way === 1) return all;
    const some = this.#roles
      .filter(() => draws.next(2) === 0)
      .flat()
      .filter((other) => other !== node);
    return some.length === 0 ? all : some;
  }

  #node(related: Earlier | undefined): string {
    const draws = this.#draws;
    const known = related?.nodes.filter((node) => this.#ground.nodes.includes(node)) ?? [];
    const way = draws.next(3);
    if (known.length === 0 || way === 0) return draws.pick(draws.pick(this.#roles));
    const node = draws.pick(known);
    return way === 1 ? node : draws.pick(this.#peersOf(node));
  }

  #peersOf(node: string): readonly string[] {
    return this.#roles.find((nodes) => nodes.includes(node)) ?? [node];
  }

  /** As it has to do with another fault: during it, about its end, soon after its beginning. */
  #time(seen: Portrait, related: Earlier | undefined): Micros {
    const draws = this.#draws;
    const until = Math.max(1, Math.min(seen.until, this.#ground.until));
    if (related === undefined) return draws.below(until);
    const { at, lasts } = related;
    const soon = millis(1 << draws.next(13));
    const ways = [at + draws.below(Math.max(1, lasts)), at + soon, at + lasts + soon];
    return Math.min(draws.pick(ways), this.#ground.until - 1);
  }

  /** A time as it is, or what the node (or somebody) states next after it. */
  #moment(node: string, seen: Portrait, time: Micros): When<string> {
    const draws = this.#draws;
    const at = { is: 'at', at: time } as const;
    if (draws.next(2) === 0) return at;
    const all = [...seen.moments.values()].filter((m) => m.times[m.times.length - 1] >= time);
    const own = all.filter((moments) => moments.node === node);
    const chosen = draws.next(4) === 0 || own.length === 0 ? all : own;
    if (chosen.length === 0) return at;
    const { fact, node: stating, times } = draws.pick(chosen);
    const nth = times.findIndex((t) => t >= time) + 1;
    return { is: 'event', fact, nth, node: stating };
  }

  #span(seen: Portrait): Micros {
    return this.#draws.pick(spansFor(this.#ground, seen));
  }
}

/** Outages up to about as long as the run itself, and two minutes in any case. */
export function spansFor({ spans }: Ground, seen: Portrait): readonly Micros[] {
  const longest = Math.max(seen.until, millis(120_000));
  const fitting = spans.filter((span) => span <= longest);
  return fitting.length > 0 ? fitting : spans;
}

export const roleOf = (node: string): string => node.replace(/-\d+$/, '');

/** Of a plan's faults, those that are known to have struck in the run of this portrait. */
export function earlierOf(faults: readonly Fault<string>[], seen: Portrait): Earlier[] {
  return faults.flatMap((fault, i): Earlier[] => {
    const at = seen.struck.get(i);
    if (at === undefined) return [];
    const nodes =
      'nodes' in fault
        ? fault.nodes
        : 'match' in fault
          ? [...fault.match.from, ...fault.match.to]
          : [...fault.from, ...fault.to];
    return [{ at, lasts: Math.max(0, fault.for), nodes }];
  });
}
