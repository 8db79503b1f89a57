import { ownRows } from '../models/parts/own-transaction.ts';
import { pathText } from '../sim/history/milestones.ts';
import type { ExpectationResult, RunRecord, SubscriptionMeasures } from '../sim/history/record.ts';
import type { Summary } from '../sim/history/summary.ts';
import type { Expectation } from '../sim/invariants/expectation.ts';
import { judge } from '../sim/invariants/judge.ts';
import { writeToken } from '../runs/token.ts';
import { Execution } from '../scenarios/execute.ts';
import type { Subject } from './subject.ts';
import { guarded } from './guard.ts';
import type { Thrown } from './heard.ts';

/** A finished run: what was measured, and what own code left behind. */
export class SimulatedRun {
  readonly subject: Subject;
  readonly record: RunRecord;
  /** Rows that own code has committed to the database. */
  readonly rows: ReadonlyMap<string, unknown>;
  /** What own code threw; each throw rejected a message. */
  readonly thrown: readonly Thrown[];
  readonly #summary: Summary;
  readonly #idle: readonly string[];

  constructor(subject: Subject) {
    const { scenario, seed } = subject;
    subject.heard.clear();
    const execution = guarded(() => {
      const running = new Execution(scenario, { seed });
      while (!running.advance(Infinity));
      return running;
    });
    this.subject = subject;
    this.#summary = execution.summary;
    this.#idle = subject.own.filter((name) => !subject.heard.started.has(name));
    this.thrown = subject.heard.thrown;
    this.rows = rowsOf(execution);
    this.record = execution.record();
  }

  /** A word that stands for this run; own code is not in it. */
  get token(): string {
    return tokenOf(this.subject, this.record);
  }

  /** Did everything happen that was planned, and was anything acknowledged at all? */
  get conclusive(): boolean {
    return this.doubts.length === 0;
  }

  /** Why the run proves nothing, whatever it is asked. */
  get doubts(): readonly string[] {
    const { faults, actions = [] } = this.record;
    const silent = faults.filter((f) => f.fired === 0);
    const undone = actions.filter((a) => !a.done);
    const acked = Object.values(this.record.producers).reduce((sum, p) => sum + p.ok, 0);
    return [
      ...silent.map(({ fault }) => `never fired: ${fault}`),
      ...undone.map(({ action, why = 'it never came to it' }) => `not done: ${action}: ${why}`),
      ...this.#idle.map((name) => `own code of "${name}" was never started`),
      ...(acked === 0 ? ['nothing was acknowledged'] : []),
    ];
  }

  /** What was measured of one consumer group; of the only one, without a name. */
  of(group?: string): SubscriptionMeasures {
    const { subscriptions } = this.record;
    const names = Object.keys(subscriptions);
    const name = group ?? (names.length === 1 ? names[0] : undefined);
    if (name === undefined || !Object.hasOwn(subscriptions, name)) {
      throw new RangeError(`of(${group ?? ''}): name one of the groups ${names.join(', ')}`);
    }
    return subscriptions[name];
  }

  judge(expectation: Expectation): ExpectationResult {
    return judge(expectation, this.#summary);
  }
}

function rowsOf({ world }: Execution): ReadonlyMap<string, unknown> {
  for (let id = 0; id < world.size; id++) {
    if (world.nameOf(id) === 'database') return new Map(ownRows(world.diskOf(id)));
  }
  return new Map();
}

function tokenOf({ scenario, set, seed, own }: Subject, run: RunRecord): string {
  return writeToken({
    engine: run.engine,
    text: scenario.text,
    file: 'scenario',
    seed,
    set,
    variant: scenario.variant,
    overrides: [],
    own,
    digest: run.digest,
    path: pathText(run.path),
  });
}
