import fc from 'fast-check';
import { stringify } from 'yaml';
import {
  acksAll,
  commitAfter,
  COMMITTED,
  groupOf,
  MODERN,
  producerOf,
  range,
  type Tree,
  WAITS,
} from './plan-configs.ts';
import { type Cast, type FaultKind, faultsOf, timesOf } from './plan-faults.ts';

/** Random small clusters, configurations and bounded fault plans, as scenarios. */

/** What a scenario is made of; whatever is left out is the usual. */
export interface Axes {
  readonly version?: fc.Arbitrary<string>;
  readonly brokers?: fc.Arbitrary<number>;
  /** Replication factor, cut to the number of brokers. */
  readonly factor?: fc.Arbitrary<number>;
  readonly partitions?: fc.Arbitrary<number>;
  readonly instances?: fc.Arbitrary<number>;
  readonly send?: fc.Arbitrary<Tree>;
  readonly topic?: fc.Arbitrary<Tree>;
  readonly cluster?: fc.Arbitrary<Tree>;
  readonly producer?: fc.Arbitrary<Tree>;
  readonly consumer?: fc.Arbitrary<Tree>;
  /** With `produce` there is a second topic, payments, and a group of committed data behind it. */
  readonly process?: fc.Arbitrary<Tree>;
  readonly latency?: fc.Arbitrary<Tree>;
  /** Kinds of faults that may strike, and how many of them at most. */
  readonly faults?: readonly FaultKind[];
  readonly most?: number;
  /** They strike after a while, see `timesOf`. */
  readonly steady?: boolean;
  /** Faults that always strike, in front of the random ones. */
  readonly always?: fc.Arbitrary<readonly Tree[]>;
  readonly actions?: fc.Arbitrary<readonly Tree[]>;
}

/** A scenario as a tree, and the seed it runs with. */
export interface Plan {
  readonly scenario: Tree & { readonly version: string };
  readonly seed: string;
}

export function plans(axes: Axes): fc.Arbitrary<Plan> {
  return parts(axes).chain((drawn) => {
    const brokers = Array.from({ length: drawn.brokers }, (_, i) => `broker-${i + 1}`);
    const consumers = Array.from({ length: drawn.instances }, (_, i) => `fulfilment-${i + 1}`);
    const { faults: kinds = [], most = 4, always = fc.constant([]), steady = false } = axes;
    const cast: Cast = { brokers, consumers, ...timesOf(!steady) };
    const fault = kinds.map((kind) => faultsOf(kind, cast));
    const list =
      fault.length === 0
        ? fc.constant([])
        : fc.array(fc.oneof(...fault), { minLength: 1, maxLength: most });
    return fc.tuple(always, list).map(([first, faults]) => ({
      scenario: tree(drawn, [...first, ...faults]),
      seed: String(drawn.seed),
    }));
  });
}

/** What was drawn for one scenario, but its faults. */
export interface Parts {
  readonly version: string;
  readonly brokers: number;
  readonly factor: number;
  readonly partitions: number;
  readonly instances: number;
  readonly send: Tree;
  readonly topic: Tree;
  readonly cluster: Tree;
  readonly producer: Tree;
  readonly consumer: Tree;
  readonly process: Tree;
  readonly latency: Tree;
  readonly actions: readonly Tree[];
  readonly seed: number;
}

const SEND: fc.Arbitrary<Tree> = fc.record({
  count: range(10, 30),
  every: fc.constantFrom('1ms', '20ms', '60ms'),
  keys: fc.constantFrom(1, 5),
});

function parts(axes: Axes): fc.Arbitrary<Parts> {
  return fc.record({
    version: axes.version ?? fc.constantFrom(...MODERN),
    brokers: axes.brokers ?? range(1, 3),
    factor: axes.factor ?? range(1, 3),
    partitions: axes.partitions ?? range(1, 3),
    instances: axes.instances ?? range(1, 2),
    send: axes.send ?? SEND,
    topic: axes.topic ?? fc.record({ 'min.insync.replicas': range(1, 2) }),
    cluster: axes.cluster ?? fc.constant({}),
    producer: axes.producer ?? acksAll,
    consumer: axes.consumer ?? fc.constant({}),
    process: axes.process ?? commitAfter,
    latency: axes.latency ?? fc.constant({ p50: '1ms', p99: '8ms' }),
    actions: axes.actions ?? fc.constant([]),
    seed: range(1, 1_000_000),
  });
}

/** One plan, written down. */
export function planOf(given: Partial<Parts>, faults: readonly Tree[]): Plan {
  const drawn = { ...USUAL, ...given };
  return { scenario: tree(drawn, faults), seed: String(drawn.seed) };
}

const USUAL: Parts = {
  version: '4.0',
  brokers: 3,
  factor: 3,
  partitions: 1,
  instances: 1,
  send: { count: 30, every: '20ms', keys: 5 },
  topic: {},
  cluster: {},
  producer: { acks: 'all', 'enable.idempotence': true },
  consumer: {},
  process: { takes: '1ms', acknowledge: 'after' },
  latency: { p50: '1ms', p99: '8ms' },
  actions: [],
  seed: 1,
};

function tree(drawn: Parts, faults: readonly Tree[]): Plan['scenario'] {
  const { version, process } = drawn;
  const factor = Math.min(drawn.factor, drawn.brokers);
  const wanted = Number(drawn.topic['min.insync.replicas'] ?? 1);
  const config = { ...drawn.topic, 'min.insync.replicas': Math.min(wanted, factor) };
  const topic = { partitions: drawn.partitions, 'replication.factor': factor, config };
  const makes = process.produce !== undefined;
  return {
    scenario: 'a random plan',
    system: 'kafka',
    version,
    cluster: { brokers: drawn.brokers, config: { ...WAITS.cluster, ...drawn.cluster } },
    topics: { orders: topic, ...(makes ? { payments: topic } : {}) },
    producers: {
      checkout: {
        to: 'orders',
        send: drawn.send,
        config: producerOf(version, { ...WAITS.producer, ...drawn.producer }),
      },
    },
    consumers: {
      fulfilment: group(drawn),
      ...(makes ? { ledger: LEDGER } : {}),
    },
    network: { latency: drawn.latency },
    faults,
    ...(drawn.actions.length > 0 ? { actions: drawn.actions } : {}),
    limits: { until: '30min' },
  };
}

function group({ version, instances, consumer, process }: Parts): Tree {
  const config = groupOf(version, consumer);
  const classic = config['group.protocol'] === undefined;
  const share = config['group.protocol'] === 'share';
  return {
    from: 'orders',
    instances,
    config: {
      ...(share ? {} : { 'enable.auto.commit': process.acknowledge === 'auto' }),
      ...WAITS.consumer,
      ...(classic ? WAITS.classic : {}),
      ...config,
    },
    process,
  };
}

/** Whoever reads what a transforming application makes. */
const LEDGER = {
  from: 'payments',
  config: { 'enable.auto.commit': false, ...WAITS.consumer, ...WAITS.classic, ...COMMITTED },
  process: { takes: '1ms', acknowledge: 'after' },
} as const;

export function shown({ scenario, seed }: Plan): string {
  return `seed ${seed}, scenario:\n${stringify(scenario, { aliasDuplicateObjects: false })}`;
}
