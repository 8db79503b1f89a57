import type { HuntMark, Mark, Watch } from '../runs/conduct.ts';

/** How often the side that runs looks up. */
const TURN_MS = 50;

/** Beside a run: says how far it is, and hears whether it shall stop. */
export class Pulse implements Watch {
  readonly #stop: Int32Array;
  readonly #report: (mark: Mark | HuntMark) => void;
  #turnedAt = Date.now();

  /** `stop` is shared with the side that hears Ctrl-C. */
  constructor(stop: Int32Array, report: (mark: Mark | HuntMark) => void) {
    this.#stop = stop;
    this.#report = report;
  }

  get stopped(): boolean {
    return Atomics.load(this.#stop, 0) !== 0;
  }

  /** Called between two slices of a run, or two runs; false when it shall stop. */
  turn(mark: () => Mark | HuntMark): boolean {
    const now = Date.now();
    if (now - this.#turnedAt >= TURN_MS) {
      this.#turnedAt = now;
      this.#report(mark());
    }
    return !this.stopped;
  }
}
