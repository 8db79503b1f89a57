import fc from 'fast-check';
import { VERSIONS } from '../../../models/kafka/versions.ts';
import { olderThan } from '../../../models/parts/config.ts';

/** Configurations of random plans: scaled waits, versions, producers, groups, applications. */

export type Tree = Readonly<Record<string, unknown>>;

export const range = (min: number, max: number) => fc.integer({ min, max });

/**
 * All waits of the real system are scaled down (a broker is fenced after 1 s, a member after
 * 1.5 s), so that a run of a few virtual seconds meets elections, rebalances and retries.
 */
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
    'group.share.session.timeout.ms': 1500,
    'group.share.heartbeat.interval.ms': 400,
    'group.share.record.lock.duration.ms': 15_000,
    'offsets.commit.timeout.ms': 1000,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
  },
  producer: { 'request.timeout.ms': 600, 'metadata.max.age.ms': 5000 },
  transactional: { 'transaction.timeout.ms': 4000 },
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

// --- Versions ---

export const MODERN = ['4.0', '4.2', '4.1', '3.9', '3.7'] as const;

/** All modelled versions from one on, to another that is not among them. */
export function versions(from: string, before = '99'): fc.Arbitrary<string> {
  return fc.constantFrom(
    ...VERSIONS.filter((version) => !olderThan(version, from) && olderThan(version, before)),
  );
}

/**
 * A producer's configuration as its version takes it: `retries` was 0 by default before 2.1, and
 * idempotence came with 0.11, with one request in flight before 1.0.
 */
export function producerOf(version: string, given: Tree): Tree {
  const config: Record<string, unknown> = { retries: 2_147_483_647, ...given };
  if (olderThan(version, '0.11')) config['enable.idempotence'] = false;
  const idempotent = config['enable.idempotence'] !== false;
  if (idempotent && olderThan(version, '1.0')) {
    config['max.in.flight.requests.per.connection'] = 1;
  }
  return config;
}

/** A group as its version has it: what came later is left out. */
export function groupOf(version: string, given: Tree): Tree {
  const config: Record<string, unknown> = { ...given };
  if (olderThan(version, '2.3')) delete config['group.instance.id'];
  if (olderThan(version, '3.7') && config['group.protocol'] === 'consumer') {
    delete config['group.protocol'];
    delete config['group.remote.assignor'];
  }
  // Before 2.0 a join was a request like every other, and had to be waited for so long.
  if (olderThan(version, '2.0')) config['request.timeout.ms'] = 2000;
  const key = 'partition.assignment.strategy';
  if (olderThan(version, '2.4') && config[key] === 'cooperative-sticky') config[key] = 'sticky';
  return config;
}

// --- Producers ---

/** Safe whatever happens to processes and networks. */
export const acksAll: fc.Arbitrary<Tree> = fc.record({
  acks: fc.constant('all'),
  'enable.idempotence': fc.boolean(),
  'max.in.flight.requests.per.connection': range(1, 5),
  'linger.ms': fc.constantFrom(0, 5, 30),
  'batch.size': fc.constantFrom(1, 300, 16_384),
});

/**
 * Its sequences protect it from the first batch on only with one request in flight: a leader that
 * knows nothing of a producer takes any sequence, the second when the first was refused.
 */
export const idempotent: fc.Arbitrary<Tree> = acksAll.map((tree) => ({
  ...tree,
  'enable.idempotence': true,
}));

export const oneInFlight: fc.Arbitrary<Tree> = idempotent.map((tree) => ({
  ...tree,
  'max.in.flight.requests.per.connection': 1,
}));

export const transactional: fc.Arbitrary<Tree> = idempotent.map((tree) => ({
  ...WAITS.transactional,
  ...tree,
  'transactional.id': 'checkout-1',
}));

export const weakAcks: fc.Arbitrary<Tree> = fc.record({
  acks: fc.constantFrom('0', '1'),
  'enable.idempotence': fc.constant(false),
  'max.in.flight.requests.per.connection': range(1, 5),
});

export const anyProducer: fc.Arbitrary<Tree> = fc.oneof(acksAll, weakAcks);

/** Some of its transactions are aborted, and their messages given up or sent again. */
export const inTransactions: fc.Arbitrary<Tree> = fc.record({
  count: range(10, 30),
  every: fc.constantFrom('1ms', '20ms', '60ms'),
  keys: fc.constantFrom(1, 5),
  transaction: fc.record({
    messages: range(1, 8),
    aborts: fc.constantFrom(0, 2, 3),
    then: fc.constantFrom('repeat', 'drop'),
  }),
});

// --- Applications ---

export const commitAfter: fc.Arbitrary<Tree> = fc.record({
  takes: fc.constantFrom('0ms', '1ms', '20ms', { p50: '2ms', p99: '300ms' }),
  acknowledge: fc.constant('after'),
  workers: fc.constantFrom(1, 1, 3),
});

/** One record at a time, so that the order of deliveries is that of the log. */
export const oneByOne: fc.Arbitrary<Tree> = commitAfter.map((process) => ({
  ...process,
  workers: 1,
}));

/** Consume, transform, produce: offsets and output in one transaction. */
export const transforming = (config: Tree, more: Tree = {}): fc.Arbitrary<Tree> =>
  fc.record({
    takes: fc.constantFrom('0ms', '1ms', '20ms', { p50: '2ms', p99: '300ms' }),
    produce: fc.constant({ to: 'payments', config, ...more }),
  });

/** A transactional.id for each instance, as Kafka's own examples have it. */
export const TRANSFORMER = {
  ...WAITS.producer,
  ...WAITS.transactional,
  'transactional.id': 'fulfilment-{instance}',
} as const;

// --- Groups ---

/** Every way in which a group may share its partitions. */
export const anyGroup: fc.Arbitrary<Tree> = fc
  .record({
    sharing: fc.constantFrom<Tree>(
      ...['range', 'roundrobin', 'sticky', 'cooperative-sticky'].map((assignor) => ({
        'partition.assignment.strategy': assignor,
      })),
      { 'group.protocol': 'consumer', 'group.remote.assignor': 'uniform' },
      { 'group.protocol': 'consumer', 'group.remote.assignor': 'range' },
    ),
    isStatic: fc.boolean(),
  })
  .map(({ sharing, isStatic }) =>
    isStatic && sharing['group.protocol'] === undefined
      ? { ...sharing, 'group.instance.id': 'member' }
      : sharing,
  );

/**
 * A static member of KIP-848: one that crashes and comes back before its session is over is refused
 * for good (UNRELEASED_INSTANCE_ID).
 */
export const staticModern: fc.Arbitrary<Tree> = fc.constantFrom('uniform', 'range').map((by) => ({
  'group.protocol': 'consumer',
  'group.remote.assignor': by,
  'group.instance.id': 'member',
}));

export const COMMITTED = { 'isolation.level': 'read_committed' } as const;

/** The application acknowledges each record of a share group, once it is processed. */
export const SHARE = {
  'group.protocol': 'share',
  'share.acknowledgement.mode': 'explicit',
} as const;
