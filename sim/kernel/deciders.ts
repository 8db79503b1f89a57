import type { Fault, MessageFault } from './fault.ts';
import type { Link } from './link.ts';
import type { NameId } from './names.ts';
import type { Micros } from './time.ts';
import type { World } from './world.ts';

/** A planned or chance fault on messages, with what it has done. */
interface Decider {
  readonly index: number;
  readonly fault: Fault & MessageFault;
  readonly nth: ReadonlySet<number>;
  /** It is in play from here on, to there; with `once` only until it has hit. */
  readonly from: Micros;
  readonly until: Micros;
  readonly once: boolean;
  /** Matching messages so far. */
  seen: number;
}

/** Nobody overtakes or copies within a stream; a datagram has no connection to reset. */
const DOES_NOT_TOUCH: Readonly<Record<MessageFault['what'], string>> = {
  lose: '',
  delay: '',
  duplicate: 'stream',
  reorder: 'stream',
  reset: 'datagram',
};

/** The faults on messages that are in play, in the order of the plan: the first that hits wins. */
export class Deciders {
  readonly #world: World;
  readonly #list: Decider[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Puts a fault in play. `once`: only the first match counts, then it is spent. */
  add(index: number, fault: Fault & MessageFault, from: Micros, until: Micros, once: boolean) {
    const nth = new Set(fault.when.is === 'nth' ? fault.when.nth : []);
    this.#list.push({ index, fault, nth, from, until, once, seen: 0 });
  }

  clear(): void {
    this.#list.length = 0;
  }

  /** The fault that hits this message; it has then fired. */
  decide(link: Link, about: NameId, nr: number, attempt: number): MessageFault | undefined {
    const world = this.#world;
    const list = this.#list;
    for (let i = 0; i < list.length; i++) {
      const decider = list[i];
      const { match, when, what } = decider.fault;
      if (match.type !== '' && match.type !== link.typeText) continue;
      if (world.now < decider.from || world.now >= decider.until) continue;
      if (match.from.length > 0 && !match.from.includes(link.from)) continue;
      if (match.to.length > 0 && !match.to.includes(link.to)) continue;
      if (match.about !== '' && match.about !== world.names.text(about)) continue;
      if (link.transport === DOES_NOT_TOUCH[what]) continue;
      decider.seen++;
      if (when.is === 'nth' && !decider.nth.has(decider.seen)) continue;
      if (when.is === 'chance' || when.is === 'offered') {
        const site = world.site(what, link.from, link.to, link.type, about, nr, attempt);
        if (world.choices.choose(site, 2, when.is === 'chance' ? when.ppm : 0) === 0) continue;
      }
      if (decider.once) list.splice(i, 1);
      world.struck(decider.index);
      return decider.fault;
    }
    return undefined;
  }
}
