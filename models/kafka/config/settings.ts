import { SECOND, type Micros } from '../../../sim/kernel/time.ts';
import type { Settings } from '../../parts/config.ts';
import { once } from '../../parts/once.ts';
import type { ConsumerPlan, Deployment } from '../../parts/system.ts';
import { type Rules, rulesOf } from '../versions.ts';
import type { Acks } from '../protocol.ts';
import { HOUR, micros, MINUTE } from './spans.ts';
import {
  IN_FLIGHT,
  idempotenceConflict,
  oneInFlight,
  readAcks,
  readTransactions,
  retriesOf,
  type TransactionConfig,
  wantsIdempotence,
} from './transactions.ts';

export interface RetryTimes {
  readonly base: Micros;
  readonly max: Micros;
}

/** What every client connection needs to know. */
export interface ConnectionConfig {
  readonly requestTimeout: Micros;
  readonly setupTimeout: Micros;
  readonly reconnect: RetryTimes;
  readonly retry: RetryTimes;
  readonly metadataMaxAge: Micros;
  /** Unanswered requests per connection. */
  readonly maxInFlight: number;
}

/** What a consumer allows itself; it has no key for it. */
const CONSUMER_IN_FLIGHT = 100;

function readConnection(s: Settings): ConnectionConfig {
  return {
    requestTimeout: micros(s, 'request.timeout.ms'),
    setupTimeout: micros(s, 'socket.connection.setup.timeout.ms'),
    reconnect: {
      base: micros(s, 'reconnect.backoff.ms'),
      max: micros(s, 'reconnect.backoff.max.ms'),
    },
    retry: { base: micros(s, 'retry.backoff.ms'), max: micros(s, 'retry.backoff.max.ms') },
    metadataMaxAge: micros(s, 'metadata.max.age.ms'),
    maxInFlight: CONSUMER_IN_FLIGHT,
  };
}

export interface ProducerConfig extends ConnectionConfig {
  readonly acks: Acks;
  readonly idempotent: boolean;
  readonly retries: number;
  readonly deliveryTimeout: Micros;
  readonly linger: Micros;
  readonly batchSize: number;
  readonly bufferMemory: number;
  readonly maxBlock: Micros;
  readonly maxRequestSize: number;
  readonly adaptive: boolean;
  readonly ignoreKeys: boolean;
  /** `key.serializer` makes four bytes of a key (IntegerSerializer). */
  readonly integerKeys: boolean;
  /** 0: a broker is never avoided. */
  readonly availabilityTimeout: Micros;
  readonly metadataMaxIdle: Micros;
  /** As written; "": no transactions. */
  readonly transactionalId: string;
  readonly transactionTimeout: Micros;
}

const producerConfigs = once((rules: Rules) => once((s: Settings) => producerConfig(s, rules)));

export function readProducer(s: Settings, rules: Rules): ProducerConfig {
  return producerConfigs(rules)(s);
}

function producerConfig(s: Settings, { remembersFiveBatches }: Rules): ProducerConfig {
  const connection = readConnection(s);
  const linger = micros(s, 'linger.ms');
  const least = linger + connection.requestTimeout;
  const delivery = micros(s, 'delivery.timeout.ms');
  return {
    ...connection,
    acks: readAcks(s),
    idempotent: wantsIdempotence(s) && idempotenceConflict(s) === undefined,
    retries: retriesOf(s),
    deliveryTimeout: s.given('delivery.timeout.ms') ? delivery : Math.max(delivery, least),
    linger,
    batchSize: Math.max(1, s.number('batch.size')),
    bufferMemory: s.number('buffer.memory'),
    maxBlock: micros(s, 'max.block.ms'),
    maxRequestSize: s.number('max.request.size'),
    maxInFlight: !remembersFiveBatches && oneInFlight(s) ? 1 : s.number(IN_FLIGHT),
    adaptive: s.flag('partitioner.adaptive.partitioning.enable'),
    ignoreKeys: s.flag('partitioner.ignore.keys'),
    integerKeys: s.text('key.serializer').endsWith('IntegerSerializer'),
    availabilityTimeout: micros(s, 'partitioner.availability.timeout.ms'),
    metadataMaxIdle: micros(s, 'metadata.max.idle.ms'),
    transactionalId: s.text('transactional.id'),
    transactionTimeout: micros(s, 'transaction.timeout.ms'),
  };
}

