import type { Arguments } from '../protocol.ts';
import { matchesHeaders } from './headers.ts';
import { matchesWords, wordsOf } from './topic.ts';

/** From an exchange to a queue or another exchange. */
export interface Binding {
  readonly toQueue: boolean;
  readonly destination: string;
  readonly routingKey: string;
  readonly args: Arguments;
}

export type ExchangeKind = 'direct' | 'fanout' | 'topic' | 'headers';

/** An exchange with its bindings: it keeps no message, it says where each one goes. */
export class Exchange {
  readonly name: string;
  /** As declared: also `x-delayed-message`. */
  readonly type: string;
  /** How it routes. */
  readonly kind: ExchangeKind;
  readonly durable: boolean;
  readonly internal: boolean;
  readonly args: Arguments;
  readonly alternate: string | undefined;
  readonly bindings: Binding[] = [];
  /** For direct exchanges, by routing key. */
  readonly #direct = new Map<string, Binding[]>();
  /** For topic exchanges: the words of each binding's key, in the order of `bindings`. */
  #words: (readonly string[])[] = [];

  constructor(name: string, type: string, durable: boolean, internal: boolean, args: Arguments) {
    this.name = name;
    this.type = type;
    const delayed = type === 'x-delayed-message';
    this.kind = (delayed ? (args.get('x-delayed-type') ?? 'direct') : type) as ExchangeKind;
    this.durable = durable;
    this.internal = internal;
    this.args = args;
    const alternate = args.get('alternate-exchange');
    this.alternate = typeof alternate === 'string' ? alternate : undefined;
  }

  get isDelayed(): boolean {
    return this.type === 'x-delayed-message';
  }

  /** Binding twice is binding once. */
  bind(binding: Binding): void {
    if (this.bindings.some((other) => same(other, binding))) return;
    this.bindings.push(binding);
    this.#index();
  }

  unbind(binding: Binding): void {
    const place = this.bindings.findIndex((other) => same(other, binding));
    if (place >= 0) this.bindings.splice(place, 1);
    this.#index();
  }

  /** A queue or exchange is gone, and its bindings with it. */
  forget(destination: string, isQueue: boolean): void {
    for (let i = this.bindings.length - 1; i >= 0; i--) {
      const { destination: to, toQueue } = this.bindings[i];
      if (to === destination && toQueue === isQueue) this.bindings.splice(i, 1);
    }
    this.#index();
  }

  #index(): void {
    this.#direct.clear();
    for (const binding of this.bindings) {
      const same = this.#direct.get(binding.routingKey);
      if (same === undefined) this.#direct.set(binding.routingKey, [binding]);
      else same.push(binding);
    }
    this.#words = this.bindings.map((binding) => wordsOf(binding.routingKey));
  }

  /** The bindings that match; several may lead to one place. */
  match(routingKey: string, headers: Arguments): readonly Binding[] {
    switch (this.kind) {
      case 'direct':
        return this.#direct.get(routingKey) ?? NONE;
      case 'fanout':
        return this.bindings;
      case 'topic': {
        const words = wordsOf(routingKey);
        return this.bindings.filter((_, i) => matchesWords(this.#words[i], words));
      }
      case 'headers':
        return this.bindings.filter(({ args }) => matchesHeaders(args, headers));
    }
  }
}

const NONE: readonly Binding[] = [];

function same(a: Binding, b: Binding): boolean {
  return (
    a.toQueue === b.toQueue &&
    a.destination === b.destination &&
    a.routingKey === b.routingKey &&
    sameArguments(a.args, b.args)
  );
}

function sameArguments(a: Arguments, b: Arguments): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) if (b.get(name) !== value) return false;
  return true;
}
