import { expect, test } from 'vitest';
import {
  keyText,
  Workload,
  type Outgoing,
  type WorkloadPlan,
} from '../../../models/parts/workload.ts';
import { Seeded } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import { Names } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { World } from '../../../sim/kernel/world.ts';

const PLAN: WorkloadPlan = {
  producer: 0,
  producers: 1,
  name: 'checkout',
  channel: 0,
  count: 20,
  start: seconds(1),
  gap: Distribution.exponential(millis(10)),
  burst: 1,
  keys: Distribution.uniform(0, 9),
  bytes: Distribution.uniform(100, 2000),
  poisonEvery: 0,
};

interface Handed extends Outgoing {
  readonly wait: number;
}

/** All messages of a plan, each with the wait before it. */
function drawn(plan: Partial<WorkloadPlan>, seed = 'one', sent = 0) {
  const names = new Names();
  const facts: number[][] = [];
  const world = new World({
    names,
    choices: new Seeded(names, seed),
    observer: { fact: (_t, _n, fact, ...args) => void facts.push([fact, ...args]) },
    latency: Distribution.constant(0),
  });
  const messages: Handed[] = [];
  const send = (out: Out): void => {
    const workload = new Workload({ ...PLAN, ...plan }, out, sent);
    while (!workload.done) {
      const wait = workload.wait();
      messages.push({ ...workload.next(), wait });
    }
  };
  world.add('client', { start: send, onMessage() {}, onTimer() {} });
  world.step();
  return { messages, invoked: facts.filter(([fact]) => fact === Fact.invoked) };
}

test('one seed gives the same messages at the same times, another seed others', () => {
  expect(drawn({}).messages).toEqual(drawn({}).messages);
  expect(drawn({}).messages).not.toEqual(drawn({}, 'two').messages);
});

test('a message does not depend on how many others there are, nor on a restart before it', () => {
  const { messages } = drawn({ count: 20 });
  expect(drawn({ count: 30 }).messages.slice(0, 20)).toEqual(messages);
  expect(drawn({ count: 20 }, 'one', 12).messages).toEqual(messages.slice(12));
});

test('each message is stated as invoked, once, with its channel and key', () => {
  const { messages, invoked } = drawn({ channel: 4 });
  expect(invoked.map(([, message, channel, key]) => [message, channel, key])).toEqual(
    messages.map(({ message, key }) => [message, 4, key]),
  );
});

test('numbers of several producers never meet, and lie dense', () => {
  const numbers = [0, 1, 2].flatMap((producer) =>
    drawn({ producer, producers: 3, count: 5 }).messages.map((m) => m.message),
  );
  expect(numbers.sort((a, b) => a - b)).toEqual([...Array(15).keys()]);
});

test('the first message waits for the start, those of a burst for nothing', () => {
  const gap = Distribution.constant(millis(10));
  const waits = drawn({ gap, burst: 3, count: 7 }).messages.map((m) => m.wait / 1000);
  expect(waits).toEqual([1000, 0, 0, 10, 0, 0, 10]);
});

test('every n-th message is poison, and without n none', () => {
  const poison = (poisonEvery: number) =>
    drawn({ poisonEvery, count: 7 })
      .messages.filter((m) => m.poison)
      .map((m) => m.sequence);
  expect(poison(3)).toEqual([2, 5]);
  expect(poison(0)).toEqual([]);
});

test('without keys a message has key -1; with keys all of them occur', () => {
  expect(new Set(drawn({ keys: undefined }).messages.map((m) => m.key))).toEqual(new Set([-1]));
  const keys = new Set(
    drawn({ keys: Distribution.uniform(0, 3), count: 400 }).messages.map((m) => m.key),
  );
  expect([...keys].sort()).toEqual([0, 1, 2]);
  expect(keyText(3)).toBe('key-3');
});
