import { formatTime } from '../sim/kernel/time.ts';
import { count } from '../reports/text.ts';
import type { Mark } from '../runs/conduct.ts';

/** A run below this is over before anybody has read a line about it. */
const QUIET_MS = 1_000;

/** One line on stderr that is written over and over, and gone when anything else is written. */
export class Progress {
  readonly #draws: boolean;
  readonly #started = Date.now();
  #drawn = false;

  constructor(draws: boolean) {
    this.#draws = draws;
  }

  draw({ events, virtualTime, sent, toSend, waiting }: Mark): void {
    const time = formatTime(Math.round(virtualTime / 1000) * 1000);
    const messages = `${count(sent)} of ${count(toSend)} sent, ${count(waiting)} waiting`;
    this.line(`${count(events)} events, ${time}: ${messages}`);
  }

  line(line: string): void {
    if (!this.#draws || Date.now() - this.#started < QUIET_MS) return;
    this.#drawn = true;
    process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  clear(): void {
    if (this.#drawn) process.stderr.write('\r\x1b[K');
    this.#drawn = false;
  }
}
