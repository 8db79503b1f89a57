import { describe, expect, test } from 'vitest';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import type { Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { PARK, Task, type Program } from '../../../sim/kernel/program.ts';
import { at, Bench, MS, SERVER } from './fixture.ts';

const STEP = 9;

/** Writes to disk after each step, so that a restart shows how far the program had come. */
function* work(out: Out, task: Task): Program {
  for (const step of ['one', 'two']) {
    yield 10 * MS;
    out.disk.write('done', [...(out.disk.read<string[]>('done') ?? []), step]);
  }
  const answer = yield PARK;
  out.disk.write('done', [...(out.disk.read<string[]>('done') ?? []), String(answer)]);
  out.fact(Fact.handled, task.parked ? 1 : 0);
}

class Worker implements Role<Task> {
  readonly program: (out: Out, task: Task) => Program;
  task: Task | undefined;

  constructor(program: (out: Out, task: Task) => Program) {
    this.program = program;
  }

  start(out: Out): Task {
    const task = new Task(out, STEP);
    this.task = task;
    task.start(this.program(out, task));
    return task;
  }
  onMessage(task: Task): void {
    task.resume('three');
  }
  onTimer(_task: Task, code: number, data: unknown): void {
    expect(code).toBe(STEP);
    Task.onTimer(data);
  }
}

/** The worker's node is the fourth of the bench; a ping at 50 ms resumes it. */
const WORKER = 3;
function bench(faults: readonly Fault[], program = work) {
  const worker = new Worker(program);
  const all = new Bench({ faults });
  all.world.add('worker', worker);
  const ping = (out: Out) => out.send(WORKER, { type: 'ping' }, 0, 1);
  all.at(50 * MS, all.client, ping);
  return { all, worker, done: (until: number) => all.run(until).world.diskOf(WORKER).read('done') };
}

test('a program runs from yield to yield: spans pass, a parked one waits for its value', () => {
  const { all, worker, done } = bench([]);
  expect(done(9 * MS)).toBe(undefined);
  expect(done(10 * MS)).toEqual(['one']);
  expect(done(49 * MS)).toEqual(['one', 'two']);
  expect([worker.task?.running, worker.task?.parked]).toEqual([true, true]);
  expect(done(60 * MS)).toEqual(['one', 'two', 'three']);
  expect([worker.task?.running, worker.task?.parked]).toEqual([false, false]);
  expect(all.recorder.all('handled')).toMatchObject([{ time: 51 * MS, args: [0, 0, 0, 0] }]);
});

describe('a crash strikes at each yield', () => {
  const crash = (time: number): Fault => {
    return { what: 'crash', nodes: [WORKER], when: at(time), for: -1 };
  };
  test.each([
    [5 * MS, undefined],
    [15 * MS, ['one']],
    [30 * MS, ['one', 'two']],
    [55 * MS, ['one', 'two', 'three']],
  ])('at %i us, what came before it is done and nothing after', (time, left) => {
    expect(bench([crash(time)]).done(100 * MS)).toEqual(left);
  });

  test('a restart begins anew; no step of the earlier life is taken', () => {
    const fault: Fault = { ...crash(15 * MS), for: MS };
    expect(bench([fault]).done(25 * MS)).toEqual(['one']); // Its second step was due at 20.
    expect(bench([fault]).done(26 * MS)).toEqual(['one', 'one']);
  });

  test('also at a fact in the middle of a step', () => {
    function* stating(out: Out): Program {
      yield MS;
      out.disk.write('done', ['before']);
      out.fact(Fact.effect);
      out.disk.write('done', ['after']);
    }
    const fault: Fault = {
      ...{ what: 'crash', nodes: [WORKER] },
      ...{ when: { is: 'event', fact: Fact.effect, nth: 1, node: undefined }, for: -1 },
    };
    expect(bench([fault], stating).done(20 * MS)).toEqual(['before']);
    expect(bench([], stating).done(20 * MS)).toEqual(['after']);
  });
});

test('programs nest: an inner one returns its value to the outer', () => {
  function* inner(): Program<number> {
    yield MS;
    return 7;
  }
  function* outer(out: Out): Program {
    out.disk.write('done', (yield* inner()) + (yield* inner()));
  }
  expect(bench([], outer).done(MS)).toBe(undefined);
  expect(bench([], outer).done(2 * MS)).toBe(14);
});

describe('our own mistakes are told', () => {
  test('a task runs one program at a time', () => {
    const { all, worker } = bench([]);
    all.run(5 * MS);
    const { task } = worker;
    expect(() => task?.start(work(all.server.out, task))).toThrow('one program at a time');
  });

  test('only a parked program is resumed', () => {
    const { all, worker } = bench([]);
    all.run(5 * MS);
    expect(() => worker.task?.resume('x')).toThrow('only a parked program is resumed');
    expect(all.world.isUp(SERVER)).toBe(true);
  });
});