/** `by_duration`: the first record that is at most `resetAge` old. */
export type ResetPolicy = 'latest' | 'earliest' | 'none' | 'by_duration';

export interface ConsumerConfig extends ConnectionConfig {
  readonly maxPollRecords: number;
  readonly maxPollInterval: Micros;
  readonly sessionTimeout: Micros;
  readonly heartbeatInterval: Micros;
  readonly fetchMinBytes: number;
  readonly fetchMaxWait: Micros;
  readonly fetchMaxBytes: number;
  readonly partitionMaxBytes: number;
  readonly autoCommitInterval: Micros;
  readonly reset: ResetPolicy;
  /** `client.rack`, empty without. */
  readonly rack: string;
  readonly resetAge: Micros;
  /** `group.protocol=consumer`: the protocol of KIP-848. */
  readonly modern: boolean;
  /** `group.remote.assignor`, empty for the group's default. */
  readonly remoteAssignor: string;
  /** isolation.level=read_committed. */
  readonly committedOnly: boolean;
  /** Names of assignors by preference. */
  readonly assignors: readonly string[];
  readonly apiTimeout: Micros;
}

/** "org.apache.kafka.clients.consumer.RangeAssignor" is `range` to its friends. */
const ASSIGNOR_CLASSES: Readonly<Record<string, string>> = {
  RangeAssignor: 'range',
  RoundRobinAssignor: 'roundrobin',
  StickyAssignor: 'sticky',
  CooperativeStickyAssignor: 'cooperative-sticky',
};

