import type { Message, NodeId, Role } from '../../sim/kernel/node.ts';
import type { Settings } from '../parts/config.ts';
import { once } from '../parts/once.ts';
import { seconds } from '../../sim/kernel/time.ts';
import {
  type Deployed,
  type Deployment,
  type Ground,
  PENDING,
  type System,
} from '../parts/system.ts';
import { ACTIONS } from './admin/actions.ts';
import { adminRole, type Outcomes } from './admin/admin.ts';
import { INVARIANTS } from './audit/claims.ts';
import { brokerRole } from './broker/broker.ts';
import { check } from './check.ts';
import { BROKER_KEYS } from './config/broker-keys.ts';
import { CONSUMER_KEYS } from './config/consumer-keys.ts';
import { PRODUCER_KEYS } from './config/producer-keys.ts';
import { type BrokerConfig, readBroker, readConsumer, readProducer } from './config/settings.ts';
import { isTransactional } from './config/transactions.ts';
import { CLUSTER_SHAPE, TOPIC_KEYS, TOPIC_SHAPE } from './config/topic-keys.ts';
import { consumerRole, type Sinks } from './consumer/consumer.ts';
import { controllerRole } from './controller.ts';
import { type Layout, layOut } from './layout.ts';
import { producerRole } from './producer/producer.ts';
import { MESSAGES } from './protocol.ts';
import { remaining } from './remaining.ts';
import { jobManagerOf, jobOf, type JobPlan } from './flink/plan.ts';
import { jobManagerRole } from './flink/job-manager.ts';
import { taskRole } from './flink/task.ts';
import { REMEDIES } from './remedies.ts';
import { shareConsumerRole } from './share/consumer.ts';
import { isShare } from './share/plan.ts';
import { type Rules, rulesOf, VERSIONS } from './versions.ts';

export const kafka: System = {
  name: 'kafka',
  versions: VERSIONS,
  channels: 'topics',
  keys: {
    cluster: BROKER_KEYS,
    channel: TOPIC_KEYS,
    producer: PRODUCER_KEYS,
    consumer: CONSUMER_KEYS,
  },
  shape: TOPIC_SHAPE,
  clusterShape: CLUSTER_SHAPE,
  actions: ACTIONS,
  messages: MESSAGES,
  order: () => 'partition',
  keepsOffsets: true,
  transport: 'stream',
  nodes(deployment) {
    return [
      'controller',
      ...Array.from(
        { length: deployment.cluster.shape.number('brokers') },
        (_, i) => `broker-${i + 1}`,
      ),
      ...deployment.producers.map((producer) => producer.name),
      ...deployment.consumers.flatMap((plan) => [
        ...(plan.checkpoints === undefined ? [] : [jobManagerOf(plan)]),
        ...Array.from({ length: plan.instances }, (_, i) => `${plan.name}-${i + 1}`),
      ]),
      ...(deployment.actions === undefined ? [] : ['admin']),
    ];
  },
  readsCommittedOnly: (config) => config.text('isolation.level') === 'read_committed',
  transforms: true,
  invariants: INVARIANTS,
  defaultAcknowledge(config) {
    const share = config.text('group.protocol') === 'share';
    const explicit = config.text('share.acknowledgement.mode') === 'explicit';
    if (share) return explicit ? 'after' : 'auto';
    return config.flag('enable.auto.commit') ? 'auto' : 'after';
  },
  check,
  remedies: REMEDIES,
  deploy,
};

function deploy(deployment: Deployment, ground: Ground): Deployed {
  const { world } = ground;
  const layout = layOut(deployment, ground);
  const { fsync } = ground;
  layout.controller = world.add('controller', controllerRole(layout));
  for (let i = 0; i < deployment.cluster.shape.number('brokers'); i++) {
    layout.brokers.push(world.add(`broker-${i + 1}`, brokerRole(layout, i), { fsync }));
  }
  for (const plan of deployment.producers) world.add(plan.name, producerRole(layout, plan));
  for (const plan of deployment.consumers) {
    const job = jobOf(plan);
    if (job !== undefined) {
      deployJob(job, layout, ground);
      continue;
    }
    const { effect, acknowledge } = plan.handling;
    const sinks: Sinks = {
      effect: effect === 'database' ? ground.database() : effect === 'api' ? ground.api() : -1,
      positions: acknowledge === 'with-effect' ? ground.database() : -1,
    };
    for (let i = 0; i < plan.instances; i++) {
      const startsAt = plan.startsAt[i] ?? 0;
      const role = isShare(plan)
        ? shareConsumerRole(layout, plan, i, sinks.effect)
        : consumerRole(layout, plan, i, sinks);
      world.add(`${plan.name}-${i + 1}`, role as Role<object, Message>, { startsAt });
    }
  }
  const outcomes: Outcomes = (deployment.actions ?? []).map(() => PENDING);
  if (deployment.actions !== undefined) world.add('admin', adminRole(layout, deployment, outcomes));
  return {
    audit: layout.audit,
    patience: patienceOf(deployment),
    actions: () => outcomes,
    remaining: (subscription, visit) =>
      remaining(world, layout, deployment, ground, subscription, visit),
  };
}

/** A job manager, and one task for each instance. */
function deployJob(job: JobPlan, layout: Layout, { world, api, database }: Ground): void {
  const { consumer } = job;
  const { effect } = consumer.handling;
  const sink = effect === 'database' ? database() : effect === 'api' ? api() : -1;
  const peers: NodeId[] = [];
  const jobManager = world.add(jobManagerOf(consumer), jobManagerRole(layout, job, peers));
  layout.jobs.set(consumer.name, jobManager);
  for (let i = 0; i < consumer.instances; i++) {
    const role = taskRole(layout, job, i, { jobManager, peers, sink });
    const startsAt = consumer.startsAt[i] ?? 0;
    peers.push(world.add(`${consumer.name}-${i + 1}`, role, { startsAt }));
  }
}

/** Until all is given up that a producer has: what it waits for, or what it has left open. */
function producerPatience(config: Settings, rules: Rules, { transactions }: BrokerConfig): number {
  const producer = readProducer(config, rules);
  const open = isTransactional(config) ? producer.transactionTimeout + transactions.abortEvery : 0;
  return Math.max(producer.deliveryTimeout, producer.maxBlock) + producer.requestTimeout + open;
}

/** The longest that nothing may happen before something still does by itself. */
const patienceOf = once((deployment: Deployment): number => {
  const broker = readBroker(deployment);
  const rules = rulesOf(deployment.version);
  const ofProducer = (config: Settings) => producerPatience(config, rules, broker);
  const producers = deployment.producers.map((plan) => ofProducer(plan.config));
  const consumers = deployment.consumers.map((plan) => {
    const { maxPollInterval, sessionTimeout, requestTimeout } = readConsumer(plan.config);
    const { every = 0, restartDelay = 0, timeout = 0 } = plan.checkpoints ?? {};
    const job = 2 * every + restartDelay + timeout;
    const transforms = plan.output !== undefined && plan.checkpoints === undefined;
    const output = transforms ? ofProducer(plan.output.config) : 0;
    return Math.max(job, maxPollInterval + sessionTimeout + requestTimeout) + output;
  });
  const cluster = broker.sessionTimeout + 2 * broker.lagMax + broker.fetchTimeout;
  return Math.max(cluster, ...producers, ...consumers) + seconds(10);
});
