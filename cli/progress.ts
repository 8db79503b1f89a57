import { formatTime } from '../sim/kernel/time.ts';
import { count } from '../reports/text.ts';
import type { HuntMark, Mark } from '../runs/conduct.ts';

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

  /** "mixed: 312 runs, 41 runs/s, 18 s left at most": whichever bound comes first. */
  drawHunt({ hunt, runs, runsMax, spentMs, budgetMs }: HuntMark): void {
    const perSecond = (runs * 1000) / Math.max(1, spentMs);
    const byRuns = perSecond > 0 ? (runsMax - runs) / perSecond : Infinity;
    const left = Math.ceil(Math.max(0, Math.min(byRuns, (budgetMs - spentMs) / 1000)));
    const rate = `${count(Math.round(perSecond))} runs/s`;
    this.line(`${hunt}: ${count(runs)} runs, ${rate}, ${count(left)} s left at most`);
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
