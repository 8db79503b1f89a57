import type { KeyTable, Settings } from '../parts/config.ts';
import type {
  ChannelPlan,
  ConsumerPlan,
  Deployment,
  Finding,
  Place,
  ProducerPlan,
} from '../parts/system.ts';
import { CLUSTER_SHAPE, KEYS } from './config.ts';
import { checkFifo, checkName, checkSending } from './fifo/check.ts';
import { isFifo, queuesOf } from './plan.ts';
import { parseRedrivePolicy } from './redrive-policy.ts';
import { parsePolicy } from './policy.ts';
import { refuse } from './refuse.ts';
import { checkSns } from './sns/check.ts';

/** What SQS refuses, under the name that the API gives the error. */
export function check(deployment: Deployment): readonly Finding[] {
  return [
    ...checkCluster(deployment),
    ...queuesOf(deployment).flatMap((queue) => checkQueue(queue, deployment)),
    ...deployment.producers.flatMap((producer) => checkProducer(producer, deployment)),
    ...deployment.consumers.flatMap(checkConsumer),
    ...checkSns(deployment),
  ];
}

function checkCluster({ cluster }: Deployment): Finding[] {
  const found = ranges('cluster', '', cluster.shape, CLUSTER_SHAPE, 'Model');
  const servers = cluster.shape.number('servers');
  for (const key of ['replicas', 'sampled']) {
    if (cluster.shape.number(key) <= servers) continue;
    const says = `${key} is ${cluster.shape.number(key)}, and there are ${servers} servers`;
    found.push(refuse('cluster', '', key, says, `at most ${servers}, or more servers`));
  }
  return found;
}

function checkQueue(queue: ChannelPlan, deployment: Deployment): Finding[] {
  const { name, config } = queue;
  const channels = queuesOf(deployment);
  const found = ranges('channel', name, config, KEYS.channel, 'InvalidAttributeValue');
  found.push(...checkName(queue), ...checkFifo(queue));
  const access = parsePolicy(config.value('Policy'));
  if (typeof access === 'string') {
    const says = `InvalidAttributeValue: Invalid value for the parameter Policy: ${access}`;
    found.push(refuse('channel', name, 'Policy', says, 'an access policy is a JSON object'));
  }
  const policy = parseRedrivePolicy(config.value('RedrivePolicy'));
  const complain = (says: string, hint: string): void => {
    found.push(refuse('channel', name, 'RedrivePolicy', says, hint));
  };
  if (typeof policy === 'string') {
    const hint = `for instance {"deadLetterTargetArn": "${name}-dlq", "maxReceiveCount": 5}`;
    complain(
      `InvalidParameterValue: Value for parameter RedrivePolicy is invalid: ${policy}`,
      hint,
    );
  } else if (policy?.target === name) {
    complain(
      'InvalidParameterValue: a queue cannot be its own dead-letter queue',
      'name another queue',
    );
  } else if (policy !== undefined && !channels.some((c) => c.name === policy.target)) {
    complain(
      `QueueDoesNotExist: the dead-letter queue "${policy.target}" does not exist`,
      `add "${policy.target}" to queues:`,
    );
  } else if (policy !== undefined && policy.target.endsWith('.fifo') !== isFifo(queue)) {
    const says = 'Reason: Dead-letter queue must be same type of queue as the source.';
    const hint = 'a FIFO queue has a FIFO dead-letter queue, a standard queue a standard one';
    complain(`InvalidParameterValue: ${says}`, hint);
  }
  return found;
}

function checkClient(place: 'producer' | 'consumer', name: string, config: Settings): Finding[] {
  const found = ranges(place, name, config, KEYS[place], 'InvalidParameterValue');
  if (config.text('retryMode') !== 'standard') {
    const says = `retryMode ${config.text('retryMode')} is not modelled: standard is used`;
    const hint = 'standard: full jitter over 100 ms * 2^n, at most 20 s';
    found.push({ severity: 'adjusted', place, component: name, key: 'retryMode', says, hint });
  }
  return found;
}

function checkProducer(producer: ProducerPlan, deployment: Deployment): Finding[] {
  const { name, to, config } = producer;
  const found = checkClient('producer', name, config);
  const queue = queuesOf(deployment).find((q) => q.name === to);
  return queue === undefined ? found : [...found, ...checkSending(producer, queue)];
}

function checkConsumer({ name, config, handling }: ConsumerPlan): Finding[] {
  const found = checkClient('consumer', name, config);
  if (handling.acknowledge === 'auto') {
    const says = 'SQS has no automatic acknowledgement';
    const hint = 'acknowledge: after deletes a message once it is handled';
    found.push(refuse('consumer', name, 'acknowledge', says, hint));
  }
  if (handling.acknowledge === 'with-effect') {
    const says = 'DeleteMessage takes part in no transaction';
    const hint = 'acknowledge: after, with idempotency checked inside the transaction';
    found.push(refuse('consumer', name, 'acknowledge', says, hint));
  }
  return found;
}

/** Numbers outside the documented range. */
function ranges(
  place: Place,
  component: string,
  settings: Settings,
  table: KeyTable,
  error: string,
): Finding[] {
  return table.flatMap(({ name, min, max }) => {
    const value = settings.value(name);
    if (value === null || min === undefined || max === undefined) return [];
    const n = Number(value);
    if (Number.isInteger(n) && n >= min && n <= max) return [];
    const says = `${error}: Invalid value ${n} for the parameter ${name}`;
    return [refuse(place, component, name, says, `a whole number from ${min} to ${max}`)];
  });
}
