import type { Distribution } from '../../sim/kernel/distribution.ts';
import type { NameId, Names } from '../../sim/kernel/names.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import { millis, seconds, type Micros } from '../../sim/kernel/time.ts';
import type { Settings } from '../parts/config.ts';
import type { ChannelPlan, Deployment, Ground } from '../parts/system.ts';
import type { Broker } from './broker/broker.ts';
import { RabbitAudit } from './audit/audit.ts';
import { readDefinitions } from './config/definitions.ts';
import { Metadata } from './metadata.ts';
import { type Policy, withPolicies } from './policies.ts';
import type { Arguments, QueueIndex } from './protocol.ts';
import type { BrokerIndex } from './queue.ts';
import { rulesOf, type Rules } from './versions.ts';

/** A queue as declared, and what follows from its arguments and the policies in force. */
export interface QueuePlan {
  readonly index: QueueIndex;
  readonly name: string;
  readonly about: NameId;
  /** Its number in the ledger, and the subscriptions that read it. */
  readonly stream: number;
  readonly subscriptions: readonly number[];
  readonly type: string;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  /** As given, for telling whether a second declaration is equivalent. */
  readonly args: Arguments;
  /** Home node. */
  readonly node: BrokerIndex;
  readonly limits: QueueLimits;
}

/** Effective settings; spans and lengths are -1 when there is no limit. */
export interface QueueLimits {
  readonly messageTtl: Micros;
  readonly expires: Micros;
  readonly maxLength: number;
  readonly maxLengthBytes: number;
  readonly overflow: string;
  readonly deadLetterExchange: string | undefined;
  readonly deadLetterRoutingKey: string | undefined;
  readonly maxPriority: number;
  readonly singleActiveConsumer: boolean;
  /** Of this queue; -1: the server's. */
  readonly consumerTimeout: Micros;
  /** Whatever else the arguments and policies say, for other types of queue. */
  readonly args: Arguments;
}

/** `rabbitmq.conf` and the machines. */
export interface ServerPlan {
  readonly nodes: number;
  readonly heartbeat: Micros;
  /** 0: none. */
  readonly consumerTimeout: Micros;
  readonly channelTick: Micros;
  /** Bytes; -1: no such limit. */
  readonly memoryLimit: number;
  readonly diskLimit: number;
  readonly disk: number;
  readonly partitionHandling: string;
  readonly netTick: Micros;
}

/** Everything that the nodes of one deployment share: what was planned, and the metadata. */
export interface Layout {
  readonly names: Names;
  readonly rules: Rules;
  readonly server: ServerPlan;
  readonly fsync: Distribution;
  /** Filled in as the nodes are added to the world. */
  readonly brokers: NodeId[];
  readonly queues: readonly QueuePlan[];
  readonly metadata: Metadata;
  readonly audit: RabbitAudit;
  /** The broker processes that run now. */
  running(): readonly Broker[];
  /** Starts a node again once it has stopped. */
  restart(node: BrokerIndex): void;
}

export function layOut(deployment: Deployment, ground: Ground): Layout {
  const { world } = ground;
  const { names } = world;
  const brokers: NodeId[] = [];
  const server = planServer(deployment.cluster.shape, deployment.cluster.config);
  const policies = readDefinitions<Policy>(deployment.cluster.shape.text('policies'));
  const queues = deployment.channels
    .filter((channel) => channel.kind === undefined)
    .map((channel, index): QueuePlan => planQueue(channel, index, deployment, ground));
  const exchanges = deployment.channels.filter((channel) => channel.kind === 'exchanges');
  const metadata = new Metadata(queues, exchanges, policies);
  return {
    names,
    rules: rulesOf(deployment.version),
    server,
    fsync: ground.fsync,
    brokers,
    queues,
    metadata,
    audit: new RabbitAudit((queue) => queues[queue].name),
    running: () =>
      brokers
        .filter((id) => world.isUp(id))
        .map((id) => world.stateOf(id) as Broker | undefined)
        .filter((broker) => broker !== undefined),
    restart: (node) => world.restart(brokers[node]),
  };
}

function planServer(shape: Settings, config: Settings): ServerPlan {
  const bytes = (settings: Settings, key: string): number =>
    settings.value(key) === null ? -1 : settings.number(key);
  return {
    nodes: shape.number('nodes'),
    heartbeat: seconds(config.number('heartbeat')),
    consumerTimeout: millis(config.number('consumer_timeout')),
    channelTick: millis(config.number('channel_tick_interval')),
    memoryLimit: bytes(config, 'vm_memory_high_watermark.absolute'),
    diskLimit: config.number('disk_free_limit.absolute'),
    disk: bytes(shape, 'disk'),
    partitionHandling: config.text('cluster_partition_handling'),
    netTick: seconds(config.number('net_ticktime')),
  };
}

function planQueue(
  { name, channel, shape, config }: ChannelPlan,
  index: number,
  deployment: Deployment,
  ground: Ground,
): QueuePlan {
  // Defaults are no arguments.
  const args = config.givenValues();
  return {
    index,
    name,
    about: ground.world.names.id(name),
    stream: ground.stream(name, channel),
    subscriptions: deployment.consumers.filter((c) => c.from === name).map((c) => c.subscription),
    type: config.text('x-queue-type'),
    durable: shape.flag('durable'),
    exclusive: shape.flag('exclusive'),
    autoDelete: shape.flag('auto_delete'),
    args,
    node: Math.min(shape.number('node'), deployment.cluster.shape.number('nodes')) - 1,
    limits: withPolicies(name, args, []),
  };
}
