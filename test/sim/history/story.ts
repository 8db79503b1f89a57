import { Ledger } from '../../../sim/history/ledger.ts';
import { summarise, type Summary } from '../../../sim/history/summary.ts';
import { judge } from '../../../sim/invariants/judge.ts';
import type { Expectation, Test } from '../../../sim/invariants/expectation.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import { Names } from '../../../sim/kernel/names.ts';
import type { End } from '../../../sim/run.ts';

/** A history told fact by fact: one producer, one channel with one stream, one or more readers. */
export class Story {
  readonly names = new Names();
  readonly ledger: Ledger;
  now = 0;
  #remaining: number[] = [];
  #end: End = 'drained';

  constructor(readers = 1, producers = 1) {
    this.ledger = new Ledger({
      names: this.names,
      producers: Array.from({ length: producers }, (_, i) => `producer-${i}`),
      channels: Array.from({ length: producers }, () => 0),
      channelCount: 1,
      subscriptions: Array.from({ length: readers }, (_, i) => ({
        name: `reader-${i}`,
        channel: 0,
      })),
      alarms: [],
    });
    this.ledger.addStream('orders-0', 0);
  }

  at(time: number): this {
    this.now = time;
    return this;
  }

  fact(fact: number, a: number, b = 0, c = 0, d = 0, node = 0): this {
    this.ledger.fact(this.now, node, fact, a, b, c, d);
    return this;
  }

  invoked(message: number, key = -1): this {
    return this.fact(Fact.invoked, message, 0, key);
  }
  ok(message: number): this {
    return this.fact(Fact.ok, message, 1);
  }
  /** Invoked, stored at its own number, and acknowledged. */
  sent(...messages: number[]): this {
    for (const m of messages) this.invoked(m).stored(m, m).ok(m);
    return this;
  }
  stored(message: number, position: number): this {
    return this.fact(Fact.stored, message, 0, position);
  }
  delivered(message: number, reader = 0, position = message): this {
    return this.fact(Fact.delivered, message, reader, 0, position);
  }
  effect(message: number, reader = 0): this {
    return this.fact(Fact.effect, message, reader, -1);
  }
  handled(message: number, reader = 0): this {
    return this.fact(Fact.handled, message, reader, 0);
  }
  settled(message: number, reader = 0): this {
    return this.fact(Fact.settled, message, reader);
  }
  /** Delivered, applied, handled and settled. */
  done(...messages: number[]): this {
    for (const m of messages) this.delivered(m).effect(m).handled(m).settled(m);
    return this;
  }

  remaining(...messages: number[]): this {
    this.#remaining = messages;
    return this;
  }
  cut(): this {
    this.#end = 'time';
    return this;
  }

  summary(): Summary {
    return summarise(
      this.ledger,
      this.#end,
      this.now,
      this.ledger.subscriptions.map(() => 'partition'),
      (_, visit) => this.#remaining.forEach(visit),
    );
  }

  /** The verdict on `measure: n` (or a word), over all readers. */
  expect(measure: string, value: number | string | Test) {
    const test: Test =
      typeof value === 'number'
        ? { is: 'number', min: value, max: value }
        : typeof value === 'string'
          ? { is: 'word', words: [value] }
          : value;
    const expectation: Expectation = {
      subscription: '',
      measure,
      test,
      expected: String(value),
      line: 1,
    };
    return judge(expectation, this.summary());
  }
}
