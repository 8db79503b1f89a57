import type { Fault, When } from '../../kernel/fault.ts';
import { millis, type Micros } from '../../kernel/time.ts';
import type { Draws } from './draws.ts';
import {
  type Earlier,
  type Ground,
  LINK_KINDS,
  MESSAGE_KINDS,
  NODE_KINDS,
  roleOf,
  spansFor,
} from './imagine.ts';
import type { Portrait } from './portrait.ts';
import type { Support, Supporting, SupportingMessage, SupportingMoment } from './support.ts';
import { Turns } from './turns.ts';

/** A way to cut what messages rest on. */
interface Way {
  /** Whom it strikes: what the nodes are instances of; "" for messages. */
  readonly role: string;
  readonly draw: (related: Earlier | undefined) => Fault<string> | undefined;
}

/**
 * Draws faults that cut the support of a run. Kinds of faults, of nodes, of messages and lengths
 * take turns, the telling ones more often, so that each comes up within a few runs. Where one
 * strikes follows from the life of some message.
 */
export class Cuts {
  readonly #ground: Ground;
  readonly #seen: Portrait;
  readonly #support: Support;
  readonly #draws: Draws;
  readonly #ways: Turns<Turns<Way>>;
  readonly #roles: ReadonlyMap<string, readonly string[]>;
  readonly #lives = new Map<number, readonly Supporting[]>();

