import { olderThan, type Settings } from '../parts/config.ts';
import type { Deployment, Finding, Place, ProducerPlan } from '../parts/system.ts';
import { checkConsumer } from './check-consumer.ts';
import { checkTransactions } from './check-transactions.ts';
import { idempotenceConflict, isTransactional, oneInFlight } from './config/transactions.ts';
import { readProducer } from './config/settings.ts';
import { rulesOf } from './versions.ts';

/** What Kafka itself refuses or silently changes, in its own words where it has some. */
export function check(deployment: Deployment): Finding[] {
  return [
    ...deployment.producers.flatMap((plan) => checkProducer(plan, deployment.version)),
    ...deployment.consumers.flatMap((plan) => checkConsumer(plan, deployment)),
    ...checkTransactions(deployment),
    ...checkTopics(deployment),
    ...checkBrokers(deployment),
  ];
}

type Saying = (severity: Finding['severity'], key: string, says: string, hint: string) => Finding;

function about(place: Place, component: string): Saying {
  return (severity, key, says, hint) => ({ severity, place, component, key, says, hint });
}

function checkProducer({ name, config }: ProducerPlan, version: string): Finding[] {
  const found: Finding[] = [];
  const say = about('producer', name);
  const conflict = idempotenceConflict(config);
  const transactional = isTransactional(config) && !config.given('enable.idempotence');
  if (config.flag('enable.idempotence') && conflict !== undefined && !transactional) {
    const wants = {
      acks: 'Must set acks to all in order to use the idempotent producer.',
      retries: 'Must set retries to non-zero when using the idempotent producer.',
    }[conflict];
    const says =
      wants ??
      'Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.';
    const explicit = config.given('enable.idempotence');
    const hard = conflict.startsWith('max') && !olderThan(version, '4.0');
    found.push(
      explicit || hard
        ? say('refused', conflict, says, 'or set enable.idempotence: false')
        : say(
            'adjusted',
            conflict,
            `idempotence is turned off, because ${conflict} is ${config.text(conflict)}`,
            'set enable.idempotence: false to say that it is meant',
          ),
    );
  }
  if (config.flag('enable.idempotence')) found.push(...oldIdempotence(config, version, say));
  const { linger, requestTimeout, deliveryTimeout } = readProducer(config, rulesOf(version));
  if (deliveryTimeout < linger + requestTimeout) {
    found.push(
      say(
        'refused',
        'delivery.timeout.ms',
        'delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms',
        `at least ${(linger + requestTimeout) / 1000}`,
      ),
    );
  } else if (deliveryTimeout / 1000 !== config.number('delivery.timeout.ms')) {
    found.push(
      say(
        'adjusted',
        'delivery.timeout.ms',
        `raised to linger.ms + request.timeout.ms = ${deliveryTimeout / 1000}`,
        'set it yourself',
      ),
    );
  }
  return found;
}

/** Idempotence came with 0.11, and allowed more than one request in flight from 1.0 on. */
function oldIdempotence(config: Settings, version: string, say: Saying): Finding[] {
  const { idempotence, remembersFiveBatches } = rulesOf(version);
  if (!idempotence) {
    const says = 'there is no idempotent producer before 0.11 (KIP-98)';
    return [say('refused', 'enable.idempotence', says, 'enable.idempotence: false')];
  }
  const inFlight = 'max.in.flight.requests.per.connection';
  if (remembersFiveBatches || config.number(inFlight) === 1) return [];
  if (oneInFlight(config)) {
    const says = `lowered to 1: before 1.0 the idempotent producer has one request in flight`;
    return [say('adjusted', inFlight, says, `${inFlight}: 1`)];
  }
  const says = `Must set ${inFlight} to 1 in order to use the idempotent producer.`;
  return [say('refused', inFlight, says, `${inFlight}: 1, or version 1.0 (KAFKA-5494)`)];
}

function checkTopics(deployment: Deployment): Finding[] {
  const found: Finding[] = [];
  const brokers = deployment.cluster.shape.number('brokers');
  for (const { name, shape, config } of deployment.channels) {
    const say = about('channel', name);
    const factor = shape.number('replication.factor');
    if (factor > brokers && shape.given('replication.factor')) {
      const says = `INVALID_REPLICATION_FACTOR: ${factor} replicas, but only ${brokers} brokers`;
      found.push(say('refused', 'replication.factor', says, `at most ${brokers}`));
    } else if (factor > brokers) {
      const says = `lowered to ${brokers}, the number of brokers`;
      found.push(say('adjusted', 'replication.factor', says, `replication.factor: ${brokers}`));
    }
    const segment = config.number('segment.bytes');
    if (segment < 1_048_576 && !olderThan(deployment.version, '4.0')) {
      const says = 'Value must be at least 1048576 since 4.0 (KIP-1030)';
      found.push(say('refused', 'segment.bytes', says, '1048576, or version 3.9'));
    }
    const [least, most] = ['min.compaction.lag.ms', 'max.compaction.lag.ms'].map((key) =>
      config.number(key),
    );
    if (least > most) {
      const says = `conflict topic config setting min.compaction.lag.ms (${least}) > max.compaction.lag.ms (${most})`;
      found.push(say('refused', 'max.compaction.lag.ms', says, `at least ${least}`));
    }
    if (!shape.given('replication.factor') && factor <= brokers) continue;
    const insync = config.given('min.insync.replicas')
      ? config.number('min.insync.replicas')
      : deployment.cluster.config.number('min.insync.replicas');
    if (insync > Math.min(factor, brokers)) {
      const says = `works as ${Math.min(factor, brokers)}: never more than there are replicas`;
      found.push(say('adjusted', 'min.insync.replicas', says, 'a higher replication.factor'));
    }
  }
  return found;
}

/** What a broker refuses to start with. Source: `KafkaConfig.validateValues`, Kafka 3.9. */
function checkBrokers({ cluster: { config } }: Deployment): Finding[] {
  const wait = 'replica.fetch.wait.max.ms';
  const least = config.number(wait);
  const say = about('cluster', '');
  const found: Finding[] = [];
  if (least > config.number('replica.socket.timeout.ms')) {
    const says = `replica.socket.timeout.ms should always be at least ${wait} to prevent unnecessary socket timeouts`;
    found.push(say('refused', 'replica.socket.timeout.ms', says, `at least ${least}`));
  }
  const lag = config.number('replica.lag.time.max.ms');
  if (least > lag) {
    const says = `${wait} should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR`;
    found.push(say('refused', wait, says, `at most ${lag}`));
  }
  return found;
}
