import fc from 'fast-check';
import { stringify } from 'yaml';

/**
 * Random small clusters, configurations and bounded fault plans, as scenarios. All waits of the
 * real system are scaled down (a broker is fenced after 1 s, a member after 1.5 s), so that a run
 * of a few virtual seconds meets elections, rebalances and retries.
 */

type Tree = Readonly<Record<string, unknown>>;

/** What a scenario is made of; whatever is left out is `fc.constant` of the usual. */
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
  readonly process?: fc.Arbitrary<Tree>;
  readonly latency?: fc.Arbitrary<Tree>;
  /** Kinds of faults that may strike, and how many of them at most. */
  readonly faults?: readonly FaultKind[];
  readonly most?: number;
}

const range = (min: number, max: number) => fc.integer({ min, max });
const ms = (min: number, max: number) => range(min, max).map((n) => `${n}ms`);

/** Everything is over by then: producers send for 2 s at most, faults strike within 4 s. */
const moment = ms(0, 4000);
const span = ms(50, 4000);

export const WAITS = {
  cluster: {
    'broker.heartbeat.interval.ms': 300,
    'broker.session.timeout.ms': 1000,
    'replica.lag.time.max.ms': 1500,
    'replica.fetch.wait.max.ms': 200,
    'replica.fetch.backoff.ms': 200,
    'replica.socket.timeout.ms': 1500,
    'controller.socket.timeout.ms': 1000,
    'replica.high.watermark.checkpoint.interval.ms': 1000,
    'leader.imbalance.check.interval.seconds': 5,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 500,
    'group.consumer.session.timeout.ms': 1500,
    'group.consumer.heartbeat.interval.ms': 400,
    'offsets.commit.timeout.ms': 1000,
  },
  producer: { 'request.timeout.ms': 600, 'metadata.max.age.ms': 5000 },
  /** In the protocol of KIP-848 these two are the broker's. */
  classic: { 'session.timeout.ms': 1500, 'heartbeat.interval.ms': 400 },
  consumer: {
    'auto.offset.reset': 'earliest',
    'max.poll.interval.ms': 3000,
    'request.timeout.ms': 1000,
    'default.api.timeout.ms': 3000,
    'fetch.max.wait.ms': 200,
    'auto.commit.interval.ms': 300,
    'max.poll.records': 10,
    'metadata.max.age.ms': 5000,
  },
} as const;

// --- Configurations ---

export const MODERN = ['4.0', '4.2', '4.1', '3.9', '3.7'] as const;

/** Safe whatever happens to processes and networks. */
export const acksAll: fc.Arbitrary<Tree> = fc.record({
  acks: fc.constant('all'),
  'enable.idempotence': fc.boolean(),
  'max.in.flight.requests.per.connection': range(1, 5),
  'linger.ms': fc.constantFrom(0, 5, 30),
  'batch.size': fc.constantFrom(1, 300, 16_384),
});

export const idempotent: fc.Arbitrary<Tree> = acksAll.map((tree) => ({
  ...tree,
  'enable.idempotence': true,
}));

export const weakAcks: fc.Arbitrary<Tree> = fc.record({
  acks: fc.constantFrom('0', '1'),
  'enable.idempotence': fc.constant(false),
  'max.in.flight.requests.per.connection': range(1, 5),
});

export const anyProducer: fc.Arbitrary<Tree> = fc.oneof(acksAll, weakAcks);

export const commitAfter: fc.Arbitrary<Tree> = fc.record({
  takes: fc.constantFrom('0ms', '1ms', '20ms', { p50: '2ms', p99: '300ms' }),
  acknowledge: fc.constant('after'),
  workers: fc.constantFrom(1, 1, 3),
});

/** Every way in which a group may share its partitions. */
export const anyGroup: fc.Arbitrary<Tree> = fc.constantFrom(
  ...['range', 'roundrobin', 'sticky', 'cooperative-sticky'].map((assignor) => ({
    'partition.assignment.strategy': assignor,
  })),
  { 'group.protocol': 'consumer', 'group.remote.assignor': 'uniform' },
  { 'group.protocol': 'consumer', 'group.remote.assignor': 'range' },
);

