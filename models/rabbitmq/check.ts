import type {
  ChannelPlan,
  ConsumerPlan,
  Deployment,
  Finding,
  ProducerPlan,
} from '../parts/system.ts';
import { parseList, parseTable } from './config/definitions.ts';

/** What RabbitMQ refuses or adjusts, in its own words. */
export function check(deployment: Deployment): readonly Finding[] {
  const { channels, producers, consumers } = deployment;
  return [
    ...checkPolicies(deployment),
    ...channels.flatMap((channel) =>
      channel.kind === 'exchanges'
        ? checkExchange(channel, deployment)
        : checkQueue(channel, deployment),
    ),
    ...producers.flatMap(checkProducer),
    ...consumers.flatMap(checkConsumer),
  ];
}

type Spot = Pick<Finding, 'place' | 'component' | 'kind' | 'key'>;

function refuse(spot: Spot, says: string, hint: string): Finding {
  return { severity: 'refused', ...spot, says, hint };
}

function checkPolicies({ cluster }: Deployment): Finding[] {
  const spot: Spot = { place: 'cluster', component: '', key: 'policies' };
  const hint = '[{ name: short, pattern: "^orders$", definition: { max-length: 100 } }]';
  const list = parseList(cluster.shape.text('policies'));
  if (typeof list === 'string') return [refuse(spot, `a list of policies: ${list}`, hint)];
  return list.flatMap((entry): Finding[] => {
    const { name, pattern, definition } = entry as Readonly<Record<string, unknown>>;
    const isWhole = typeof name === 'string' && typeof pattern === 'string';
    const says = 'a policy has a name, a pattern and a definition';
    return isWhole && isMapping(definition) ? [] : [refuse(spot, says, hint)];
  });
}

function checkQueue({ name, shape }: ChannelPlan, { cluster }: Deployment): Finding[] {
  const found = reserved('queue', name, { place: 'channel', component: name, key: '' });
  const nodes = cluster.shape.number('nodes');
  if (shape.number('node') > nodes) {
    const says = `there is no node ${shape.number('node')}: the cluster has ${nodes}`;
    const spot: Spot = { place: 'channel', component: name, key: 'node' };
    found.push(refuse(spot, says, `1 to ${nodes}, or \`cluster: { nodes: ... }\``));
  }
  return found;
}

function reserved(what: string, name: string, spot: Spot): Finding[] {
  if (!name.startsWith('amq.')) return [];
  const says = `ACCESS_REFUSED - ${what} name '${name}' contains reserved prefix 'amq.*'`;
  return [refuse(spot, says, 'choose another name')];
}

function checkExchange({ name, shape }: ChannelPlan, { channels }: Deployment): Finding[] {
  const spot: Spot = { place: 'channel', kind: 'exchanges', component: name, key: 'bindings' };
  const hint = '[{ destination: orders, routing_key: "order.*" }]';
  const found = reserved('exchange', name, { ...spot, key: '' });
  const list = parseList(shape.text('bindings'));
  if (typeof list === 'string') {
    found.push(refuse(spot, `a list of bindings: ${list}`, hint));
    return found;
  }
  for (const entry of list) {
    const binding = entry as Readonly<Record<string, unknown>>;
    const { destination, destination_type: type = 'queue', arguments: args = {} } = binding;
    const odd = Object.keys(binding).find((key) => !BINDING_KEYS.includes(key));
    if (odd !== undefined || typeof destination !== 'string' || !isMapping(args)) {
      const says =
        odd === undefined ? 'a binding has a destination' : `"${odd}" is no key of a binding`;
      found.push(refuse(spot, says, hint));
      continue;
    }
    const kind = type === 'exchange' ? 'exchanges' : undefined;
    if (channels.some((channel) => channel.name === destination && channel.kind === kind)) continue;
    const says = `NOT_FOUND - no ${String(type)} '${destination}' in vhost '/'`;
    found.push(refuse(spot, says, `declare it, or bind to one that is there`));
  }
  return found;
}

const BINDING_KEYS = [
  'source',
  'vhost',
  'destination',
  'destination_type',
  'routing_key',
  'arguments',
];

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkProducer({ name, config, workload }: ProducerPlan): Finding[] {
  const found: Finding[] = [];
  const spot = (key: string): Spot => ({ place: 'producer', component: name, key });
  const table = parseTable(config.text('headers'));
  if (typeof table === 'string') {
    found.push(refuse(spot('headers'), `headers: ${table}`, '{ tenant: 7, CC: "a, b" }'));
  }
  if (workload.transaction !== undefined) {
    const says = 'transactions of AMQP (tx.select) are not modelled';
    found.push(refuse(spot('transaction'), says, 'remove it; confirms are on by default'));
  }
  return found;
}

function checkConsumer({ name, config, handling }: ConsumerPlan): Finding[] {
  const found: Finding[] = [];
  const spot = (key: string): Spot => ({ place: 'consumer', component: name, key });
  const noAck = config.flag('no_ack');
  if (handling.acknowledge === 'with-effect') {
    const says = 'basic.ack takes part in no transaction with a database';
    const hint = 'acknowledge: after, with idempotency checked inside the transaction';
    found.push(refuse(spot('acknowledge'), says, hint));
  } else if (noAck !== (handling.acknowledge === 'auto')) {
    const says = noAck
      ? 'with no_ack nothing is acknowledged'
      : 'automatic acknowledgement is asked for by basic.consume';
    const hint = noAck ? 'acknowledge: auto, or remove no_ack' : 'config: { no_ack: true }';
    found.push(refuse(spot('acknowledge'), says, hint));
  }
  const priorities = config.text('x-priority').split(',');
  if (priorities.some((one) => !/^\s*-?\d{1,9}\s*$/.test(one))) {
    const says = `x-priority "${config.text('x-priority')}" is no list of whole numbers`;
    found.push(refuse(spot('x-priority'), says, 'one number, or one for each instance: 10, 0'));
  }
  if (config.flag('global') && config.number('prefetch') === 0) {
    const says = 'a prefetch of 0 is unlimited, for the channel too';
    const hint = 'give a prefetch';
    found.push({ severity: 'adjusted', ...spot('global'), says, hint });
  }
  return found;
}
