import { Turning } from '../sim/explore/decide/turning.ts';
import { curveOf, type Curve } from '../sim/explore/decide/curve.ts';
import { type Choices, Seeded, type Site } from '../sim/kernel/choices.ts';
import type { Distribution } from '../sim/kernel/distribution.ts';
import { EventKind, Fact, type Trace } from '../sim/kernel/entry.ts';
import type { Names } from '../sim/kernel/names.ts';
import { formatTime, type Micros, type Ppm } from '../sim/kernel/time.ts';
import { Execution } from './execute.ts';
import { anomalies } from './runner.ts';
import type { Scenario } from './scenario.ts';

/** What becomes of planned faults from the event on at which luck is drawn anew. */
export type FaultsAfter = 'keep' | 'drop';

export interface DecideOptions {
  readonly seed: string;
  readonly anomaly: string;
  readonly faults: FaultsAfter;
  /** Runs for each point of the curve. */
  readonly runs: number;
  readonly enough: () => string;
}

/** The event that decided it. */
export interface Decisive {
  /** Its place in the run, from 0. */
  readonly event: number;
  readonly at: Micros;
  /** Whose handler ran; "-" for a planned fault. */
  readonly node: string;
  readonly says: string;
  /** What was drawn in it, as labels with outcomes; what went wrong first. */
  readonly drew: readonly string[];
  /** Planned faults that first bit in it, by their place in the scenario. */
  readonly struck: readonly number[];
}

export interface Turn {
  readonly curve: Curve;
  /** When each point of the curve lies. */
  readonly times: readonly Micros[];
  readonly decisive: Decisive;
}

/** When a run was lost: the chance of its anomaly against the event from which on luck is free. */
export function pointOfNoReturn(scenario: Scenario, options: DecideOptions): Turn {
  const { seed, anomaly, faults, runs, enough } = options;
  const probe = (events: number, round: number): boolean => {
    let source: Turning | undefined;
    const execution = new Execution(scenario, {
      seed,
      instrument: (choices, names) =>
        (source = new Turning(choices, new Seeded(names, `${seed}/after/${round}`))),
    });
    if (events === 0 || !execution.advance(events)) {
      source?.turn();
      if (faults === 'drop') execution.calm();
      while (!execution.advance(Infinity));
    }
    return anomalies(execution.record(), scenario.expectations).includes(anomaly);
  };
  const recorded = new Execution(scenario, { seed });
  while (!recorded.advance(Infinity));
  const curve = curveOf(probe, { events: recorded.world.events, runs, enough });
  const wanted = new Set(curve.points.map((point) => point.events));
  const log = new EventLog(curve.step[1].events - 1, wanted);
  const again: Execution = new Execution(scenario, {
    seed,
    trace: log.trace(() => again),
    instrument: (choices, names) => log.listen(choices, names),
  });
  while (!again.advance(Infinity));
  const times = curve.points.map(({ events }) => log.times.get(events) ?? again.world.now);
  return { curve, times, decisive: log.decisive() };
}

/** Keeps the times of some events of a run, and all that happened in one. */
class EventLog {
  readonly times = new Map<number, Micros>();
  readonly #wanted: ReadonlySet<number>;
  readonly #event: number;
  #count = -1;
  #at: Micros = 0;
  #node = '-';
  #says = '';
  readonly #letters = new Map<number, string>();
  readonly #wrong: string[] = [];
  readonly #drew: string[] = [];
  readonly #struck: number[] = [];

  constructor(event: number, wanted: ReadonlySet<number>) {
    this.#event = event;
    this.#wanted = wanted;
  }

  trace(run: () => Execution): Trace {
    return {
      event: (_index, time, node, kind, _code, cause) => {
        this.#count++;
        if (this.#wanted.has(this.#count)) this.times.set(this.#count, time);
        if (this.#count !== this.#event) return;
        this.#at = time;
        this.#node = run().world.nameOf(node);
        this.#says = this.#letters.get(cause) ?? KINDS[kind] ?? 'acts';
      },
      sent: (s) => {
        const again = s.attempt > 1 ? ` #${s.attempt}` : '';
        if (this.#count < this.#event) {
          this.#letters.set(s.index, `takes ${s.type} ${s.about}/${s.nr}${again}`);
        }
      },
      fact: (_index, _time, _node, fact, args) => {
        if (this.#count === this.#event && fact === Fact.struck) this.#struck.push(args[0]);
      },
      tell: () => {},
    };
  }

  /** Hears what is drawn. */
  listen(choices: Choices, names: Names): Choices {
    return {
      choose: (site: Site, n: number, ppm?: Ppm) => {
        const outcome = choices.choose(site, n, ppm);
        if (this.#count === this.#event) {
          const list = outcome === 0 ? this.#drew : this.#wrong;
          list.push(`${site.label(names)}: ${outcome === 0 ? 'no' : 'yes'}`);
        }
        return outcome;
      },
      sample: (site: Site, table: Distribution) => {
        const value = choices.sample(site, table);
        if (this.#count === this.#event) {
          this.#drew.push(`${site.label(names)}: ${formatTime(value)}`);
        }
        return value;
      },
    };
  }

  decisive(): Decisive {
    return {
      event: this.#event,
      at: this.#at,
      node: this.#node,
      says: this.#says,
      drew: [...this.#wrong, ...this.#drew],
      struck: this.#struck,
    };
  }
}

const KINDS: Readonly<Record<number, string>> = {
  [EventKind.start]: 'starts',
  [EventKind.timer]: 'has a timer run out',
  [EventKind.synced]: 'has something synced',
  [EventKind.disconnect]: 'hears that a connection is gone',
  [EventKind.fault]: 'a planned fault',
  [EventKind.resume]: 'goes on after a pause',
  [EventKind.stop]: 'is asked to stop',
};