// --- Faults ---

export type FaultKind =
  | 'messages' // One message is late, lost, or loses its connection.
  | 'resets' // Connections break.
  | 'brokers' // A broker crashes, stops or stands still.
  | 'crashes' // A broker or a consumer crashes.
  | 'controller'
  | 'consumers'
  | 'producer'
  | 'networks' // Brokers and controller are cut off from each other, or all from one.
  | 'power' // Brokers lose what they have not synced.
  | 'one power'; // One of them does.

const CLIENT_TO_BROKER = ['ProduceRequest', 'FetchRequest', 'OffsetCommitRequest'] as const;
const MESSAGES = [
  ...CLIENT_TO_BROKER,
  'ProduceResponse',
  'FetchResponse',
  'OffsetCommitResponse',
  'JoinGroupRequest',
  'JoinGroupResponse',
  'SyncGroupRequest',
  'SyncGroupResponse',
  'HeartbeatRequest',
  'HeartbeatResponse',
  'MetadataResponse',
  'InitProducerIdResponse',
  'AlterPartitionRequest',
  'AlterPartitionResponse',
  'BrokerHeartbeatRequest',
  'BrokerHeartbeatResponse',
] as const;

interface Cast {
  readonly brokers: readonly string[];
  readonly consumers: readonly string[];
}

const nth = range(1, 40);

function processFaults(nodes: readonly string[]): fc.Arbitrary<Tree> {
  const node = fc.constantFrom(...nodes);
  return fc.oneof(
    fc.record({ crash: node, at: moment, restart: span }),
    fc.record({ stop: node, at: moment, restart: span }),
    fc.record({ pause: node, at: moment, for: span }),
  );
}

function networkFaults({ brokers, consumers }: Cast): fc.Arbitrary<Tree> {
  const all = [...brokers, 'controller', 'checkout', ...consumers];
  const inside = [...brokers, 'controller'];
  const cut = (one: string, others: readonly string[]) => [
    [one],
    others.filter((other) => other !== one),
  ];
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...all), moment, span)
      .map(([one, at, long]) => ({ partition: cut(one, all), at, for: long })),
    fc
      .tuple(fc.constantFrom(...inside), moment, span)
      .map(([one, at, long]) => ({ partition: cut(one, inside), at, for: long })),
    fc.tuple(fc.constantFrom(...all), fc.constantFrom(...all), moment, span).map(
      // One way only, and a link to itself is left alone.
      ([from, to, at, long]) =>
        from === to
          ? { pause: from, at, for: long }
          : { partition: { from: [from], to: [to] }, at, for: long },
    ),
    fc.tuple(fc.constantFrom(...all), ms(20, 800), moment, span).map(([one, by, at, long]) => ({
      'slow-link': { from: cut(one, all)[1], to: [one], by },
      at,
      for: long,
    })),
  );
}

function faultsOf(kind: FaultKind, cast: Cast): fc.Arbitrary<Tree> {
  switch (kind) {
    case 'messages':
      return fc.oneof(
        fc.record({ lose: fc.constantFrom(...MESSAGES), nth }),
        fc.record({ delay: fc.constantFrom(...MESSAGES), by: ms(10, 2500), nth }),
        fc.record({ reset: fc.constantFrom(...MESSAGES), nth }),
      );
    case 'resets':
      return fc.record({ reset: fc.constantFrom(...MESSAGES), nth });
    case 'brokers':
      return processFaults(cast.brokers);
    case 'crashes': {
      const node = fc.constantFrom(...cast.brokers, ...cast.consumers);
      return fc.record({ crash: node, at: moment, restart: span });
    }
    case 'controller':
      return processFaults(['controller']);
    case 'consumers':
      return processFaults(cast.consumers);
    case 'producer':
      return processFaults(['checkout']);
    case 'networks':
      return networkFaults(cast);
    case 'power':
      return fc
        .tuple(fc.subarray([...cast.brokers], { minLength: 1 }), moment, span)
        .map(([nodes, at, restart]) => ({ 'power-loss': nodes, at, restart }));
    case 'one power':
      return fc.record({
        'power-loss': fc.constantFrom(...cast.brokers),
        at: moment,
        restart: span,
      });
  }
}

