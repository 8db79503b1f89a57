import { expect, test } from 'vitest';
import { loadScenario } from '../../../scenarios/load.ts';
import { marked } from '../../scenarios/mistakes/mistake.ts';

/** A deployment in parts; what is between « and » is what Kafka points at. */
interface Deployed {
  /** «checkout», where Kafka speaks of a default that nobody wrote. */
  readonly name?: string;
  readonly producer?: string;
  readonly consumer?: string;
  readonly process?: string;
  readonly send?: string;
  readonly cluster?: string;
  readonly topic?: string;
  readonly version?: string;
}

function written({
  name,
  producer,
  consumer,
  process,
  send,
  cluster,
  topic,
  version,
}: Deployed): string {
  return `scenario: x
system: kafka
version: '${version ?? '3.9'}'
cluster: { brokers: 3, config: { ${cluster ?? ''} } }
topics: { orders: { ${topic ?? ''} }, bills: {} }
producers: { ${name ?? 'checkout'}: { to: orders, ${send ?? ''} config: { ${producer ?? ''} } } }
consumers: { fulfilment: { from: orders, ${process ?? ''} config: { ${consumer ?? ''} } } }
`;
}

/** What Kafka itself refuses, and the words in which it does. */
const REFUSED: readonly (readonly [says: string, Deployed])[] = [
  // ProducerConfig.postProcessAndValidateIdempotenceConfigs
  ['Must set acks to all', { producer: 'acks: «1», enable.idempotence: true' }],
  ['Must set retries to non-zero', { producer: 'retries: «0», enable.idempotence: true' }],
  [
    'to at most 5 to use the idempotent',
    { producer: 'max.in.flight.requests.per.connection: «6», enable.idempotence: true' },
  ],
  [
    'to at most 5 to use the idempotent',
    { producer: 'max.in.flight.requests.per.connection: «6»', version: '4.0' },
  ],
  [
    'to 1 in order to use the idempotent',
    {
      producer: 'enable.idempotence: true, max.in.flight.requests.per.connection: «5», acks: all',
      version: '0.11',
    },
  ],
  ['no idempotent producer before', { producer: 'enable.idempotence: «true»', version: '0.10' }],
  // KafkaProducer.configureDeliveryTimeout
  ['equal to or larger than linger.ms', { producer: 'delivery.timeout.ms: «20000»' }],
  [
    'equal to or larger than linger.ms',
    { producer: 'delivery.timeout.ms: «30000», linger.ms: 1000' },
  ],
  // Transactions: KafkaProducer and the coordinator
  [
    'INVALID_TRANSACTION_TIMEOUT',
    { producer: 'transactional.id: t, transaction.timeout.ms: «900001»' },
  ],
  [
    'INVALID_TRANSACTION_TIMEOUT',
    {
      producer: 'transactional.id: t, transaction.timeout.ms: «60001»',
      cluster: 'transaction.max.timeout.ms: 60000',
    },
  ],
  [
    'Cannot set a transactional.id without also enabling idempotence.',
    { producer: 'transactional.id: t, enable.idempotence: «false»' },
  ],
  ['Must set acks to all', { producer: 'transactional.id: t, acks: «1»' }],
  ['Must set retries', { producer: 'transactional.id: t, retries: «0»' }],
  // ConsumerConfig and the group coordinator
  ['Heartbeat must be set lower than the session', { consumer: 'heartbeat.interval.ms: «45000»' }],
  ['INVALID_SESSION_TIMEOUT', { consumer: 'session.timeout.ms: «5999»' }],
  ['INVALID_SESSION_TIMEOUT', { consumer: 'session.timeout.ms: «1800001»' }],
  [
    'INVALID_SESSION_TIMEOUT',
    {
      consumer: 'session.timeout.ms: «10001»',
      cluster: 'group.max.session.timeout.ms: 10000',
      version: '2.8',
    },
  ],
  [
    'should be greater than session.timeout.ms',
    { consumer: 'request.timeout.ms: «10000»', version: '1.1' },
  ],
  ['cannot be set when group.protocol=CLASSIC', { consumer: 'group.remote.assignor: «range»' }],
  [
    'cannot be set when group.protocol=CONSUMER',
    { consumer: 'group.protocol: consumer, session.timeout.ms: «45000»' },
  ],
  [
    'cannot be set when group.protocol=CONSUMER',
    { consumer: 'group.protocol: consumer, heartbeat.interval.ms: «3000»' },
  ],
  [
    'cannot be set when group.protocol=CONSUMER',
    { consumer: 'group.protocol: consumer, partition.assignment.strategy: «range»' },
  ],
  [
    'UNSUPPORTED_ASSIGNOR',
    {
      consumer: 'group.protocol: consumer, group.remote.assignor: «range»',
      cluster: 'group.consumer.assignors: uniform',
    },
  ],
  ['came with 3.7', { consumer: 'group.protocol: «consumer»', version: '3.6' }],
  [
    'came with 2.4',
    { consumer: 'partition.assignment.strategy: «cooperative-sticky»', version: '2.3' },
  ],
  ['String must be non-empty', { consumer: 'group.instance.id: «""»' }],
  ['came with 2.3', { consumer: 'group.instance.id: «a»', version: '2.2' }],
  ['Invalid value never', { consumer: 'auto.offset.reset: «never»' }],
  ['by_duration came with 4.0', { consumer: 'auto.offset.reset: «by_duration:PT1H»' }],
  ['came with 4.1', { consumer: 'group.protocol: «share»' }],
  [
    'All records must be acknowledged in explicit',
    {
      consumer: 'group.protocol: share, share.acknowledgement.mode: explicit',
      process: 'process: { acknowledge: «auto» },',
      version: '4.1',
    },
  ],
  // LogConfig, ReplicationControlManager
  ['INVALID_REPLICATION_FACTOR', { topic: 'replication.factor: «4»' }],
  [
    'Value must be at least 1048576',
    { topic: 'config: { segment.bytes: «1000» }', version: '4.0' },
  ],
  [
    'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)',
    { topic: 'config: { min.compaction.lag.ms: 10, max.compaction.lag.ms: «5» }' },
  ],
  // KafkaConfig.validateValues
  ['to prevent unnecessary socket timeouts', { cluster: 'replica.socket.timeout.ms: «499»' }],
  [
    'to prevent frequent changes in ISR',
    { cluster: 'replica.fetch.wait.max.ms: «30001», replica.socket.timeout.ms: 30001' },
  ],
];

