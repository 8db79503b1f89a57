import { assert } from '../../sim/kernel/assert.ts';
import type { MessageId, NodeId } from '../../sim/kernel/node.ts';
import { doubled, millis, seconds, type Micros } from '../../sim/kernel/time.ts';
import type { World } from '../../sim/kernel/world.ts';
import {
  PENDING,
  type ConsumerPlan,
  type Deployed,
  type Deployment,
  type Ground,
  type ProducerPlan,
  type System,
} from '../parts/system.ts';
import { INVARIANTS } from './audit/claims.ts';
import { check } from './check.ts';
import { CLUSTER_SHAPE, KEYS, KINDS } from './config.ts';
import { consumer } from './consumer.ts';
import { readContents } from './contents.ts';
import { fifoServer } from './fifo/server.ts';
import type { FifoServer } from './fifo/state.ts';
import type { Book } from './front-end-state.ts';
import { frontEnd } from './front-end.ts';
import { ACTIONS, operator, type Outcomes } from './operator.ts';
import { fifoServersOf, isFifo, optional, planReceiver, planSdk, planService } from './plan.ts';
import { producer, type SenderPlan } from './producer.ts';
import { MESSAGES, type Stored } from './protocol.ts';
import type { ServicePlan } from './service.ts';
import type { Shelf } from './shelf.ts';
import { totalOf } from './sns/delivery-policy.ts';
import { snsEndpoint } from './sns/endpoint.ts';
import { httpEndpoint } from './sns/http-endpoint.ts';
import { HTTP_TIMEOUT, planSns, topicsOf, type SnsPlan } from './sns/plan.ts';
import type { SnsBook } from './sns/state.ts';
import { storageServer } from './storage-server.ts';

const ENDPOINT = 'sqs';
const SNS = 'sns';
const OPERATOR = 'operator';

export const sqs: System = {
  name: 'sqs',
  versions: ['2012-11-05'],
  channels: 'queues',
  kinds: KINDS,
  actions: ACTIONS,
  keys: KEYS,
  shape: [],
  clusterShape: CLUSTER_SHAPE,
  messages: MESSAGES,
  // A group of a FIFO queue is told by the key: `MessageGroupId: '{key}'`.
  order: (channel) => (isFifo(channel) ? 'key' : 'none'),
  transport: 'datagram',
  nodes,
  invariants: INVARIANTS,
  check,
  remedies: [
    { place: 'channel', key: 'VisibilityTimeout', value: '300' },
    { place: 'consumer', key: 'WaitTimeSeconds', value: '20' },
    { place: 'consumer', key: 'heartbeatInterval', value: '10' },
    { place: 'producer', key: 'maxAttempts', value: '1' },
  ],
  deploy,
};

function nodes(deployment: Deployment): string[] {
  const { cluster, producers, consumers } = deployment;
  return [
    ENDPOINT,
    ...storeNames(cluster.shape.number('servers')),
    ...fifoNames(fifoServersOf(deployment)),
    ...(topicsOf(deployment).length > 0 ? [SNS] : []),
    ...producers.map((p) => p.name),
    ...consumers.flatMap(instanceNames),
    ...(deployment.actions === undefined ? [] : [OPERATOR]),
  ];
}

function storeNames(servers: number): string[] {
  return Array.from({ length: servers }, (_, i) => `sqs-store-${i + 1}`);
}

function fifoNames(servers: number): string[] {
  return Array.from({ length: servers }, (_, i) => `sqs-fifo-${i + 1}`);
}

function instanceNames({ name, instances }: ConsumerPlan): string[] {
  return Array.from({ length: instances }, (_, i) => `${name}-${i + 1}`);
}

function deploy(deployment: Deployment, ground: Ground): Deployed {
  const { world } = ground;
  const plan = planService(deployment, ground);
  const options = { transport: 'datagram', fsync: ground.fsync } as const;
  const stores = storeNames(plan.servers).map((name, server) =>
    world.add(name, storageServer(plan, server), options),
  );
  const fifos = fifoNames(plan.fifoHomes.length).map((name, partition) =>
    world.add(name, fifoServer(plan, partition), options),
  );
  const endpoint = world.add(ENDPOINT, frontEnd(plan, stores, fifos), { transport: 'datagram' });
  const sns = planSns(deployment, plan, ground);
  const service: Service = { plan, sns, endpoint, publisher: -1 };
  if (sns.topics.length > 0) {
    service.publisher = world.add(SNS, snsEndpoint(sns, plan, endpoint), options);
  }
  for (const p of deployment.producers) world.add(p.name, producerOf(p, service, world));
  for (const c of deployment.consumers) deployConsumer(c, service, ground);
  const outcomes: Outcomes = (deployment.actions ?? []).map(() => PENDING);
  if (deployment.actions !== undefined) {
    world.add(OPERATOR, operator(deployment, endpoint, service.publisher, outcomes));
  }
  return {
    audit: plan.audit,
    patience: patienceOf(deployment, plan, sns),
    actions: () => outcomes,
    remaining(subscription, visit) {
      const from = deployment.consumers.find((c) => c.subscription === subscription)?.from;
      const queue = plan.queues.findIndex((q) => q.name === from);
      const see = once(visit);
      if (queue >= 0) {
        const servers = plan.queues[queue].fifo === undefined ? stores : fifos;
        visitStored(world, servers, endpoint, queue, see);
      }
      if (service.publisher >= 0) visitUnderWay(world, service, subscription, see);
    },
  };
}