// --- Scenarios ---

/** A scenario as a tree, and the seed it runs with. */
export interface Plan {
  readonly scenario: Tree;
  readonly seed: string;
}

export function plans(axes: Axes): fc.Arbitrary<Plan> {
  const usual = <T>(given: fc.Arbitrary<T> | undefined, otherwise: fc.Arbitrary<T>) =>
    given ?? otherwise;
  return fc
    .record({
      version: usual(axes.version, fc.constantFrom(...MODERN)),
      brokers: usual(axes.brokers, range(1, 3)),
      factor: usual(axes.factor, range(1, 3)),
      partitions: usual(axes.partitions, range(1, 3)),
      instances: usual(axes.instances, range(1, 2)),
      send: usual<Tree>(
        axes.send,
        fc.record({
          count: range(10, 30),
          every: fc.constantFrom('1ms', '20ms', '60ms'),
          keys: fc.constantFrom(1, 5),
        }),
      ),
      topic: usual<Tree>(axes.topic, fc.record({ 'min.insync.replicas': range(1, 2) })),
      cluster: usual<Tree>(axes.cluster, fc.constant({})),
      producer: usual(axes.producer, acksAll),
      consumer: usual<Tree>(axes.consumer, fc.constant({})),
      process: usual(axes.process, commitAfter),
      latency: usual<Tree>(axes.latency, fc.constant({ p50: '1ms', p99: '8ms' })),
      seed: range(1, 1_000_000),
    })
    .chain((parts) => {
      const cast: Cast = {
        brokers: Array.from({ length: parts.brokers }, (_, i) => `broker-${i + 1}`),
        consumers: Array.from({ length: parts.instances }, (_, i) => `fulfilment-${i + 1}`),
      };
      const { faults: kinds = [], most = 4 } = axes;
      const fault = kinds.map((kind) => faultsOf(kind, cast));
      const list =
        fault.length === 0
          ? fc.constant([])
          : fc.array(fc.oneof(...fault), { minLength: 1, maxLength: most });
      return list.map((faults) => ({ scenario: tree(parts, faults), seed: String(parts.seed) }));
    });
}

interface Parts {
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
}

function tree(parts: Parts, faults: readonly Tree[]): Tree {
  const factor = Math.min(parts.factor, parts.brokers);
  const wanted = Number(parts.topic['min.insync.replicas'] ?? 1);
  const topic = { ...parts.topic, 'min.insync.replicas': Math.min(wanted, factor) };
  const acknowledge = parts.process.acknowledge;
  return {
    scenario: 'a random plan',
    system: 'kafka',
    version: parts.version,
    cluster: { brokers: parts.brokers, config: { ...WAITS.cluster, ...parts.cluster } },
    topics: {
      orders: { partitions: parts.partitions, 'replication.factor': factor, config: topic },
    },
    producers: {
      checkout: {
        to: 'orders',
        send: parts.send,
        config: { ...WAITS.producer, ...parts.producer },
      },
    },
    consumers: {
      fulfilment: {
        from: 'orders',
        instances: parts.instances,
        config: {
          'enable.auto.commit': acknowledge === 'auto',
          ...WAITS.consumer,
          ...(parts.consumer['group.protocol'] === 'consumer' ? {} : WAITS.classic),
          ...parts.consumer,
        },
        process: parts.process,
      },
    },
    network: { latency: parts.latency },
    faults,
    limits: { until: '30min' },
  };
}

export function shown({ scenario, seed }: Plan): string {
  return `seed ${seed}, scenario:\n${stringify(scenario)}`;
}
