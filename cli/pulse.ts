import { formatTime, type Micros } from '../sim/kernel/time.ts';
import { count } from '../reports/text.ts';

/** How far a run is. */
export interface Mark {
  readonly events: number;
  readonly virtualTime: Micros;
  readonly sent: number;
  readonly toSend: number;
  readonly waiting: number;
}

/** A run below this is over before anybody has read a line about it. */
const QUIET_MS = 1_000;
const REDRAW_MS = 100;

/**
 * What happens beside the runs: Ctrl-C and the line of progress. Runs are synchronous; between two
 * slices of one they hand over to `turn`.
 */
export class Pulse {
  interrupted = false;
  readonly #draws: boolean;
  readonly #started = Date.now();
  #drawnAt = 0;
  #drawn = false;
  #turnedAt = Date.now();

  constructor(draws: boolean) {
    this.#draws = draws;
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onInterrupt);
  }

  /** Once: no further slice is begun. Twice: leave, whatever was going on. */
  readonly #onInterrupt = (): void => {
    this.clear();
    if (this.interrupted) process.exit(130);
    this.interrupted = true;
    process.stderr.write('interrupted: stopping; once more leaves at once\n');
  };

  /** Lets signals in, at most some 20 times a second; false when the run shall stop. */
  async turn(mark: () => Mark): Promise<boolean> {
    const now = Date.now();
    if (now - this.#turnedAt >= 50) {
      this.#turnedAt = now;
      await new Promise((resolve) => setImmediate(resolve));
      this.#draw(now, mark);
    }
    return !this.interrupted;
  }

  #draw(now: number, mark: () => Mark): void {
    if (!this.#draws || this.interrupted || now - this.#started < QUIET_MS) return;
    if (now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#drawn = true;
    const { events, virtualTime, sent, toSend, waiting } = mark();
    const time = formatTime(Math.round(virtualTime / 1000) * 1000);
    const line = `${count(events)} events, ${time}: ${count(sent)} of ${count(toSend)} sent, ${count(waiting)} waiting`;
    process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  /** Takes the line of progress away, before anything else is written. */
  clear(): void {
    if (this.#drawn) process.stderr.write('\r\x1b[K');
    this.#drawn = false;
  }

  end(): void {
    this.clear();
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onInterrupt);
  }
}