export function readAssignors(s: Settings): string[] {
  const words = s.text('partition.assignment.strategy').replaceAll(/[[\]\s"']/g, '');
  return words
    .split(',')
    .filter((word) => word !== '')
    .map((word) => ASSIGNOR_CLASSES[word.split('.').at(-1) ?? ''] ?? word);
}

/** PT1H30M, P2D and the like. */
function isoDuration(text: string): Micros {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  const [days, hours, minutes, secs] = (match ?? []).slice(1).map((n) => Number(n ?? 0));
  if (days === undefined) return 0;
  return days * 24 * HOUR + hours * HOUR + minutes * MINUTE + secs * SECOND;
}

/**
 * `group.instance.id` of each instance: a list gives one to each, a single id gets the number of
 * the instance appended, when there are several.
 */
export function groupInstances({ config, instances }: ConsumerPlan): string[] {
  const ids = config
    .text('group.instance.id')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  if (ids.length !== 1 || instances === 1) return ids;
  return Array.from({ length: instances }, (_, i) => `${ids[0]}-${i + 1}`);
}

export const readConsumer = once(consumerConfig);

function consumerConfig(s: Settings): ConsumerConfig {
  return {
    ...readConnection(s),
    rack: s.text('client.rack'),
    maxPollRecords: s.number('max.poll.records'),
    maxPollInterval: micros(s, 'max.poll.interval.ms'),
    sessionTimeout: micros(s, 'session.timeout.ms'),
    heartbeatInterval: micros(s, 'heartbeat.interval.ms'),
    fetchMinBytes: s.number('fetch.min.bytes'),
    fetchMaxWait: micros(s, 'fetch.max.wait.ms'),
    fetchMaxBytes: s.number('fetch.max.bytes'),
    partitionMaxBytes: s.number('max.partition.fetch.bytes'),
    autoCommitInterval: micros(s, 'auto.commit.interval.ms'),
    reset: s.text('auto.offset.reset').split(':')[0] as ResetPolicy,
    resetAge: isoDuration(s.text('auto.offset.reset').split(':')[1] ?? ''),
    modern: s.text('group.protocol') === 'consumer',
    remoteAssignor: s.text('group.remote.assignor'),
    committedOnly: s.text('isolation.level') === 'read_committed',
    assignors: readAssignors(s),
    apiTimeout: micros(s, 'default.api.timeout.ms'),
  };
}

/** "org.apache.kafka.coordinator.group.assignor.UniformAssignor" is `uniform` to its friends. */
export function readServerAssignors(s: Settings): string[] {
  const words = s.text('group.consumer.assignors').replaceAll(/[[\]\s"']/g, '');
  return words
    .split(',')
    .filter((word) => word !== '')
    .map((word) => (word.split('.').at(-1) ?? '').replace(/Assignor$/, '').toLowerCase());
}

export interface BrokerConfig {
  readonly lagMax: Micros;
  readonly fetchWait: Micros;
  readonly fetchMinBytes: number;
  readonly fetchMaxBytes: number;
  readonly fetchResponseMaxBytes: number;
  readonly fetchBackoff: Micros;
  readonly fetchTimeout: Micros;
  readonly checkpointEvery: Micros;
  readonly heartbeatEvery: Micros;
  readonly sessionTimeout: Micros;
  readonly controllerTimeout: Micros;
  readonly controlledShutdown: boolean;
  /** 0: leaderships are not given back. */
  readonly rebalanceEvery: Micros;
  readonly imbalancePercent: number;
  readonly retentionCheckEvery: Micros;
  readonly retentionCheckFirst: Micros;
  readonly producerIdExpiration: Micros;
  /** Consumers are sent to a replica in their rack (KIP-392). */
  readonly readsFromFollowers: boolean;
  /** Infinity: the cleaner does not run. */
  readonly cleanerEvery: Micros;
  readonly commitTimeout: Micros;
  readonly initialRebalanceDelay: Micros;
  readonly offsetsRetention: Micros;
  readonly offsetsCheckEvery: Micros;
  readonly modernSession: Micros;
  readonly modernHeartbeat: Micros;
  /** Server-side assignors, the default one first. */
  readonly serverAssignors: readonly string[];
  readonly transactions: TransactionConfig;
}

export const readBroker = once(brokerConfig);

function brokerConfig(deployment: Deployment): BrokerConfig {
  const s = deployment.cluster.config;
  const rebalance = s.flag('auto.leader.rebalance.enable');
  return {
    lagMax: micros(s, 'replica.lag.time.max.ms'),
    fetchWait: micros(s, 'replica.fetch.wait.max.ms'),
    fetchMinBytes: s.number('replica.fetch.min.bytes'),
    fetchMaxBytes: s.number('replica.fetch.max.bytes'),
    fetchResponseMaxBytes: s.number('replica.fetch.response.max.bytes'),
    fetchBackoff: micros(s, 'replica.fetch.backoff.ms'),
    fetchTimeout: micros(s, 'replica.socket.timeout.ms'),
    checkpointEvery: micros(s, 'replica.high.watermark.checkpoint.interval.ms'),
    heartbeatEvery: micros(s, 'broker.heartbeat.interval.ms'),
    sessionTimeout: micros(s, 'broker.session.timeout.ms'),
    controllerTimeout: micros(s, 'controller.socket.timeout.ms'),
    controlledShutdown: s.flag('controlled.shutdown.enable'),
    rebalanceEvery: rebalance ? s.number('leader.imbalance.check.interval.seconds') * SECOND : 0,
    imbalancePercent: s.number('leader.imbalance.per.broker.percentage'),
    retentionCheckEvery: micros(s, 'log.retention.check.interval.ms'),
    retentionCheckFirst: micros(s, 'log.initial.task.delay.ms'),
    readsFromFollowers:
      rulesOf(deployment.version).readsFromFollowers &&
      s.text('replica.selector.class').endsWith('RackAwareReplicaSelector'),
    producerIdExpiration: micros(s, 'producer.id.expiration.ms'),
    cleanerEvery: s.flag('log.cleaner.enable') ? micros(s, 'log.cleaner.backoff.ms') : Infinity,
    commitTimeout: micros(s, 'offsets.commit.timeout.ms'),
    initialRebalanceDelay: micros(s, 'group.initial.rebalance.delay.ms'),
    offsetsRetention: s.number('offsets.retention.minutes') * MINUTE,
    offsetsCheckEvery: micros(s, 'offsets.retention.check.interval.ms'),
    modernSession: micros(s, 'group.consumer.session.timeout.ms'),
    modernHeartbeat: micros(s, 'group.consumer.heartbeat.interval.ms'),
    serverAssignors: readServerAssignors(s),
    transactions: readTransactions(s),
  };
}
