import { millis, seconds, type Micros } from '../../sim/kernel/time.ts';
import type { Settings } from '../parts/config.ts';
import type { ChannelPlan, ConsumerPlan, Deployment, Ground } from '../parts/system.ts';
import { SqsAudit } from './audit/audit.ts';
import type { ReceiverPlan } from './consumer.ts';
import type { SdkPlan } from './http-client.ts';
import { parsePolicy } from './policy.ts';
import { parseRedrivePolicy } from './redrive-policy.ts';
import { Homes, type FifoPlan, type QueuePlan, type ServicePlan } from './service.ts';

/** A deployment's settings, read once. */

export function queuesOf({ channels }: Deployment): readonly ChannelPlan[] {
  return channels.filter((channel) => channel.kind === undefined);
}

export function isFifo({ name }: ChannelPlan): boolean {
  return name.endsWith('.fifo');
}

function isHighThroughput({ config }: ChannelPlan): boolean {
  return config.text('FifoThroughputLimit') === 'perMessageGroupId';
}

/** Servers of FIFO queues: as many as the queue with most partitions has. */
export function fifoServersOf(deployment: Deployment): number {
  const queues = queuesOf(deployment).filter(isFifo);
  if (queues.length === 0) return 0;
  return queues.some(isHighThroughput) ? deployment.cluster.shape.number('fifoPartitions') : 1;
}

export function planService(deployment: Deployment, ground: Ground): ServicePlan {
  const { shape } = deployment.cluster;
  const [servers, replicas] = [shape.number('servers'), shape.number('replicas')];
  const partitions = fifoServersOf(deployment);
  return {
    servers,
    replicas,
    sampled: shape.number('sampled'),
    serverTimeout: millis(shape.number('serverTimeout')),
    probeInterval: millis(shape.number('probeInterval')),
    antiEntropyDelay: millis(shape.number('antiEntropyDelay')),
    inFlightLimit: shape.number('inFlightLimit'),
    queues: queuesOf(deployment).map((queue) => planQueue(queue, deployment, ground)),
    homes: new Homes(servers, replicas),
    fifoHomes: Array.from({ length: partitions }, (_, partition) => [partition]),
    fifoCallsPerSecond: shape.number('fifoCallsPerSecond'),
    audit: new SqsAudit(),
  };
}

function planQueue(queue: ChannelPlan, deployment: Deployment, ground: Ground): QueuePlan {
  const { name, channel, config } = queue;
  const names = queuesOf(deployment).map((other) => other.name);
  const policy = parseRedrivePolicy(config.value('RedrivePolicy'));
  const fifo = isFifo(queue) ? planFifo(queue, deployment) : undefined;
  // Every server keeps a partition of every FIFO queue: a dead letter stays on its server.
  const parts = fifo === undefined ? 1 : fifoServersOf(deployment);
  const readers = deployment.consumers.filter((c) => c.from === name);
  return {
    name,
    about: ground.world.names.id(name),
    streams: Array.from({ length: parts }, (_, i) =>
      ground.stream(parts === 1 ? name : `${name}-${i}`, channel),
    ),
    fifo,
    admitsSns: parsePolicy(config.value('Policy')) === true,
    visibility: seconds(config.number('VisibilityTimeout')),
    wait: seconds(config.number('ReceiveMessageWaitTimeSeconds')),
    delay: seconds(config.number('DelaySeconds')),
    retention: seconds(config.number('MessageRetentionPeriod')),
    maximumSize: config.number('MaximumMessageSize'),
    redrive:
      typeof policy === 'object'
        ? { to: names.indexOf(policy.target), maxReceives: policy.maxReceiveCount }
        : undefined,
    subscriptions: readers.map((c) => c.subscription),
  };
}

function planFifo(queue: ChannelPlan, { cluster }: Deployment): FifoPlan {
  const { config } = queue;
  const { shape } = cluster;
  return {
    byContent: config.flag('ContentBasedDeduplication'),
    scope: config.text('DeduplicationScope') === 'messageGroup' ? 'messageGroup' : 'queue',
    partitions: isHighThroughput(queue) ? shape.number('fifoPartitions') : 1,
    scan: shape.number('fifoScan'),
  };
}

export function planReceiver(
  { subscription, handling, config }: ConsumerPlan,
  queue: number,
  plan: ServicePlan,
  name: number,
): ReceiverPlan {
  const visibility = optional(config, 'VisibilityTimeout');
  return {
    name,
    subscription,
    queue,
    streams: plan.queues[queue].streams,
    abouts: plan.queues.map((q) => q.about),
    handling,
    sdk: planSdk(config),
    maxNumberOfMessages: config.number('MaxNumberOfMessages'),
    wait: optional(config, 'WaitTimeSeconds'),
    visibility,
    attemptId: config.text('ReceiveRequestAttemptId'),
    pollingWait: millis(config.number('pollingWaitTimeMs')),
    terminateVisibility: config.flag('terminateVisibilityTimeout'),
    heartbeat: Math.max(0, optional(config, 'heartbeatInterval')),
    heartbeatVisibility: visibility < 0 ? plan.queues[queue].visibility : visibility,
  };
}

export function planSdk(config: Settings): SdkPlan {
  return {
    socketTimeout: millis(config.number('socketTimeout')),
    maxAttempts: config.number('maxAttempts'),
  };
}

/** Seconds, or -1 when the key is not set. */
export function optional(config: Settings, name: string): Micros {
  return config.value(name) === null ? -1 : seconds(config.number(name));
}
