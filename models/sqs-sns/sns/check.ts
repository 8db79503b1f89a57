import type {
  ChannelPlan,
  ConsumerPlan,
  Deployment,
  Finding,
  ProducerPlan,
} from '../../parts/system.ts';
import { isFifo, queuesOf } from '../plan.ts';
import { refuse } from '../refuse.ts';
import { readObject } from '../contents.ts';
import { parseDeliveryPolicy } from './delivery-policy.ts';
import { parseFilterPolicy } from './filter-policy.ts';
import { deadLetterOf, subscriptionsOf, topicsOf } from './plan.ts';

/** What SNS refuses, under the name that the API gives the error. */

const NAME = /^[A-Za-z0-9_-]{1,256}$/;
const FIFO_NAME = /^(?=.{1,256}$)[A-Za-z0-9_-]+[.]fifo$/;

export function checkSns(deployment: Deployment): Finding[] {
  return [
    ...topicsOf(deployment).flatMap(checkTopic),
    ...subscriptionsOf(deployment).flatMap((s) => checkSubscription(s, deployment)),
    ...deployment.producers.flatMap((p) => checkPublishing(p, deployment)),
    ...deployment.consumers.flatMap((c) => checkEndpoint(c, deployment)),
  ];
}

function complaint(kind: 'topics' | 'subscriptions', name: string) {
  return (key: string, says: string, hint: string): Finding => {
    return { ...refuse('channel', name, key, `InvalidParameter: ${says}`, hint), kind };
  };
}

function checkTopic({ name, config }: ChannelPlan): Finding[] {
  const complain = complaint('topics', name);
  const found: Finding[] = [];
  const fifo = config.flag('FifoTopic');
  if (fifo && !FIFO_NAME.test(name)) {
    const says =
      'Invalid parameter: Fifo Topic names must end with .fifo and must be made up of only' +
      ' uppercase and lowercase ASCII letters, numbers, underscores, and hyphens';
    found.push(complain('FifoTopic', says, `rename "${name}", for instance to "${name}.fifo"`));
  } else if (!fifo && !NAME.test(name)) {
    const hint = name.endsWith('.fifo') ? 'add `config: { FifoTopic: true }`' : `rename "${name}"`;
    found.push(complain('', 'Invalid parameter: Topic Name', hint));
  }
  for (const key of ['ContentBasedDeduplication', 'FifoThroughputScope']) {
    if (fifo || !config.given(key)) continue;
    found.push(complain(key, `Invalid parameter: Attributes Reason: ${key}`, 'for FIFO topics'));
  }
  return found;
}

function checkSubscription(subscription: ChannelPlan, deployment: Deployment): Finding[] {
  const { name, shape } = subscription;
  const complain = complaint('subscriptions', name);
  const found: Finding[] = [];
  const topic = topicsOf(deployment).find((t) => t.name === shape.text('topic'));
  const queue = queuesOf(deployment).find((q) => q.name === shape.text('queue'));
  if (topic === undefined) {
    const hint = 'write `topic:` and the name of one of `topics:`';
    const says = 'NotFound: Topic does not exist';
    return [{ ...refuse('channel', name, 'topic', says, hint), kind: 'subscriptions' }];
  }
  const fifo = topic.name.endsWith('.fifo');
  if (queue === undefined && shape.text('queue') !== '') {
    found.push(complain('queue', 'Invalid parameter: SQS endpoint ARN', 'declare that queue'));
  } else if (queue === undefined && fifo) {
    const says = 'Invalid parameter: Invalid protocol type: http. A FIFO topic delivers to SQS';
    found.push(complain('topic', says, 'add `queue:`'));
  } else if (queue !== undefined && isFifo(queue) && !fifo) {
    const says =
      'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard' +
      ' SNS topics';
    found.push(complain('queue', says, 'a FIFO topic, or a standard queue'));
  }
  if (queue === undefined && !deployment.consumers.some((c) => c.from === name)) {
    const hint = `add \`queue:\`, or a consumer with \`from: ${name}\`, the HTTP endpoint`;
    found.push(complain('', 'Invalid parameter: Endpoint', hint));
  }
  const twin = subscriptionsOf(deployment).find(
    (s) =>
      queue !== undefined &&
      s.shape.text('topic') === topic.name &&
      s.shape.text('queue') === queue.name,
  );
  if (twin !== undefined && twin !== subscription) {
    const says = `Invalid parameter: "${twin.name}" subscribes the same queue to the same topic`;
    found.push(complain('queue', says, 'remove one of them'));
  }
  return [...found, ...checkPolicies(subscription, fifo, queue !== undefined, deployment)];
}

