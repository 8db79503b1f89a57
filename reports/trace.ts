import { FACT_NAMES, FACTS, type SentEntry, type Trace } from '../sim/kernel/entry.ts';
import type { NodeId } from '../sim/kernel/node.ts';
import type { Micros } from '../sim/kernel/time.ts';
import { EventKind } from '../sim/kernel/world.ts';

/** What the numbers of a run stand for. */
export interface Legend {
  node(id: NodeId): string;
  /** A NameId: a reason, a state, a counter. */
  name(id: number): string;
  /** "checkout/17". */
  message(id: number): string;
  producer(index: number): string;
  channel(id: number): string;
  stream(id: number): string;
  subscription(id: number): string;
  fault(index: number): string;
}

/** One entry of a trace in words; the keys stand in the order in which they are written. */
export interface TraceEntry {
  readonly i: number;
  readonly t: Micros;
  readonly node: string;
  /** "sent", one of EVENT_WORDS, the name of a fact, or "told". */
  readonly kind: string;
  readonly [argument: string]: string | number | readonly string[] | null;
}

/** What woke a node. */
const EVENT_WORDS: Record<keyof typeof EventKind, string> = {
  start: 'start',
  message: 'arrived',
  disturbed: 'arrived',
  timer: 'timer',
  synced: 'synced',
  disconnect: 'disconnected',
  fault: 'fault',
  resume: 'resumed',
  stop: 'stop',
};
const EVENT_KINDS = Object.entries(EventKind) as [keyof typeof EventKind, number][];
const KIND_OF = new Map(EVENT_KINDS.map(([word, kind]) => [kind, word]));

/** The arguments of each fact, by name; `-` is unused. */
const ARGUMENTS = FACT_NAMES.map((fact) => FACTS[fact].split(', '));

/** What `handled` says in its third number, as models/parts/application.ts counts it. */
const OUTCOMES = ['done', 'failed', 'skipped'];

/** Puts a run's entries into words and hands each to `take`. */
export class TraceWriter implements Trace {
  readonly #take: (entry: TraceEntry) => void;
  readonly #legend: Legend;
  /** Index of the event that is being handled: the cause of every fact that it brings. */
  #event = -1;

  constructor(legend: Legend, take: (entry: TraceEntry) => void) {
    this.#legend = legend;
    this.#take = take;
  }

  sent(s: SentEntry): void {
    const { node, message } = this.#legend;
    this.#take({
      i: s.index,
      t: s.time,
      node: node(s.from),
      kind: 'sent',
      to: node(s.to),
      type: s.type,
      about: s.about,
      nr: s.nr,
      attempt: s.attempt,
      carries: s.carries.map((id) => message(id)),
      arrives: s.arrives < 0 ? null : s.arrives,
      fate: s.fate,
      cause: orNull(s.cause),
    });
  }

  event(i: number, t: Micros, id: NodeId, kind: number, code: number, cause: number): void {
    this.#event = i;
    const word = KIND_OF.get(kind) ?? 'timer';
    const node = this.#legend.node(id);
    const about: Record<string, string | number> = {};
    if (word === 'message' || word === 'disturbed' || word === 'disconnect') {
      about.from = this.#legend.node(code);
    }
    if (word === 'timer') about.code = code;
    if (word === 'fault') about.fault = this.#legend.fault(code);
    this.#take({ i, t, node, kind: EVENT_WORDS[word], ...about, cause: orNull(cause) });
  }

  fact(i: number, t: Micros, node: NodeId, fact: number, args: readonly number[]): void {
    const kind = FACT_NAMES[fact];
    const words: Record<string, string | number | null> = {};
    ARGUMENTS[fact].forEach((argument, at) => {
      if (argument !== '-') words[argument] = this.#argument(argument, args[at]);
    });
    // What `node` says of a crash is whose it is; the entry has said so already.
    delete words.node;
    this.#take({ i, t, node: this.#legend.node(node), kind, ...words, cause: orNull(this.#event) });
  }

  tell(i: number, t: Micros, node: NodeId, words: string): void {
    const cause = orNull(this.#event);
    this.#take({ i, t, node: this.#legend.node(node), kind: 'told', words, cause });
  }

  #argument(argument: string, value: number): string | number | null {
    const legend = this.#legend;
    switch (argument) {
      case 'message':
        return legend.message(value);
      case 'producer':
        return legend.producer(value);
      case 'channel':
        return legend.channel(value);
      case 'stream':
      case 'target':
        return legend.stream(value);
      case 'subscription':
        return legend.subscription(value);
      case 'fault':
        return legend.fault(value);
      case 'sink':
        return value < 0 ? 'local' : legend.node(value);
      case 'outcome':
        return OUTCOMES[value] ?? value;
      case 'key':
        return value < 0 ? null : value;
      case 'about':
      case 'from':
      case 'to':
      case 'what':
      case 'counter':
        return legend.name(value);
      case 'reason':
        return value < 0 ? null : legend.name(value);
      default:
        return value;
    }
  }
}

const orNull = (index: number) => (index < 0 ? null : index);

/** The first line of a trace file: whoever reads it knows by it what follows. */
export function traceHeader(run: TraceHeader): string {
  const { engine, scenario, file, variant, seed } = run;
  const about = { format: 'lost-ack/trace/1', engine, scenario, file, variant, seed };
  return JSON.stringify(about);
}

export interface TraceHeader {
  readonly engine: string;
  readonly scenario: string;
  readonly file: string;
  readonly variant: string;
  readonly seed: string;
}

/** JSON keeps the order of keys that are words, and all of ours are. */
export const traceLine = (entry: TraceEntry): string => JSON.stringify(entry);
