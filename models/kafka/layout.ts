import type { NameId, Names } from '../../sim/kernel/names.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import type { Deployment, Ground } from '../parts/system.ts';
import { KafkaAudit } from './audit/audit.ts';
import { Chronicle } from './chronicle.ts';
import { type BrokerConfig, readBroker } from './config/settings.ts';
import {
  readTopic,
  readTopicDefaults,
  readTopics,
  type TopicConfig,
} from './config/topic-config.ts';
import { withChanges } from './config/changes.ts';
import { transactionalIdOf } from './config/transactions.ts';
import type { Image, PartitionState } from './image.ts';
import { javaHash } from './murmur2.ts';
import { isOld, seedGroups } from './seeds.ts';
import type { Batch, BrokerIndex, PartitionIndex } from './protocol.ts';
import { isShare, readShareGroups, type ShareGroupPlan } from './share/plan.ts';
import { keyOf } from './share/state.ts';
import { type Rules, rulesOf } from './versions.ts';

/** What never changes about a partition during a run. */
export interface PartitionPlan {
  readonly index: PartitionIndex;
  /** "orders-0". */
  readonly name: string;
  readonly nameId: NameId;
  /** Its number within the topic. */
  readonly number: number;
  /** Stream number of the run; -1 for a partition of an internal topic. */
  readonly stream: number;
  /** Brokers in assignment order, the preferred leader first. */
  readonly replicas: readonly BrokerIndex[];
  /** Brokers that ever have it: those, and whoever a reassignment names. */
  readonly hosts: readonly BrokerIndex[];
  readonly topic: string;
  /** It exists from the beginning; otherwise an operator adds it. */
  readonly initial: boolean;
  readonly config: TopicConfig;
  /** min.insync.replicas, at most the replication factor. */
  readonly minInsync: number;
}

export interface TopicPlan {
  readonly name: string;
  readonly partitions: readonly PartitionIndex[];
}

/** The fixed shape of a cluster, known to all its nodes and clients. */
export interface Layout {
  readonly version: string;
  readonly rules: Rules;
  readonly brokers: NodeId[];
  controller: NodeId;
  /** Job managers of jobs as of Flink, by the name of the consumer. */
  readonly jobs: Map<string, NodeId>;
  readonly partitions: readonly PartitionPlan[];
  readonly topics: ReadonlyMap<string, TopicPlan>;
  readonly broker: BrokerConfig;
  /**
   * A topic's configuration with what was changed at run time; undefined when Kafka would refuse
   * it.
   */
  readonly configOf: (
    topic: string,
    altered: Readonly<Record<string, string>>,
  ) => TopicConfig | undefined;
  /** Partition of `__consumer_offsets` that keeps a group. */
  readonly groupPartitions: ReadonlyMap<string, PartitionIndex>;
  /** Share groups, and the partitions of `__share_group_state` that keep each `group/partition`. */
  readonly shareGroups: ReadonlyMap<string, ShareGroupPlan>;
  readonly sharePartitions: ReadonlyMap<string, PartitionIndex>;
  /** Partitions of `__transaction_state` that keep a transactional.id of the scenario. */
  readonly transactionPartitions: readonly PartitionIndex[];
  /** Number of each group among the subscriptions of the run. */
  readonly subscriptions: ReadonlyMap<string, number>;
  /** What stands in each partition of `__consumer_offsets` when the run begins. */
  readonly seeds: ReadonlyMap<PartitionIndex, Batch>;
  /** Producers of the whole run: a message's number modulo this is its producer. */
  readonly producers: number;
  readonly chronicle: Chronicle;
  readonly audit: KafkaAudit;
}

/** `share.coordinator.state.topic.num.partitions`. */
const STATE_PARTITIONS = 50;

/**
 * Lays out topics over brokers: partition p of a topic has its replicas on brokers p, p+1, ...,
 * so broker-1 leads partition 0 of every topic. (Kafka starts at a random broker.)
 */
