import { Fact, type SentEntry, type Trace } from '../../kernel/entry.ts';
import type { MessageId, NodeId } from '../../kernel/node.ts';
import type { Micros } from '../../kernel/time.ts';
import type { World, WorldOptions } from '../../kernel/world.ts';
import { View, WatchedWorld } from './view.ts';

/** Facts by which a client decides something about a message; -1: the run is over. */
const DECIDES: ReadonlySet<number> = new Set([
  Fact.retried,
  Fact.ok,
  Fact.failed,
  Fact.unknown,
  Fact.delivered,
]);
export const AT_END = -1;

/** A moment at which the client acts on what it knows, and how things really are. */
export interface Decision {
  /** Of the entry of the trace that states it. */
  readonly index: number;
  readonly message: MessageId;
  /** The fact that it states, or AT_END. */
  readonly fact: number;
  readonly at: Micros;
  /** Its history so far, and how many entries that has. */
  readonly mark: number;
  readonly seen: number;
  readonly truth: Truth;
}

/** What is true, and what would be right to do about it. */
export const NEEDS = {
  stored: 'leave it',
  'not stored': 'send it again',
  'applied before': 'skip it',
  'not applied before': 'apply it',
  applied: 'act as if done',
  'never applied': 'act as if not done',
  'the sender said ok': 'act as if done',
  'the sender said failed': 'act as if not done',
} as const;
export type Truth = keyof typeof NEEDS;

/** Fates after which no copy comes any more. */
const GONE: ReadonlySet<string> = new Set([
  'LOST',
  'LOST IN A PARTITION',
  'NO CONNECTION',
  'RESET',
]);

/** Watches one run: what a client sees, what it decides, and what is true meanwhile. */
export class Witness implements Trace {
  readonly view: View;
  decisions: Decision[] = [];
  /** Of the client's letters that came to something only later; see `#late`. */
  readonly #belated: { readonly message: MessageId; readonly sent: number }[] = [];
  readonly #cause: number[] = [];
  readonly #letters = new Map<number, readonly MessageId[]>();
  #event = -1;
  readonly #client: string;
  #world: World | undefined;
  /** Messages that the client has stated something about. */
  readonly #known = new Set<MessageId>();
  readonly #own = new Set<MessageId>();
  readonly #stored = new Set<MessageId>();
  readonly #applied = new Set<MessageId>();
  /** Copies of which nobody can say yet what becomes of them: written, and not readable. */
  readonly #appended = new Set<MessageId>();
  /** When the last letter that carries a message arrives; Infinity: when a fault lets it. */
  readonly #arrives = new Map<MessageId, Micros>();
  /** By message, handlers at work. */
  readonly #handlers = new Map<MessageId, number>();
  readonly #outcome = new Map<MessageId, Truth>();

  constructor(client: string, keeps = false) {
    this.#client = client;
    this.view = new View(keeps);
  }

  /** The world of the run; this object is also its trace. */
  readonly world = (options: WorldOptions): World =>
    (this.#world = new WatchedWorld(options, this.#client, this.view));

  sent(entry: SentEntry): void {
    const { index, from, to, type, about, nr, attempt, carries, arrives, fate, cause } = entry;
    this.#cause[index] = cause;
    const held = arrives < 0 && !GONE.has(fate);
    for (const message of carries) {
      const last = this.#arrives.get(message) ?? -1;
      this.#arrives.set(message, held ? Infinity : Math.max(last, arrives));
    }
    if (!this.#isClient(from)) return;
    this.#letters.set(index, carries);
    for (const message of carries) this.#known.add(message);
    this.view.note(this.#clock(from), `sends ${to} ${type} ${about}/${nr} #${attempt}`);
  }

  event(index: number, _at: Micros, _node: NodeId, _kind: number, _code: number, cause: number) {
    this.#event = index;
    this.#cause[index] = cause;
  }

  tell(): void {}

  fact(index: number, at: Micros, node: NodeId, fact: number, args: readonly number[]): void {
    const message = args[0];
    if (this.#isClient(node)) {
      if (fact === Fact.invoked) this.#own.add(message);
      if (DECIDES.has(fact)) {
        this.#decide(index, at, message, fact, this.#truthNow(at, message, fact));
      }
    }
    if (fact === Fact.stored || fact === Fact.effect) this.#late(message);
    this.#learn(message, fact);
  }

  /** From which letter of the client this came: somebody may have kept it, and tried again. */
  #late(message: MessageId): void {
    for (let at = this.#event; at >= 0; at = this.#cause[at] ?? -1) {
      if (this.#letters.get(at)?.includes(message) !== true) continue;
      this.#belated.push({ message, sent: at });
      return;
    }
  }

  #learn(message: MessageId, fact: number): void {
    if (fact === Fact.appended) this.#appended.add(message);
    else if (fact === Fact.stored) this.#stored.add(message);
    else if (fact === Fact.effect) this.#applied.add(message);
    else if (fact === Fact.delivered) this.#handle(message, 1);
    else if (fact === Fact.handled) this.#handle(message, -1);
    else if (fact === Fact.ok) this.#outcome.set(message, 'the sender said ok');
    else if (fact === Fact.failed) this.#outcome.set(message, 'the sender said failed');
  }

  #handle(message: MessageId, by: number): void {
    this.#handlers.set(message, (this.#handlers.get(message) ?? 0) + by);
  }

  /** The run is over: what the client knows now, it knows for ever. */
  end(at: Micros): void {
    for (const message of [...this.#known].sort((a, b) => a - b)) {
      const applied = this.#applied.has(message) ? 'applied' : 'never applied';
      const truth = this.#own.has(message) ? applied : this.#outcome.get(message);
      this.#decide(Infinity, at, message, AT_END, truth);
    }
    // What an earlier letter still came to was not settled when the client decided.
    this.decisions = this.decisions.filter(({ index, message, truth }) => {
      if (!truth.startsWith('not ')) return true;
      return !this.#belated.some((late) => late.message === message && late.sent < index);
    });
  }

  /** Without a truth there is nothing that would be right: it may still turn out either way. */
  #decide(
    index: number,
    at: Micros,
    message: MessageId,
    fact: number,
    truth: Truth | undefined,
  ): void {
    this.#known.add(message);
    if (truth === undefined) return;
    const { mark, size: seen } = fact === AT_END ? this.view.told : this.view;
    this.decisions.push({ index, message, fact, at, mark, seen, truth });
  }

  #truthNow(at: Micros, message: MessageId, fact: number): Truth | undefined {
    if (fact === Fact.delivered) {
      if (this.#applied.has(message)) return 'applied before';
      return (this.#handlers.get(message) ?? 0) > 0 ? undefined : 'not applied before';
    }
    if (this.#stored.has(message)) return 'stored';
    const open = this.#appended.has(message) || (this.#arrives.get(message) ?? -1) > at;
    return open ? undefined : 'not stored';
  }

  #isClient(node: NodeId): boolean {
    return node >= 0 && this.#world?.nameOf(node) === this.#client;
  }

  #clock(node: NodeId): Micros {
    return this.#world?.clockOf(node) ?? 0;
  }
}
