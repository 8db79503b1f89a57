import { millis } from '../../../sim/kernel/time.ts';
import { keyText } from '../../parts/workload.ts';
import type { Settings } from '../../parts/config.ts';
import type { ConsumerPlan, Deployment, ProducerPlan } from '../../parts/system.ts';
import { parseTable } from '../config/definitions.ts';
import type { Layout } from '../layout.ts';
import { type Arguments, type ArgumentValue, NO_ARGUMENTS } from '../protocol.ts';
import { planClient } from './connection.ts';
import type { ReceiverPlan } from './consumer.ts';
import type { PublisherPlan } from './publisher.ts';

export function planPublisher(
  { name, to, config, workload }: ProducerPlan,
  { channels }: Deployment,
  layout: Layout,
  instance: number,
): PublisherPlan {
  const isQueue = channels.some(
    ({ channel, kind }) => channel === workload.channel && kind === undefined,
  );
  const republishes = config.flag('republish');
  return {
    name: layout.names.id(name),
    workload,
    client: planClient(config, layout.brokers, instance),
    // What is sent to a queue goes by the default exchange.
    exchange: isQueue ? '' : to,
    routingKey: isQueue ? () => to : routingKeys(config.text('routing_key')),
    persistent: config.number('delivery_mode') === 2,
    mandatory: config.flag('mandatory'),
    expiration: optional(config, 'expiration') < 0 ? -1 : millis(config.number('expiration')),
    priority: optional(config, 'priority'),
    headers: tableOf(config.text('headers')),
    confirms: config.flag('confirm.select'),
    maxOutstanding: config.number('maxOutstandingConfirms'),
    confirmTimeout: millis(config.number('confirmTimeout')),
    attempts: republishes ? config.number('republishAttempts') : 1,
    republishDelay: millis(config.number('republishDelay')),
  };
}

/** The routing key for each key of a message, made once. */
function routingKeys(pattern: string): (key: number) => string {
  if (!pattern.includes(KEY)) return () => pattern;
  const made = new Map<number, string>();
  return (key) => {
    let text = made.get(key);
    if (text === undefined) {
      text = pattern.split(KEY).join(key < 0 ? '' : keyText(key));
      made.set(key, text);
    }
    return text;
  };
}
const KEY = '{key}';

function optional(config: Settings, name: string): number {
  return config.value(name) === null ? -1 : config.number(name);
}

/** A field table; `check.ts` has seen that it is one. */
function tableOf(json: string): Arguments {
  const table = parseTable(json);
  return typeof table === 'string' ? NO_ARGUMENTS : table;
}

/** What stands in the arguments of basic.consume. */
function consumeArguments(priority: number, config: Settings): Arguments {
  const args = new Map<string, ArgumentValue>();
  if (priority !== 0) args.set('x-priority', priority);
  const offset = config.text('x-stream-offset');
  if (config.given('x-stream-offset')) {
    args.set('x-stream-offset', /^\d+$/.test(offset) ? Number(offset) : offset);
  }
  return args.size === 0 ? NO_ARGUMENTS : args;
}

export function planReceiver(
  { subscription, from, handling, config }: ConsumerPlan,
  index: number,
  layout: Layout,
  instance: number,
): ReceiverPlan {
  const queue = layout.queues[layout.metadata.indexOf(from) ?? 0];
  const priorities = config.text('x-priority').split(',');
  const priority = Number(priorities[index % priorities.length]);
  const every = optional(config, 'basic.get');
  return {
    subscription,
    queue,
    handling,
    client: planClient(config, layout.brokers, instance),
    prefetch: config.number('prefetch'),
    global: config.flag('global'),
    noAck: config.flag('no_ack'),
    multiple: config.flag('multiple'),
    onFailure: config.text('onFailure') as ReceiverPlan['onFailure'],
    requeue: config.flag('requeue'),
    exclusive: config.flag('exclusive'),
    args: consumeArguments(priority, config),
    consumers: config.number('consumersPerChannel'),
    doubleAckEvery: config.number('doubleAckEvery'),
    getEvery: every < 0 ? -1 : millis(every),
  };
}
