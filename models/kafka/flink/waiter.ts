import type { Out } from '../../../sim/kernel/out.ts';
import { PARK, type Program, Task } from '../../../sim/kernel/program.ts';

/** A program that waits for "something has changed", and looks for itself what it was. */
export class Waiter {
  readonly task: Task;
  #waiting = false;

  constructor(out: Out, timerCode: number) {
    this.task = new Task(out, timerCode);
  }

  *wait(): Program {
    this.#waiting = true;
    yield PARK;
  }

  wake(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.task.resume(undefined);
  }
}
