import { Fact, type Trace } from '../../kernel/entry.ts';
import type { Micros } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';

/** Messages of one type on one link, by when they left: the nth of them is a fault's `nth`. */
export interface Messages {
  readonly type: string;
  readonly from: string;
  readonly to: string;
  /** Each for itself; otherwise on a connection. */
  readonly datagram: boolean;
  readonly times: Micros[];
}

/** Statements of one fact by one node. */
export interface Moments {
  readonly fact: number;
  readonly node: string;
  readonly times: Micros[];
}

/** What a run showed of itself: where and when a fault could strike it. */
export class Portrait {
  readonly messages = new Map<string, Messages>();
  readonly moments = new Map<string, Moments>();
  /** When each planned fault first bit, by its place in the plan. */
  readonly struck = new Map<number, Micros>();
  /** When the run ended. */
  until: Micros = 0;
  readonly #facts: ReadonlySet<number>;

  /** `facts`: those at which nodes may be struck. */
  constructor(facts: ReadonlySet<number>) {
    this.#facts = facts;
  }

  trace(world: () => World): Trace {
    return {
      sent: ({ type, from, to, time, fate }) => {
        // What has nowhere to go is seen by no fault.
        if (fate === 'NO CONNECTION') return;
        const [sender, receiver] = [world().nameOf(from), world().nameOf(to)];
        const key = `${type} ${sender}>${receiver}`;
        let group = this.messages.get(key);
        if (group === undefined) {
          const ends = [world().transportOf(from), world().transportOf(to)];
          const datagram = ends.includes('datagram');
          group = { type, from: sender, to: receiver, datagram, times: [] };
          this.messages.set(key, group);
        }
        group.times.push(time);
      },
      event: (_index, time) => {
        this.until = time;
      },
      fact: (_index, time, id, fact, args) => {
        if (fact === Fact.struck) this.struck.set(args[0], time);
        if (!this.#facts.has(fact) || id < 0) return;
        const node = world().nameOf(id);
        const key = `${fact} ${node}`;
        let group = this.moments.get(key);
        if (group === undefined) {
          group = { fact, node, times: [] };
          this.moments.set(key, group);
        }
        group.times.push(time);
      },
      tell: () => {},
    };
  }
}