export function layOut(deployment: Deployment, ground: Ground): Layout {
  const { cluster } = deployment;
  const brokers = cluster.shape.number('brokers');
  const names = ground.world.names;
  const partitions: PartitionPlan[] = [];
  const topics = new Map<string, TopicPlan>();
  const configs = readTopics(deployment);
  for (const [at, channel] of deployment.channels.entries()) {
    const config = configs[at];
    const factor = Math.min(brokers, channel.shape.number('replication.factor'));
    const own: PartitionIndex[] = [];
    const count = channel.shape.number('partitions');
    const most = partitionsEver(deployment, channel.name, count);
    for (let p = 0; p < most; p++) {
      const stream = ground.stream(`${channel.name}-${p}`, channel.channel);
      own.push(partitions.length);
      partitions.push(
        withHosts(
          deployment,
          plan(
            partitions.length,
            channel.name,
            p,
            stream,
            brokers,
            factor,
            config,
            names,
            p < count,
          ),
        ),
      );
    }
    topics.set(channel.name, { name: channel.name, partitions: own });
  }
  const groupPartitions = layOutGroups(deployment, partitions, brokers, names);
  const shareGroups = readShareGroups(deployment, isOld);
  const sharePartitions = layOutShares(deployment, topics, partitions, names);
  const transactionPartitions = layOutTransactions(deployment, partitions, brokers, names);
  const audit = new KafkaAudit((partition) => partitions[partition].name);
  return {
    version: deployment.version,
    rules: rulesOf(deployment.version),
    brokers: [],
    controller: -1,
    jobs: new Map(),
    partitions,
    topics,
    broker: readBroker(deployment),
    configOf(topic, altered) {
      const channel = deployment.channels.find((c) => c.name === topic);
      const config = channel && withChanges(channel.config, altered);
      return channel && config && readTopic({ ...channel, config }, cluster.config);
    },
    groupPartitions,
    shareGroups,
    sharePartitions,
    transactionPartitions,
    subscriptions: new Map(deployment.consumers.map((c) => [c.name, c.subscription])),
    seeds: seedGroups(deployment, partitions, topics, groupPartitions),
    producers: deployment.producers[0]?.workload.producers ?? 1,
    chronicle: new Chronicle(partitions, brokers, names, audit),
    audit,
  };
}

/** The partitions of `__consumer_offsets` that some group of the scenario hashes to. */
function layOutGroups(
  { cluster, consumers }: Deployment,
  partitions: PartitionPlan[],
  brokers: number,
  names: Names,
): ReadonlyMap<string, PartitionIndex> {
  const groupPartitions = new Map<string, PartitionIndex>();
  const byNumber = new Map<number, PartitionIndex>();
  const factor = Math.min(brokers, cluster.config.number('offsets.topic.replication.factor'));
  for (const { name } of consumers) {
    const number =
      (javaHash(name) & 0x7fffffff) % cluster.config.number('offsets.topic.num.partitions');
    let index = byNumber.get(number);
    if (index === undefined) {
      index = partitions.length;
      byNumber.set(number, index);
      const config = readTopicDefaults(cluster.config);
      partitions.push(
        plan(index, '__consumer_offsets', number, -1, brokers, factor, config, names),
      );
    }
    groupPartitions.set(name, index);
  }
  return groupPartitions;
}

/** The partitions of `__share_group_state` that some share group of the scenario hashes to. */
function layOutShares(
  { consumers, cluster }: Deployment,
  topics: ReadonlyMap<string, TopicPlan>,
  partitions: PartitionPlan[],
  names: Names,
): ReadonlyMap<string, PartitionIndex> {
  const brokers = cluster.shape.number('brokers');
  const config = readTopicDefaults(cluster.config);
  const found = new Map<string, PartitionIndex>();
  const byNumber = new Map<number, PartitionIndex>();
  for (const consumer of consumers) {
    if (!isShare(consumer)) continue;
    for (const read of topics.get(consumer.from)?.partitions ?? []) {
      // Kafka hashes the topic's id as well, which is random: here the partition's place does.
      const key = keyOf(consumer.name, read);
      const number = (javaHash(key) & 0x7fffffff) % STATE_PARTITIONS;
      const index = byNumber.get(number) ?? partitions.length;
      found.set(key, index);
      if (byNumber.has(number)) continue;
      byNumber.set(number, index);
      const topic = '__share_group_state';
      const factor = Math.min(brokers, 3);
      partitions.push(plan(index, topic, number, -1, brokers, factor, config, names));
    }
  }
  return found;
}

const TRANSACTIONS = '__transaction_state';