  constructor(ground: Ground, seen: Portrait, support: Support, draws: Draws) {
    this.#ground = ground;
    this.#seen = seen;
    this.#support = support;
    this.#draws = draws;
    this.#roles = rolesOf(ground.nodes);
    this.#ways = new Turns(draws);
    for (const [ways, cost] of [
      [this.#onNodes(), 2],
      [this.#onMessages(), 2],
      [this.#onLinks(), 3],
    ] as const) {
      if (ways.size > 0) this.#ways.add(ways, cost);
    }
  }

  /** Undefined when there is nothing to cut. */
  next(related: Earlier | undefined): Fault<string> | undefined {
    const role = this.#roleLike(related);
    const fits = (way: Way) => role === '' || way.role === role;
    for (let tries = 0; tries < 4; tries++) {
      const fault = this.#ways.next()?.next(fits)?.draw(related);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** Most of what joins a fault on nodes strikes these or their peers. */
  #roleLike(related: Earlier | undefined): string {
    if (related === undefined || this.#draws.next(3) === 0) return '';
    const role = roleOf(this.#draws.pick(related.nodes));
    return this.#roles.has(role) ? role : '';
  }

  /** Lengths of outages: short ones are mostly masked. */
  #spans(): Turns<Micros> {
    const turns = new Turns<Micros>(this.#draws);
    for (const span of spansFor(this.#ground, this.#seen)) {
      turns.add(span, span >= millis(8_000) ? 1 : span >= millis(500) ? 2 : 4);
    }
    return turns;
  }

  #delays(): Turns<Micros> {
    const turns = new Turns<Micros>(this.#draws);
    for (const by of this.#ground.delays) {
      turns.add(by, by >= millis(2_000) ? 1 : by >= millis(500) ? 2 : 4);
    }
    return turns;
  }

  #onNodes(): Turns<Way> {
    const ways = new Turns<Way>(this.#draws);
    for (const what of NODE_KINDS) {
      if (!this.#ground.kinds.includes(what)) continue;
      for (const [role, nodes] of this.#roles) {
        const spans = this.#spans();
        const add = (chosen: (node: string) => readonly string[], cost: number) => {
          const draw = (related: Earlier | undefined): Fault<string> => {
            const node = this.#among(nodes, related);
            const struck = chosen(node);
            // Of all but one, that one's time counts.
            const when = this.#when(node, related);
            return { what, nodes: struck, when, for: spans.next() ?? 0 };
          };
          ways.add({ role, draw }, cost);
        };
        add((node) => [node], 1);
        if (nodes.length > 1) add(() => nodes, 2);
        if (nodes.length > 2) add((node) => nodes.filter((other) => other !== node), 2);
      }
    }
    return ways;
  }

  #onLinks(): Turns<Way> {
    const ways = new Turns<Way>(this.#draws);
    for (const what of LINK_KINDS) {
      if (!this.#ground.kinds.includes(what)) continue;
      for (const [role, nodes] of this.#roles) {
        const others = (node: string) => this.#ground.nodes.filter((other) => other !== node);
        const sides = [others, ...this.#partners(role).map((p) => among(p, others))];
        for (const [place, side] of sides.entries()) {
          if (side(nodes[0]).length === 0) continue;
          const spans = this.#spans();
          const delays = this.#delays();
          const draw = (related: Earlier | undefined): Fault<string> => {
            const node = this.#among(nodes, related);
            const ends = { from: [node], to: side(node) };
            const when = { is: 'at', at: this.#time(node, related) } as const;
            const lasts = { when, for: spans.next() ?? 0 };
            if (what === 'slow-link') return { what, ...ends, by: delays.next() ?? 0, ...lasts };
            return { what, ...ends, oneWay: false, ...lasts };
          };
          ways.add({ role, draw }, (what === 'slow-link' ? 2 : 1) * (place > 0 ? 2 : 1));
        }
      }
    }
    return ways;
  }

  /** Roles that this one exchanges messages with. */
  #partners(role: string): string[] {
    const found = new Set<string>();
    for (const { from, to } of this.#seen.messages.values()) {
      if (roleOf(from) === role) found.add(roleOf(to));
      if (roleOf(to) === role) found.add(roleOf(from));
    }
    return [...found].filter((other) => this.#roles.has(other));
  }

  #onMessages(): Turns<Way> {
    const ways = new Turns<Way>(this.#draws);
    const { kinds, types } = this.#ground;
    const groups = new Map<string, SupportingMessage>();
    for (const message of this.#support.messages().slice(0, 200)) {
      for (const at of this.#life(message)) {
        if (at.is !== 'message' || (types.length > 0 && !types.includes(at.type))) continue;
        groups.set(groupOf(at), at);
      }
    }
    for (const [name, { datagram }] of groups) {
      for (const what of MESSAGE_KINDS) {
        if (!kinds.includes(what) || what === (datagram ? 'reset' : 'duplicate')) continue;
        const delays = this.#delays();
        const draw = (related: Earlier | undefined): Fault<string> | undefined => {
          const at = this.#messageLike(name, related);
          if (at === undefined) return undefined;
          const match = { type: at.type, from: [at.from], to: [at.to], about: '' };
          const rest = { match, when: { is: 'nth', nth: [at.nth] } as const, for: -1 };
          if (what === 'delay') return { what, by: delays.next() ?? 0, ...rest };
          return what === 'duplicate' ? { what, after: millis(1), ...rest } : { what, ...rest };
        };
        ways.add({ role: '', draw }, what === 'reset' ? 2 : 1);
      }
    }
    return ways;
  }

  #life(message: number): readonly Supporting[] {
    const known = this.#lives.get(message) ?? this.#support.of(message);
    this.#lives.set(message, known);
    return known;
  }

  /** A message of this kind in the life of some application message. */
  #messageLike(name: string, related: Earlier | undefined): SupportingMessage | undefined {
    const messages = this.#support.messages();
    const fits = (at: Supporting): at is SupportingMessage =>
      at.is === 'message' && groupOf(at) === name;
    const first = this.#draws.next(messages.length);
    for (let i = 0; i < messages.length; i++) {
      const found = this.#life(messages[(first + i) % messages.length]).filter(fits);
      if (found.length === 0) continue;
      const later = related && found.find((at) => at.time >= related.at);
      return later ?? this.#draws.pick(found);
    }
    return undefined;
  }

  /** One of a role; what joins another fault hits the same node or one that was spared. */
  #among(nodes: readonly string[], related: Earlier | undefined): string {
    const same = nodes.filter((node) => related?.nodes.includes(node) === true);
    const spared = nodes.filter((node) => !same.includes(node));
    if (same.length > 0 && spared.length > 0) {
      return this.#draws.pick(this.#draws.next(3) === 0 ? same : spared);
    }
    return this.#keeper(nodes) ?? this.#draws.pick(nodes);
  }

  /** Half of the time the one of these that had most to do with some message. */
  #keeper(nodes: readonly string[]): string | undefined {
    const draws = this.#draws;
    const messages = this.#support.messages();
    if (nodes.length < 2 || messages.length === 0 || draws.next(2) === 0) return undefined;
    const said = this.#life(draws.pick(messages)).flatMap((at) =>
      at.is === 'moment' && nodes.includes(at.node) ? [at.node] : [],
    );
    return said.length === 0 ? undefined : draws.pick(said);
  }

  /** Something that happened to this node, or because of it, in the life of some message. */
  #event(node: string): Supporting | undefined {
    const messages = this.#support.messages();
    if (messages.length === 0) return undefined;
    const first = this.#draws.next(messages.length);
    for (let i = 0; i < Math.min(8, messages.length); i++) {
      const life = this.#life(messages[(first + i) % messages.length]);
      const own = life.filter((at) =>
        at.is === 'moment' ? at.node === node : at.from === node || at.to === node,
      );
      if (own.length > 0) return this.#draws.pick(own);
    }
    return undefined;
  }

  #time(node: string, related: Earlier | undefined): Micros {
    const draws = this.#draws;
    if (related !== undefined) {
      const { at, lasts } = related;
      const soon = millis(1 << draws.next(13));
      const during = at + draws.below(Math.max(1, lasts));
      return draws.pick([during, during, at + soon, at + lasts + soon]);
    }
    const event = this.#event(node);
    // Just after it: what it set going is on its way.
    if (event !== undefined && draws.next(2) === 0) return event.time + 1;
    return draws.below(Math.max(1, this.#seen.until));
  }

  #when(node: string, related: Earlier | undefined): When<string> {
    const draws = this.#draws;
    if (related === undefined && draws.next(2) === 0) {
      const event = this.#event(node);
      if (event !== undefined && event.is === 'moment') return momentOf(event);
      if (event !== undefined) return { is: 'at', at: event.time + 1 };
    }
    const time = this.#time(node, related);
    if (draws.next(2) === 0) return { is: 'at', at: time };
    const moments = [...this.#seen.moments.values()].filter(
      (m) => m.node === node && m.times[m.times.length - 1] >= time,
    );
    if (moments.length === 0) return { is: 'at', at: time };
    const { fact, times } = draws.pick(moments);
    return { is: 'event', fact, node, nth: times.findIndex((t) => t >= time) + 1 };
  }
}

function rolesOf(nodes: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const roles = new Map<string, string[]>();
  for (const node of nodes) {
    const role = roles.get(roleOf(node));
    if (role === undefined) roles.set(roleOf(node), [node]);
    else role.push(node);
  }
  return roles;
}

/** Of what `others` gives, those of one role. */
const among = (role: string, others: (node: string) => readonly string[]) => (node: string) =>
  others(node).filter((other) => roleOf(other) === role);

const groupOf = ({ type, from, to }: SupportingMessage): string =>
  `${type} ${roleOf(from)}>${roleOf(to)}`;

const momentOf = ({ fact, node, nth }: SupportingMoment): When<string> => {
  return { is: 'event', fact, node, nth };
};
