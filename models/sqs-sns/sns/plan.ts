import type { NameId } from '../../../sim/kernel/names.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import type { ChannelPlan, Deployment, Ground } from '../../parts/system.ts';
import { type JsonObject, readObject } from '../contents.ts';
import type { ServicePlan } from '../service.ts';
import { parseDeliveryPolicy, TO_SQS, type DeliveryPolicy } from './delivery-policy.ts';
import { parseFilterPolicy } from './filter-policy.ts';

/** Topics, subscriptions and what they need to know, read once. */

export interface TopicPlan {
  readonly name: string;
  readonly about: NameId;
  readonly fifo: { readonly byContent: boolean; readonly perGroup: boolean } | undefined;
  /** Places in the list of all subscriptions. */
  readonly subscriptions: readonly number[];
}

/** What a filter policy looks at, and which one it is. */
export interface Filter {
  readonly policy: JsonObject | undefined;
  readonly scope: 'MessageAttributes' | 'MessageBody';
}

export interface SubscriptionPlan {
  readonly name: string;
  readonly about: NameId;
  readonly topic: number;
  /** The queue that it delivers to, -1 for an HTTP endpoint. */
  readonly queue: number;
  /** Of an HTTP endpoint; made after this plan. */
  readonly nodes: NodeId[];
  /** Where its messages are owed: the queue's first stream, or its own. */
  readonly stream: number;
  /** `consumers:` entries that are owed them. */
  readonly readers: readonly number[];
  readonly filter: Filter;
  /** RawMessageDelivery: the body alone, without the envelope around it. */
  readonly raw: boolean;
  readonly delivery: DeliveryPolicy;
  /** Its dead-letter queue, or -1. */
  readonly dead: number;
}

export interface SnsPlan {
  readonly topics: readonly TopicPlan[];
  readonly subscriptions: readonly SubscriptionPlan[];
  /** Servers that apply filter policies, and how long one may take to learn of a new policy. */
  readonly filterHosts: number;
  readonly filterDelay: Micros;
}

export function topicsOf({ channels }: Deployment): readonly ChannelPlan[] {
  return channels.filter((channel) => channel.kind === 'topics');
}

export function subscriptionsOf({ channels }: Deployment): readonly ChannelPlan[] {
  return channels.filter((channel) => channel.kind === 'subscriptions');
}

/** The name at the end of an ARN, or of the plain policy. */
export function deadLetterOf({ config }: ChannelPlan): string | undefined {
  const policy = readObject(config.value('RedrivePolicy'));
  const arn = typeof policy === 'object' ? policy.deadLetterTargetArn : undefined;
  return typeof arn === 'string' ? arn.slice(arn.lastIndexOf(':') + 1) : undefined;
}

export function planSns(deployment: Deployment, service: ServicePlan, ground: Ground): SnsPlan {
  const { shape } = deployment.cluster;
  const topics = topicsOf(deployment);
  const queues = service.queues.map((queue) => queue.name);
  const subscriptions = subscriptionsOf(deployment).map((channel): SubscriptionPlan => {
    const { name, config } = channel;
    const queue = queues.indexOf(channel.shape.text('queue'));
    const policy = parseFilterPolicy(config.value('FilterPolicy'));
    const byBody = config.text('FilterPolicyScope') === 'MessageBody';
    const delivery = queue < 0 ? parseDeliveryPolicy(config.value('DeliveryPolicy')) : TO_SQS;
    const from = queue < 0 ? name : queues[queue];
    return {
      name,
      about: ground.world.names.id(name),
      topic: topics.findIndex((topic) => topic.name === channel.shape.text('topic')),
      queue,
      nodes: [],
      stream: queue < 0 ? ground.stream(name, channel.channel) : service.queues[queue].streams[0],
      readers: deployment.consumers.filter((c) => c.from === from).map((c) => c.subscription),
      filter: {
        policy: typeof policy === 'object' ? policy : undefined,
        scope: byBody ? 'MessageBody' : 'MessageAttributes',
      },
      raw: config.flag('RawMessageDelivery'),
      delivery: typeof delivery === 'object' ? delivery : TO_SQS,
      dead: queues.indexOf(deadLetterOf(channel) ?? ''),
    };
  });
  return {
    topics: topics.map(({ name, config }, topic) => ({
      name,
      about: ground.world.names.id(name),
      fifo: name.endsWith('.fifo')
        ? {
            byContent: config.flag('ContentBasedDeduplication'),
            perGroup: config.text('FifoThroughputScope') === 'MessageGroup',
          }
        : undefined,
      subscriptions: subscriptions.flatMap((s, i) => (s.topic === topic ? [i] : [])),
    })),
    subscriptions,
    filterHosts: shape.number('filterHosts'),
    filterDelay: millis(shape.number('filterDelay')),
  };
}

/** How long SNS waits for the answer of an HTTP endpoint; "15 seconds" in its documentation. */
export const HTTP_TIMEOUT: Micros = seconds(15);
/** For that of SQS (model choice). */
export const SQS_TIMEOUT: Micros = seconds(5);
