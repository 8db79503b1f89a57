import { assert } from './assert.ts';
import type { Out } from './out.ts';
import type { Micros } from './time.ts';

/** What a program waits for: a span of its node's clock, or (PARK) somebody's `resume`. */
export type Step = Micros;
export const PARK: Step = -1;

/**
 * A program that does one thing after another. Each `yield` is a place where a crash can strike, so
 * "process, then commit" and "commit, then process" differ by the order of two lines.
 */
export type Program<Result = void> = Generator<Step, Result, unknown>;

/**
 * Runs one program within a node. The node's `onTimer` hands every timer of code `timerCode` to
 * `Task.onTimer`; a crash forgets the task with the rest of the node's state.
 */
export class Task {
  readonly #out: Out;
  readonly #timerCode: number;
  #program: Program<unknown> | undefined;
  #parked = false;

  constructor(out: Out, timerCode: number) {
    this.#out = out;
    this.#timerCode = timerCode;
  }

  get running(): boolean {
    return this.#program !== undefined;
  }

  get parked(): boolean {
    return this.#parked;
  }

  start(program: Program<unknown>): void {
    assert(this.#program === undefined, 'a task runs one program at a time');
    this.#program = program;
    this.#advance(undefined);
  }

  /** Wakes a parked program with a value. */
  resume(value: unknown): void {
    assert(this.#parked, 'only a parked program is resumed');
    this.#parked = false;
    this.#advance(value);
  }

  /** A timer of this task came up; `data` is the task itself. */
  static onTimer(data: unknown): void {
    assert(data instanceof Task, 'a task timer carries its task');
    data.#advance(undefined);
  }

  #advance(value: unknown): void {
    const program = this.#program;
    if (program === undefined) return;
    const step = program.next(value);
    if (step.done === true) this.#program = undefined;
    else if (step.value === PARK) this.#parked = true;
    else this.#out.timer(step.value, this.#timerCode, this);
  }
}
