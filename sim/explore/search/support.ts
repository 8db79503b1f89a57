import { Fact, FACT_NAMES, FACT_SUBJECT, FACTS, type Trace } from '../../kernel/entry.ts';
import type { Micros } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';

/** A message of the protocol that something rests on: the nth of its type on its link. */
export interface SupportingMessage {
  readonly is: 'message';
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly datagram: boolean;
  readonly nth: number;
  readonly time: Micros;
}

/** A statement that something rests on: the nth of this fact by this node. */
export interface SupportingMoment {
  readonly is: 'moment';
  readonly fact: number;
  readonly node: string;
  readonly nth: number;
  readonly time: Micros;
}

export type Supporting = SupportingMessage | SupportingMoment;

/** Further back, causes are the ticks of timers: everything rests on them, to no avail. */
const HOPS = 24;

/** The facts that make an outcome good, and what they are about. */
const GOOD = new Set<number>([Fact.ok, Fact.effect, Fact.settled, Fact.stored, Fact.delivered]);

/**
 * What the outcome of each application message rests on. Parents of an event are what set it off,
 * what its node did with the same message before, and whatever else carried that message: a copy
 * to a follower is nobody's cause, and yet what the message survives by.
 */
export class Support {
  /** Cause of each entry, by index. */
  readonly #cause: number[] = [];
  readonly #sent = new Map<number, SupportingMessage>();
  readonly #moments = new Map<number, SupportingMoment[]>();
  readonly #counts = new Map<string, number>();
  /** Events and sends that are about an application message. */
  readonly #about = new Map<number, Set<number>>();
  /** Where each was stored first, to know which commit settled it. */
  readonly #places = new Map<number, { stream: number; position: number }>();
  readonly #settled: { event: number; stream: number; position: number }[] = [];
  readonly #facts: ReadonlySet<number>;
  #event = -1;

  constructor(facts: ReadonlySet<number>) {
    this.#facts = facts;
  }

  trace(world: () => World): Trace {
    return {
      event: (index, _time, _node, _kind, _code, cause) => {
        this.#event = index;
        this.#cause[index] = cause;
      },
      sent: ({ index, cause, fate, type, from, to, time, carries }) => {
        this.#cause[index] = cause;
        if (fate === 'NO CONNECTION') return;
        const [sender, receiver] = [world().nameOf(from), world().nameOf(to)];
        const datagram = [world().transportOf(from), world().transportOf(to)].includes('datagram');
        const nth = this.#next(`${type} ${sender}>${receiver}`);
        const entry = { is: 'message', type, from: sender, to: receiver, datagram, nth, time };
        this.#sent.set(index, entry as SupportingMessage);
        for (const message of carries) this.#tie(message, index);
      },
      fact: (_index, time, id, fact, args) => this.#fact(world, time, id, fact, args),
      tell: () => {},
    };
  }

  #fact(world: () => World, time: Micros, id: number, fact: number, args: readonly number[]): void {
    if (id >= 0 && this.#facts.has(fact)) {
      const node = world().nameOf(id);
      const nth = this.#next(`${fact} ${node}`);
      const list = this.#moments.get(this.#event) ?? [];
      this.#moments.set(this.#event, list);
      list.push({ is: 'moment', fact, node, nth, time });
    }
    if (fact === Fact.settledTo) {
      this.#settled.push({ event: this.#event, stream: args[1], position: args[2] });
      return;
    }
    if (!FACTS[FACT_NAMES[fact]].startsWith('message')) return;
    const message = args[FACT_SUBJECT[fact]];
    if (fact === Fact.stored && !this.#places.has(message)) {
      this.#places.set(message, { stream: args[1], position: args[2] });
    }
    if (GOOD.has(fact)) this.#tie(message, this.#event);
  }

  #next(key: string): number {
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    return nth;
  }

  #tie(message: number, index: number): void {
    const known = this.#about.get(message);
    if (known === undefined) this.#about.set(message, new Set([index]));
    else known.add(index);
  }

  /** Application messages, in the order in which they came up. */
  messages(): readonly number[] {
    return [...this.#about.keys()];
  }

  /** What the outcome of one message rests on, in the order of the run. */
  of(message: number): readonly Supporting[] {
    const reached = new Set<number>();
    const follow = (index: number) => {
      let at = index;
      for (let hops = 0; at >= 0 && hops < HOPS; hops++) {
        reached.add(at);
        at = this.#cause[at] ?? -1;
      }
    };
    for (const index of this.#about.get(message) ?? []) follow(index);
    const place = this.#places.get(message);
    if (place !== undefined) {
      const settled = this.#settled.find(
        ({ stream, position }) => stream === place.stream && position > place.position,
      );
      if (settled !== undefined) follow(settled.event);
    }
    return [...reached]
      .sort((a, b) => a - b)
      .flatMap((index): readonly Supporting[] => {
        const sent = this.#sent.get(index);
        return sent === undefined ? (this.#moments.get(index) ?? []) : [sent];
      });
  }
}