function checkPolicies(
  subscription: ChannelPlan,
  fifo: boolean,
  toQueue: boolean,
  deployment: Deployment,
): Finding[] {
  const { name, config } = subscription;
  const complain = complaint('subscriptions', name);
  const found: Finding[] = [];
  const filter = parseFilterPolicy(config.value('FilterPolicy'));
  if (typeof filter === 'string') {
    const hint = 'for instance { kind: [order, refund] }';
    found.push(complain('FilterPolicy', `Invalid parameter: FilterPolicy: ${filter}`, hint));
  }
  const delivery = parseDeliveryPolicy(config.value('DeliveryPolicy'));
  if (toQueue && config.given('DeliveryPolicy')) {
    const says = 'Invalid parameter: DeliveryPolicy: only HTTP/S endpoints have one';
    found.push(complain('DeliveryPolicy', says, 'SNS tries SQS 100,015 times over 23 days'));
  } else if (typeof delivery === 'string') {
    const hint = 'for instance { healthyRetryPolicy: { numRetries: 10 } }';
    found.push(complain('DeliveryPolicy', `Invalid parameter: DeliveryPolicy: ${delivery}`, hint));
  }
  const given = readObject(config.value('RedrivePolicy'));
  const dead = deadLetterOf(subscription);
  if (given === undefined) return found;
  const queue = queuesOf(deployment).find((q) => q.name === dead);
  if (queue === undefined) {
    const says = 'Invalid parameter: RedrivePolicy: deadLetterTargetArn is no queue';
    found.push(complain('RedrivePolicy', says, 'name one of `queues:`'));
  } else if (isFifo(queue) !== fifo) {
    const type = fifo ? 'FIFO' : 'standard';
    const says = `Invalid parameter: RedrivePolicy: must use a ${type} queue as DLQ`;
    found.push(complain('RedrivePolicy', says, `of a ${type} topic`));
  }
  return found;
}

function checkPublishing({ name, to, config }: ProducerPlan, deployment: Deployment): Finding[] {
  const topic = topicsOf(deployment).find((t) => t.name === to);
  if (topic === undefined) return [];
  const found: Finding[] = [];
  const complain = (key: string, says: string, hint: string): void => {
    const error = `InvalidParameter: Invalid parameter: ${says}`;
    found.push(refuse('producer', name, key, error, hint));
  };
  if (config.value('DelaySeconds') !== null) {
    complain('DelaySeconds', 'Publish has no DelaySeconds', 'the queue may have one');
  }
  if (!topic.name.endsWith('.fifo')) return found;
  if (config.text('MessageGroupId') === '') {
    const says = 'The MessageGroupId parameter is required for FIFO topics';
    complain('MessageGroupId', says, 'add `config: { MessageGroupId: "{key}" }`');
  }
  const byContent = topic.config.flag('ContentBasedDeduplication');
  if (config.text('MessageDeduplicationId') === '' && !byContent) {
    const says =
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId' +
      ' provided explicitly';
    complain('MessageDeduplicationId', says, 'for instance "{producer}-{sequence}"');
  }
  return found;
}

/** A consumer that reads a subscription is an HTTP endpoint: it polls nothing. */
function checkEndpoint({ name, from, config }: ConsumerPlan, deployment: Deployment): Finding[] {
  const source = subscriptionsOf(deployment).find((s) => s.name === from);
  if (source === undefined) return [];
  const queue = source.shape.text('queue');
  if (queue !== '') {
    const says = `"${from}" delivers to the queue "${queue}"`;
    return [refuse('consumer', name, 'from', says, `write \`from: ${queue}\``)];
  }
  const polling = ['MaxNumberOfMessages', 'WaitTimeSeconds', 'VisibilityTimeout'];
  return polling
    .filter((key) => config.given(key))
    .map((key) => {
      const says = `"${key}" has no meaning for an HTTP endpoint: SNS posts to it`;
      return refuse('consumer', name, key, says, "the subscription's DeliveryPolicy decides");
    });
}
