import type { MessageId, NodeId } from '../../sim/kernel/node.ts';
import { doubled, millis, seconds, type Micros } from '../../sim/kernel/time.ts';
import type { World } from '../../sim/kernel/world.ts';
import type { ConsumerPlan, Deployed, Deployment, Ground, System } from '../parts/system.ts';
import { INVARIANTS } from './audit/claims.ts';
import { check } from './check.ts';
import { CLUSTER_SHAPE, KEYS } from './config.ts';
import { consumer } from './consumer.ts';
import { readContents } from './contents.ts';
import { fifoServer, type FifoServer } from './fifo/server.ts';
import type { Book } from './front-end-state.ts';
import { frontEnd } from './front-end.ts';
import { fifoServersOf, optional, planReceiver, planSdk, planService } from './plan.ts';
import { producer, type SenderPlan } from './producer.ts';
import { MESSAGES, type Stored } from './protocol.ts';
import type { ServicePlan } from './service.ts';
import type { Shelf } from './shelf.ts';
import { storageServer } from './storage-server.ts';

const ENDPOINT = 'sqs';

export const sqs: System = {
  name: 'sqs',
  versions: ['2012-11-05'],
  channels: 'queues',
  keys: KEYS,
  shape: [],
  clusterShape: CLUSTER_SHAPE,
  messages: MESSAGES,
  order: 'none',
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
    ...producers.map((p) => p.name),
    ...consumers.flatMap(instanceNames),
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
  const queueOf = new Map(plan.queues.map((queue, index) => [queue.name, index]));
  const abouts = plan.queues.map((queue) => queue.about);
  for (const p of deployment.producers) {
    const sender: SenderPlan = {
      name: world.names.id(p.name),
      queue: queueOf.get(p.to) ?? 0,
      abouts,
      workload: p.workload,
      sdk: planSdk(p.config),
      maxSockets: p.config.number('maxSockets'),
      maxBatchSize: p.config.number('maxBatchSize'),
      delay: optional(p.config, 'DelaySeconds'),
      contents: readContents(p.config),
    };
    world.add(p.name, producer(sender, endpoint));
  }
  for (const c of deployment.consumers) {
    const queue = queueOf.get(c.from) ?? 0;
    const sink = sinkOf(c, ground);
    instanceNames(c).forEach((name, i) => {
      const receiver = planReceiver(c, queue, plan, world.names.id(name));
      world.add(name, consumer(receiver, endpoint, sink), { startsAt: c.startsAt[i] });
    });
  }
  return {
    audit: plan.audit,
    patience: patienceOf(deployment, plan),
    remaining(subscription, visit) {
      const from = deployment.consumers.find((c) => c.subscription === subscription)?.from;
      const queue = queueOf.get(from ?? '');
      if (queue === undefined) return;
      const nodes = plan.queues[queue].fifo === undefined ? stores : fifos;
      visitStored(world, nodes, endpoint, queue, visit);
    },
  };
}

function sinkOf({ handling }: ConsumerPlan, ground: Ground): number {
  if (handling.effect === 'database') return ground.database();
  return handling.effect === 'api' ? ground.api() : -1;
}

/** What a reader of a queue can yet be given, each message once however often it was sent. */
function visitStored(
  world: World,
  stores: readonly NodeId[],
  endpoint: NodeId,
  queue: number,
  visit: (message: MessageId) => void,
): void {
  const seen = new Set<MessageId>();
  const see = ({ message }: Stored): void => {
    if (seen.has(message)) return;
    seen.add(message);
    visit(message);
  };
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
function patienceOf({ producers, consumers }: Deployment, plan: ServicePlan): Micros {
  let hidden = 0;
  for (const { visibility, delay, wait } of plan.queues) {
    hidden = Math.max(hidden, visibility + wait, delay + wait);
  }
  for (const { config } of consumers) {
    const wait = Math.max(0, optional(config, 'WaitTimeSeconds'));
    hidden = Math.max(hidden, optional(config, 'VisibilityTimeout') + wait);
  }
  let tries = 0;
  for (const { config } of [...producers, ...consumers]) {
    const { socketTimeout, maxAttempts } = planSdk(config);
    // The pauses between the tries grow to 100 ms * 2^n, at most 20 s each.
    const pauses = doubled(millis(100), maxAttempts, seconds(20) * maxAttempts);
    tries = Math.max(tries, socketTimeout * maxAttempts + pauses);
  }
  return hidden + tries + plan.antiEntropyDelay + plan.serverTimeout + seconds(5);
}
