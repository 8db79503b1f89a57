import type { NodeId } from '../../sim/kernel/node.ts';
import { millis, seconds, type Micros } from '../../sim/kernel/time.ts';
import {
  type ConsumerPlan,
  type Deployed,
  type Deployment,
  type Ground,
  PENDING,
  type System,
} from '../parts/system.ts';
import { INVARIANTS } from './audit/claims.ts';
import { CLASSIC_MESSAGES } from './classic/messages.ts';
import { brokerRole } from './broker/broker.ts';
import { check } from './check.ts';
import { publisher } from './client/publisher.ts';
import { planPublisher, planReceiver } from './client/plans.ts';
import { receiver } from './client/consumer.ts';
import { CLUSTER_SHAPE, EXCHANGE_KEYS, EXCHANGE_SHAPE, KEYS, QUEUE_SHAPE } from './config/keys.ts';
import { NODE_MESSAGES } from './cluster/cluster.ts';
import { type Layout, layOut } from './layout.ts';
import { ACTIONS } from './operator/actions.ts';
import { operator, type Outcomes } from './operator/operator.ts';
import { AMQP_METHODS, RESOURCE_ALARM } from './protocol.ts';
import { STREAM_MESSAGES } from './stream/protocol.ts';
import { QUORUM_MESSAGES } from './quorum/protocol.ts';
import { QUEUE_TYPES } from './queue-types.ts';
import { remaining } from './remaining.ts';
import { VERSIONS } from './versions.ts';

export const rabbitmq: System = {
  name: 'rabbitmq',
  versions: VERSIONS,
  channels: 'queues',
  kinds: [{ word: 'exchanges', to: true, from: false, keys: EXCHANGE_KEYS, shape: EXCHANGE_SHAPE }],
  keys: KEYS,
  shape: QUEUE_SHAPE,
  clusterShape: CLUSTER_SHAPE,
  messages: [
    ...AMQP_METHODS,
    RESOURCE_ALARM,
    ...NODE_MESSAGES,
    ...CLASSIC_MESSAGES,
    ...QUORUM_MESSAGES,
    ...STREAM_MESSAGES,
  ],
  order: () => 'queue',
  transport: 'stream',
  actions: ACTIONS,
  nodes,
  defaultAcknowledge: (config) => (config.flag('no_ack') ? 'auto' : 'after'),
  invariants: INVARIANTS,
  check,
  deploy,
};

const OPERATOR = 'operator';

function nodes({ cluster, producers, consumers, actions }: Deployment): string[] {
  return [
    ...brokerNames(cluster.shape.number('nodes')),
    ...producers.map((p) => p.name),
    ...consumers.flatMap(instanceNames),
    ...(actions === undefined ? [] : [OPERATOR]),
  ];
}

function brokerNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `broker-${i + 1}`);
}

function instanceNames({ name, instances }: ConsumerPlan): string[] {
  return Array.from({ length: instances }, (_, i) => `${name}-${i + 1}`);
}

function deploy(deployment: Deployment, ground: Ground): Deployed {
  const { world, fsync } = ground;
  const layout = layOut(deployment, ground);
  brokerNames(layout.server.nodes).forEach((name, node) => {
    layout.brokers.push(world.add(name, brokerRole(layout, node), { fsync }));
  });
  deployment.producers.forEach((plan, i) => {
    world.add(plan.name, publisher(planPublisher(plan, deployment, layout, i)));
  });
  let instance = 0;
  for (const plan of deployment.consumers) {
    const sink = sinkOf(plan, ground);
    instanceNames(plan).forEach((name, i) => {
      const role = receiver(planReceiver(plan, i, layout, instance++), sink);
      world.add(name, role, { startsAt: plan.startsAt[i] });
    });
  }
  const { actions } = deployment;
  const expires = deployment.producers.some(({ config }) => config.value('expiration') !== null);
  const outcomes: Outcomes = (actions ?? []).map(() => PENDING);
  if (actions !== undefined) world.add(OPERATOR, operator(layout, actions, outcomes));
  return {
    audit: layout.audit,
    patience: patienceOf(deployment, layout),
    actions: () => outcomes,
    remaining: (subscription, visit) => remaining(world, layout, subscription, expires, visit),
  };
}

function sinkOf({ handling }: ConsumerPlan, ground: Ground): NodeId {
  if (handling.effect === 'database') return ground.database();
  return handling.effect === 'api' ? ground.api() : -1;
}

/** Until a dead peer is noticed, a client is back, a delivery timed out, a message expired. */
function patienceOf({ producers, consumers }: Deployment, { server, queues }: Layout): Micros {
  let patience = 0;
  for (const { config } of [...producers, ...consumers]) {
    const heartbeat = seconds(config.number('requestedHeartbeat'));
    const recovery = millis(config.number('networkRecoveryInterval'));
    patience = Math.max(patience, 2 * Math.max(heartbeat, server.heartbeat) + 2 * recovery);
  }
  for (const { config } of producers) {
    const pause = millis(config.number('republishDelay') + config.number('confirmTimeout'));
    patience = Math.max(patience, config.number('republishAttempts') * pause);
  }
  // Only what a handler keeps for long, or for ever, comes back by its timeout.
  const timeout = server.consumerTimeout + 2 * server.channelTick;
  for (const { config, handling } of consumers) {
    const takes = handling.takes.at(LONGEST);
    const isKept = config.text('onFailure') === 'nothing' || takes > server.consumerTimeout;
    patience = Math.max(patience, isKept ? timeout + takes : takes);
  }
  for (const plan of queues) {
    const { messageTtl, expires } = plan.limits;
    const own = QUEUE_TYPES[plan.type].patience?.(plan) ?? 0;
    patience = Math.max(patience, messageTtl, expires, own);
  }
  return patience + seconds(10);
}

/** The end of a distribution's table. */
const LONGEST = 2 ** 32 - 1;