/** What has been built of the service so far. */
interface Service {
  readonly plan: ServicePlan;
  readonly sns: SnsPlan;
  /** The node `sqs`. */
  readonly endpoint: NodeId;
  /** The node `sns`, -1 where there is none. */
  publisher: NodeId;
}

function producerOf(
  { name, to, workload, config }: ProducerPlan,
  { plan, sns, endpoint, publisher }: Service,
  world: World,
): ReturnType<typeof producer> {
  const topic = sns.topics.findIndex((t) => t.name === to);
  const queue = plan.queues.findIndex((q) => q.name === to);
  const sender: SenderPlan = {
    name: world.names.id(name),
    publishes: queue < 0,
    queue: queue < 0 ? topic : queue,
    abouts: (queue < 0 ? sns.topics : plan.queues).map((channel) => channel.about),
    workload,
    sdk: planSdk(config),
    maxSockets: config.number('maxSockets'),
    maxBatchSize: config.number('maxBatchSize'),
    delay: optional(config, 'DelaySeconds'),
    contents: readContents(config),
  };
  return producer(sender, queue < 0 ? publisher : endpoint);
}

/** Instances that poll a queue, or HTTP endpoints that SNS posts to. */
function deployConsumer(
  c: ConsumerPlan,
  { plan, sns, endpoint, publisher }: Service,
  ground: Ground,
) {
  const { world } = ground;
  const queue = plan.queues.findIndex((q) => q.name === c.from);
  const sink = sinkOf(c, ground);
  instanceNames(c).forEach((name, i) => {
    const options = { startsAt: c.startsAt[i] };
    if (queue >= 0) {
      const receiver = planReceiver(c, queue, plan, world.names.id(name));
      world.add(name, consumer(receiver, endpoint, sink), options);
      return;
    }
    const source = sns.subscriptions.find((s) => s.name === c.from);
    assert(source !== undefined, 'a consumer reads a queue or a subscription');
    const { subscription, handling } = c;
    const role = httpEndpoint({ subscription, handling, stream: source.stream }, publisher, sink);
    source.nodes.push(world.add(name, role, { ...options, transport: 'datagram' }));
  });
}

function sinkOf({ handling }: ConsumerPlan, ground: Ground): number {
  if (handling.effect === 'database') return ground.database();
  return handling.effect === 'api' ? ground.api() : -1;
}

/** Each message once, however often it was sent. */
function once(visit: (message: MessageId) => void): (message: MessageId) => void {
  const seen = new Set<MessageId>();
  return (message) => {
    if (seen.has(message)) return;
    seen.add(message);
    visit(message);
  };
}

/** What SNS has yet to deliver to somebody. */
function visitUnderWay(
  world: World,
  { sns, publisher }: Service,
  subscription: number,
  see: (message: MessageId) => void,
): void {
  for (const job of world.diskOf(publisher).read<SnsBook>('book')?.jobs.values() ?? []) {
    if (sns.subscriptions[job.subscription].readers.includes(subscription)) see(job.entry.message);
  }
}

/** What a reader of a queue can yet be given. */
function visitStored(
  world: World,
  stores: readonly NodeId[],
  endpoint: NodeId,
  queue: number,
  visit: (message: MessageId) => void,
): void {
  const see = ({ message }: Stored): void => visit(message);
  const down = stores.reduce((bits, id, i) => (world.isUp(id) ? bits : bits | (1 << i)), 0);
  for (const store of stores) {
    world.diskOf(store).read<Shelf[]>('shelves')?.[queue].visit(down, see);
    const book = world.diskOf(store).read<FifoServer['books']>('books')?.[queue];
    book?.shelf.visit((item) => see(item.stored));
  }
  // What its first home did not get yet.
  for (const hints of world.diskOf(endpoint).read<Book>('book')?.hints ?? []) {
    for (const hint of hints.values()) {
      if (hint.is === 'put' && hint.queue === queue) see(hint.stored);
    }
  }
}

/** Hidden messages come back by themselves; a client's tries may take longer still. */
function patienceOf(
  { producers, consumers }: Deployment,
  plan: ServicePlan,
  { subscriptions }: SnsPlan,
): Micros {
  let hidden = 0;
  for (const { visibility, delay, wait } of plan.queues) {
    hidden = Math.max(hidden, visibility + wait, delay + wait);
  }
  for (const { config } of consumers) {
    const wait = Math.max(0, optional(config, 'WaitTimeSeconds'));
    hidden = Math.max(hidden, optional(config, 'VisibilityTimeout') + wait);
  }
  // Who pauses between polls finds what came back only after that.
  const pauses = consumers.map(({ config }) => millis(config.number('pollingWaitTimeMs')));
  hidden += Math.max(0, ...pauses);
  let tries = 0;
  for (const { config } of [...producers, ...consumers]) {
    const { socketTimeout, maxAttempts } = planSdk(config);
    // The pauses between the tries grow to 100 ms * 2^n, at most 20 s each.
    const backoff = doubled(millis(100), maxAttempts, seconds(20) * maxAttempts);
    tries = Math.max(tries, socketTimeout * maxAttempts + backoff);
  }
  // SNS tries for 23 days; whoever waits longer than that for a sign of life says so in the file.
  const retries = subscriptions.map((s) => Math.min(seconds(600), totalOf(s.delivery)));
  const delivery = Math.max(0, ...retries.map((r) => r + HTTP_TIMEOUT * 4));
  return hidden + tries + delivery + plan.antiEntropyDelay + plan.serverTimeout + seconds(5);
}