/** The partitions of `__transaction_state` that some transactional.id of the scenario hashes to. */
function layOutTransactions(
  { cluster, producers, consumers }: Deployment,
  partitions: PartitionPlan[],
  brokers: number,
  names: Names,
): PartitionIndex[] {
  const ids = [
    ...producers.map((producer) => transactionalIdOf(producer.config, 0, 1)),
    ...consumers.flatMap(({ instances, output }) =>
      Array.from({ length: instances }, (_, i) => transactionalIdOf(output?.config, i, 1)),
    ),
  ];
  const count = cluster.config.number('transaction.state.log.num.partitions');
  const factor = cluster.config.number('transaction.state.log.replication.factor');
  const minInsync = cluster.config.number('transaction.state.log.min.isr');
  const config = { ...readTopicDefaults(cluster.config), minInsync };
  const found = new Map<number, PartitionIndex>();
  for (const id of ids) {
    const number = (javaHash(id) & 0x7fffffff) % count;
    if (id === '' || found.has(number)) continue;
    const index = partitions.length;
    found.set(number, index);
    const replicas = Math.min(brokers, factor);
    partitions.push(plan(index, TRANSACTIONS, number, -1, brokers, replicas, config, names));
  }
  return [...found.values()];
}

/** The partition of `__transaction_state` that keeps an id; -1 when the scenario has none. */
export function transactionPartition(layout: Layout, id: string): PartitionIndex {
  const { transactionPartitions: all, partitions } = layout;
  if (all.length === 0) return -1;
  const hash = javaHash(id) & 0x7fffffff;
  const number = hash % layout.broker.transactions.partitions;
  const own = all.find((index) => partitions[index].number === number);
  // An id made up by a process at run time: among the partitions that there are.
  return own ?? all[hash % all.length];
}

function plan(
  index: PartitionIndex,
  topic: string,
  number: number,
  stream: number,
  brokers: number,
  factor: number,
  config: TopicConfig,
  names: Names,
  initial = true,
): PartitionPlan {
  const name = `${topic}-${number}`;
  const replicas = Array.from({ length: factor }, (_, i) => (number + i) % brokers);
  return {
    index,
    name,
    nameId: names.id(name),
    number,
    stream,
    topic,
    initial,
    replicas,
    hosts: replicas,
    config,
    minInsync: Math.min(config.minInsync, factor),
  };
}

/** Partitions that a topic has at the beginning, and those that operators add. */
function partitionsEver(deployment: Deployment, topic: string, count: number): number {
  const added = (deployment.actions ?? [])
    .filter(({ kind, values }) => kind === 'add-partitions' && values.text('topic') === topic)
    .map(({ values }) => values.number('to'));
  return Math.max(count, ...added);
}

/** The brokers of a `reassign-partitions` action, -1 for one that has no such name. */
export function brokersOf(names: string): BrokerIndex[] {
  const found = names.split(',').filter((name) => name !== '');
  return found.map((name) => Number(/^(?:broker-)?([1-9]\d*)$/.exec(name.trim())?.[1] ?? 0) - 1);
}

function withHosts(deployment: Deployment, partition: PartitionPlan): PartitionPlan {
  const hosts = new Set(partition.replicas);
  for (const { kind, values } of deployment.actions ?? []) {
    if (kind !== 'reassign-partitions' || values.text('topic') !== partition.topic) continue;
    const number = values.number('partition');
    if (number >= 0 && number !== partition.number) continue;
    for (const broker of brokersOf(values.text('replicas'))) {
      if (broker >= 0 && broker < deployment.cluster.shape.number('brokers')) hosts.add(broker);
    }
  }
  return { ...partition, hosts: [...hosts] };
}

/** A partition that does not exist yet. */
const NO_PARTITION: PartitionState = {
  leader: -1,
  leaderEpoch: -1,
  partitionEpoch: -1,
  isr: [],
  replicas: [],
  adding: [],
  removing: [],
  elr: [],
  lastLeader: -1,
};

/** A cluster that has been up for a while: all brokers active, preferred leaders, full ISRs. */
export function firstImage(layout: Layout, brokers: number): Image {
  return {
    version: 1,
    partitions: layout.partitions.map(({ initial, replicas }) =>
      initial
        ? {
            leader: replicas[0],
            leaderEpoch: 0,
            partitionEpoch: 0,
            isr: replicas,
            replicas,
            adding: [],
            removing: [],
            elr: [],
            lastLeader: replicas[0],
          }
        : NO_PARTITION,
    ),
    brokers: Array.from({ length: brokers }, (_, i) => ({
      epoch: i + 1,
      incarnation: 1,
      fenced: false,
      stopping: false,
    })),
    configs: {},
    nextBrokerEpoch: brokers + 1,
    nextProducerId: 0,
  };
}
