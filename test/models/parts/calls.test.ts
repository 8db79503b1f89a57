import { expect, test } from 'vitest';
import { Calls, type Reply } from '../../../models/parts/calls.ts';
import { olderThan, Settings } from '../../../models/parts/config.ts';
import { QUIET } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { Names } from '../../../sim/kernel/names.ts';
import type { Message, Role } from '../../../sim/kernel/node.ts';
import { Task, type Program } from '../../../sim/kernel/program.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { World } from '../../../sim/kernel/world.ts';

const Timer = { task: 0, timeout: 1 } as const;

interface Client {
  readonly calls: Calls;
}

/** Answers "what <life>" questions with what it was asked, 3 ms after the question left. */
const echo: Role<object, Message & { correlation: number; says: string }> = {
  start: () => ({}),
  onMessage(_state, from, { correlation, says }, out) {
    const nr = correlation;
    out.send(from, { type: 'Echo', correlation, says } as Message, out.names.id('echo'), nr);
  },
  onTimer() {},
};

/** Asks once a life, with a timeout of 1 s; `answers` are what the program got. */
function ask(...faults: Fault[]) {
  const names = new Names();
  const answers: (string | undefined)[] = [];
  const ignored: string[] = [];
  const world = new World({
    names,
    choices: QUIET,
    observer: {
      fact: (_t, _n, fact, _a, b) => void (fact === Fact.ignored && ignored.push(names.text(b))),
    },
    latency: Distribution.constant(millis(2)),
  });
  const server = world.add('server', echo, { transport: 'datagram' });
  let life = 0;
  const client: Role<Client, Reply> = {
    start(out) {
      const calls = new Calls(out, Timer.timeout, seconds(1));
      const says = `life ${++life}`;
      const task = new Task(out, Timer.task);
      const program = function* (): Program {
        const question = { type: 'Ask', says } as Message;
        const reply = yield* calls.call(task, server, question, out.names.id('life'), life, 1);
        answers.push((reply as (Reply & { says: string }) | undefined)?.says);
      };
      task.start(program());
      return { calls };
    },
    onMessage: (state, _from, reply) => state.calls.onReply(reply),
    onTimer: (state, code, data) =>
      code === Timer.task ? Task.onTimer(data) : state.calls.onTimeout(data as number),
  };
  const id = world.add('client', client);
  world.inject(faults.map((f) => ('nodes' in f ? ({ ...f, nodes: [id] } as Fault) : f)));
  while (world.queue.size > 0) world.step();
  return { answers, ignored };
}

const lost: Fault = {
  what: 'lose',
  match: { type: 'Echo', from: [], to: [], about: '' },
  when: { is: 'nth', nth: [1] },
  for: -1,
};

test('a call gets its answer, or undefined when none came in time', () => {
  expect(ask().answers).toEqual(['life 1']);
  expect(ask(lost).answers).toEqual([undefined]);
});

test('an answer that comes after the timeout is ignored', () => {
  const late: Fault = { ...lost, what: 'delay', by: seconds(2) } as Fault;
  const { answers, ignored } = ask(late);
  expect(answers).toEqual([undefined]);
  expect(ignored).toEqual(['nobody waits for it any more']);
});

test('an answer to an earlier life is not taken for an answer to this one', () => {
  // Asked at 0, dead from 1 to 2 ms, asked again at 2 ms. The first answer arrives at 4 ms.
  const crash: Fault = {
    what: 'crash',
    nodes: [0],
    when: { is: 'at', at: millis(1) },
    for: millis(1),
  };
  const { answers, ignored } = ask(crash);
  expect(answers).toEqual(['life 2']);
  expect(ignored).toEqual(['nobody waits for it any more']);
});

test('versions are compared number by number', () => {
  expect(olderThan('2.9', '2.10')).toBe(true);
  expect(olderThan('2.10', '2.9')).toBe(false);
  expect(olderThan('3', '3.0')).toBe(false);
  expect(olderThan('0.10', '0.10.1')).toBe(true);
});

test('settings tell what was given from what is a default, and know no other keys', () => {
  const settings = new Settings(
    new Map<string, number | boolean | null>([
      ['n', 3],
      ['on', true],
      ['none', null],
    ]),
    new Set(['n']),
  );
  expect([settings.number('n'), settings.flag('on'), settings.text('none')]).toEqual([3, true, '']);
  expect([settings.given('n'), settings.given('on')]).toEqual([true, false]);
  expect(() => settings.value('m')).toThrow('no key "m"');
});