/** What Kafka changes without refusing it. */
const ADJUSTED: readonly (readonly [says: string, Deployed])[] = [
  ['idempotence is turned off, because acks is 1', { producer: 'acks: «1»' }],
  ['idempotence is turned off', { producer: 'retries: «0»' }],
  [
    'lowered to 1: before 1.0',
    { name: '«checkout»', producer: 'enable.idempotence: true', version: '0.11' },
  ],
  [
    'raised to linger.ms + request.timeout.ms = 200000',
    { name: '«checkout»', producer: 'request.timeout.ms: 200000' },
  ],
  ['idempotence is turned off', { producer: 'max.in.flight.requests.per.connection: «6»' }],
  [
    'works as 3',
    { topic: 'replication.factor: 3, config: { min.insync.replicas: «4» }', version: '4.0' },
  ],
  [
    'RangeOrSo is not modelled',
    { consumer: 'partition.assignment.strategy: «"com.example.RangeOrSo,range"»' },
  ],
];

function told(deployed: Deployed) {
  const { text, marks } = marked(written(deployed));
  const { problems } = loadScenario(text, 'x.yaml');
  return { problems, marks };
}

test.each(REFUSED)('refused at its place: %s (%o)', (says, deployed) => {
  const { problems, marks } = told(deployed);
  expect(problems.map((p) => `${p.line}:${p.column}+${p.length}`)).toEqual(marks);
  expect(problems[0].severity).toBe('error');
  expect(problems[0].says).toContain(says);
  expect(problems[0].hint).not.toBe('');
});

test.each(ADJUSTED)('adjusted, and told at its place: %s (%o)', (says, deployed) => {
  const { problems, marks } = told(deployed);
  expect(problems.map((p) => `${p.line}:${p.column}+${p.length}`)).toEqual(marks);
  expect(problems[0].severity).toBe('warning');
  expect(problems[0].says).toContain(says);
});

test.each([...REFUSED, ...ADJUSTED])('not without it: %s (%o)', (says, deployed) => {
  const without = deployed.name
    ? []
    : Object.entries(deployed).map(([part, text]: [string, string]) => {
        const rest = text.replace(/,? *[\w.]+: «[^»]*»/, '').replace(/^, /, '');
        return [part, part === 'process' ? '' : rest] as const;
      });
  const { problems } = told(Object.fromEntries(without));
  expect(problems.filter((p) => p.says.includes(says))).toEqual([]);
});
