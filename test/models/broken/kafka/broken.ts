import { applyState } from '../../../../models/kafka/broker/partition.ts';
import type { Broker } from '../../../../models/kafka/broker/state.ts';
import { ASSIGNORS } from '../../../../models/kafka/consumer/assignor.ts';
import { AbortedFilter } from '../../../../models/kafka/consumer/aborted.ts';
import { ProducerStates } from '../../../../models/kafka/producer-states.ts';
import { type Rules, rulesOf } from '../../../../models/kafka/versions.ts';
import { Execution } from '../../../../scenarios/execute.ts';
import { loadScenario } from '../../../../scenarios/load.ts';
import type { ModelFinding } from '../../../../sim/history/record.ts';

/** The real model with one rule broken, for as long as `run` takes. */
export interface Flaw {
  /** Puts the flaw in, and says how to take it out. */
  readonly breaks: () => () => void;
  /** Meddles with the running cluster, once `after` of virtual time. */
  readonly meddles?: (execution: Execution) => void;
}

/** A member of an object, replaced. */
function replaced<T extends object, K extends keyof T>(of: T, key: K, by: T[K]): () => void {
  const real = of[key];
  of[key] = by;
  return () => {
    of[key] = real;
  };
}

/** A modern version that follows old rules. */
export function oldRules(version: string, rules: Partial<Rules>): Flaw {
  return {
    breaks() {
      const known = rulesOf(version) as { -readonly [R in keyof Rules]: boolean };
      const real = { ...known };
      Object.assign(known, rules);
      return () => Object.assign(known, real);
    },
  };
}

/** The broker takes every batch for new. */
export const forgetsSequences: Flaw = {
  breaks: () => replaced(ProducerStates.prototype, 'admit', () => ({ is: 'append' })),
};

/** The consumer hands out whatever is no marker. */
export const readsAborted: Flaw = {
  breaks: () => replaced(AbortedFilter.prototype, 'skips', (batch) => batch.marker !== undefined),
};

/** The assignor gives everything to everybody. */
export const assignsTwice: Flaw = {
  breaks: () =>
    replaced(ASSIGNORS as { range: (typeof ASSIGNORS)['range'] }, 'range', (members, partitions) =>
      members.map(({ member, topic }) => ({ member, partitions: partitions(topic) })),
    ),
};

function brokerOf({ world }: Execution, name: string): Broker {
  for (let id = 0; id < world.size; id++) {
    if (world.nameOf(id) === name) return world.stateOf(id) as Broker;
  }
  throw new Error(`no ${name}`);
}

/** A leader forgets how far its records are replicated. */
export const forgetsWatermark: Flaw = {
  breaks: () => () => undefined,
  meddles(execution) {
    const [replica] = brokerOf(execution, 'broker-1').own;
    replica.highWatermark = 1;
  },
};

/** A follower takes itself for the leader of the present epoch. */
export const usurps: Flaw = {
  breaks: () => () => undefined,
  meddles(execution) {
    const broker = brokerOf(execution, 'broker-2');
    const [replica] = broker.own;
    const state = { ...broker.image.partitions[replica.plan.index], leader: broker.index };
    replica.leaderEpoch = replica.partitionEpoch = -1;
    applyState(broker, replica, state);
  },
};

/** What the audit says of a run, without the flaw or with it. */
export function auditOf(text: string, flaw?: Flaw): ReadonlyMap<string, ModelFinding> {
  const { scenario, problems } = loadScenario(text, 'broken.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  const mend = flaw?.breaks();
  try {
    const execution = new Execution(scenario, { seed: '1' });
    if (flaw?.meddles !== undefined) {
      while (execution.world.now < 1_000_000 && !execution.advance(1));
      flaw.meddles(execution);
    }
    while (!execution.advance(Infinity));
    return new Map((execution.record().model ?? []).map((f) => [f.name, f]));
  } finally {
    mend?.();
  }
}
