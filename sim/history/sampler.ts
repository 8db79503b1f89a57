import type { Micros } from '../kernel/time.ts';
import type { Alarm } from './alarm.ts';
import type { Stream } from './stream.ts';
import type { Subscription } from './subscription.ts';

/** Looks at the lag of every subscription from time to time, and lets go of what nobody awaits. */
export class Sampler {
  /** When to look again. */
  due: Micros = 0;
  readonly #subscriptions: readonly Subscription[];
  readonly #streams: readonly Stream[];
  readonly #alarms: readonly Alarm[];

  constructor(
    subscriptions: readonly Subscription[],
    streams: readonly Stream[],
    alarms: readonly Alarm[],
  ) {
    this.#subscriptions = subscriptions;
    this.#streams = streams;
    this.#alarms = alarms;
  }

  sample(time: Micros): void {
    let due = Infinity;
    for (const s of this.#subscriptions) {
      s.sample(time);
      due = Math.min(due, s.lagTime.due);
      for (const alarm of this.#alarms) alarm.sample(s, time);
    }
    this.due = due;
    this.#streams.forEach((log, stream) => this.#trim(log, stream));
  }

  #trim(log: Stream, stream: number): void {
    let base = log.end;
    for (const s of this.#subscriptions) {
      if (s.plan.channel === log.channel) base = Math.min(base, s.pointer(stream));
    }
    log.trim(base);
  }
}
