import { Fact, FACT_SUBJECT, FACTS, FACT_NAMES, type Trace } from '../../kernel/entry.ts';
import type { World } from '../../kernel/world.ts';
import { type Offer, type Outcome, type Placement, type Runner, type Strategy } from './space.ts';

/**
 * Lineage-driven search (Alvaro et al., 2015). A run without violation rests on what happened to
 * its messages: only a fault on that support can change the outcome. So cut the support of a run,
 * look what the next run rested on instead, and cut that as well; smaller sets first.
 */
export function* lineage(run: Runner, maxFaults: number): Strategy {
  const tried = new Set<string>(['']);
  let level: readonly Placement[] = [[]];
  for (let size = 0; size <= maxFaults && level.length > 0; size++) {
    const next: Placement[] = [];
    for (const faults of level) {
      const { outcome, support } = trial(run, faults);
      yield outcome;
      if (size === maxFaults) continue;
      for (const label of support) {
        const longer = [...faults, label].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        const name = longer.join('\n');
        if (tried.has(name) || faults.includes(label)) continue;
        tried.add(name);
        next.push(longer);
      }
    }
    level = next;
  }
  return true;
}

/** One run, and the offers on which its messages rested: those of one message after the other. */
function trial(run: Runner, faults: Placement): { outcome: Outcome; support: readonly string[] } {
  const wanted = new Set(faults);
  const support = new Support();
  const outcome = run(
    (offer) => {
      support.asked(offer);
      return wanted.has(offer.label);
    },
    (world) => support.trace(world),
  );
  return { outcome, support: support.labels() };
}

/** The facts that make an outcome good, and what they are about. */
const GOOD = new Set<number>([Fact.ok, Fact.effect, Fact.settled, Fact.stored, Fact.delivered]);

/** Follows causes from what was stated of a message back to what it came from. */
class Support {
  /** Cause of each entry, by index. */
  readonly #cause: number[] = [];
  readonly #sent = new Map<number, string>();
  /** Events in which something good was stated, by message. */
  readonly #good = new Map<number, Set<number>>();
  /** Questions by the message that they concern, and by the event in which they were asked. */
  readonly #ofMessage = new Map<string, string[]>();
  readonly #ofEvent = new Map<number, string[]>();
  #event = -1;

  asked({ label, kind, to }: Offer): void {
    if (to === '') add(this.#ofEvent, this.#event, label);
    else add(this.#ofMessage, label.slice(kind.length + 1).replace(/~\d+$/, ''), label);
  }

  trace(world: () => World): Trace {
    return {
      event: (index, _time, _node, _kind, _code, cause) => {
        this.#event = index;
        this.#cause[index] = cause;
      },
      sent: (s) => {
        const actors = `${world().nameOf(s.from)}>${world().nameOf(s.to)}`;
        this.#sent.set(s.index, `${actors} ${s.type} ${s.about}/${s.nr} #${s.attempt}`);
        this.#cause[s.index] = s.cause;
      },
      fact: (_index, _time, _node, fact, args) => {
        if (!GOOD.has(fact) || !FACTS[FACT_NAMES[fact]].startsWith('message')) return;
        const message = args[FACT_SUBJECT[fact]];
        const events = this.#good.get(message) ?? new Set();
        this.#good.set(message, events.add(this.#event));
      },
      tell: () => {},
    };
  }

  /** Message by message, the one in the middle first: the first and the last ones are special. */
  labels(): readonly string[] {
    const messages = [...this.#good.keys()];
    const middle = messages.splice(Math.floor(messages.length / 2), 1);
    const found = new Set<string>();
    for (const message of [...middle, ...messages]) {
      for (const label of this.#under(message)) found.add(label);
    }
    return [...found];
  }

  #under(message: number): string[] {
    const reached = new Set<number>();
    for (const event of this.#good.get(message) ?? []) {
      for (let at = event; at >= 0 && !reached.has(at); at = this.#cause[at] ?? -1) reached.add(at);
    }
    return [...reached]
      .sort((a, b) => b - a)
      .flatMap((index) => {
        const sent = this.#sent.get(index);
        if (sent !== undefined) return this.#ofMessage.get(sent) ?? [];
        return this.#ofEvent.get(index) ?? [];
      });
  }
}

function add<K>(map: Map<K, string[]>, key: K, label: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [label]);
  else list.push(label);
}
