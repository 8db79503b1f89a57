import type {
  Arguments,
  ExchangeBind,
  ExchangeDeclare,
  ExchangeDelete,
  QueueBind,
  QueueDeclare,
  QueueIndex,
  QueuePurge,
} from '../protocol.ts';
import type { Refusal } from '../queue.ts';
import { type Binding, Exchange } from '../routing/exchange.ts';
import type { Broker } from './broker.ts';
import type { Channel } from './channel.ts';
import { ownerOf } from './connection.ts';
import { find } from './consuming.ts';
import { homeDown, inequivalent, locked, notFound, refusal } from './refusals.ts';

/** queue.declare: makes it, or finds it equivalent, or refuses. */
export function onQueueDeclare(broker: Broker, channel: Channel, frame: QueueDeclare): void {
  const { metadata } = broker.layout;
  const index = metadata.indexOf(frame.queue);
  if (index === undefined) return broker.closeChannel(channel, notFound('queue', frame.queue));
  if (!metadata.exists[index]) {
    if (frame.passive) return broker.closeChannel(channel, notFound('queue', frame.queue));
    const refused = different(broker, index, frame);
    if (refused !== undefined) return broker.closeChannel(channel, refused);
    create(broker, channel, index);
  } else {
    const refused = occupied(broker, channel, index, frame);
    if (refused !== undefined) return broker.closeChannel(channel, refused);
  }
  const queue = broker.queues[index];
  queue?.declared();
  const [messages, consumers] = [queue?.ready ?? 0, queue?.consumers ?? 0];
  counted(broker, channel, 'queue.declare-ok', frame.queue, messages, consumers);
}

/** Starts it on every node. */
function create(broker: Broker, channel: Channel, index: QueueIndex): void {
  const { metadata, queues } = broker.layout;
  metadata.exists[index] = true;
  metadata.lives[index]++;
  if (queues[index].exclusive) metadata.owners[index] = ownerOf(broker, channel.connection);
  broker.everywhere((other) => other.open(index, 'declared'));
}

function occupied(
  broker: Broker,
  channel: Channel,
  index: QueueIndex,
  frame: QueueDeclare,
): Refusal | undefined {
  const { metadata, queues } = broker.layout;
  const owner = metadata.owners[index];
  if (owner !== '' && owner !== ownerOf(broker, channel.connection)) return locked(frame.queue);
  if (broker.queues[index]?.isAvailable === false) {
    return homeDown(frame.queue, `broker-${queues[index].node + 1}`);
  }
  return frame.passive ? undefined : different(broker, index, frame);
}

/** Is it declared otherwise than it is? */
function different(broker: Broker, index: QueueIndex, frame: QueueDeclare): Refusal | undefined {
  const plan = broker.layout.queues[index];
  const of = `queue '${frame.queue}'`;
  const flags = [
    ['durable', frame.durable, plan.durable],
    ['exclusive', frame.exclusive, plan.exclusive],
    ['auto_delete', frame.autoDelete, plan.autoDelete],
  ] as const;
  for (const [name, received, current] of flags) {
    if (received !== current) return inequivalent(name, of, `'${received}'`, `'${current}'`);
  }
  return differentArguments(of, frame.args, plan.args);
}

function differentArguments(
  of: string,
  received: Arguments,
  current: Arguments,
): Refusal | undefined {
  for (const name of new Set([...received.keys(), ...current.keys()])) {
    const standard = name === 'x-queue-type' ? 'classic' : undefined;
    const [a, b] = [received.get(name) ?? standard, current.get(name) ?? standard];
    if (a !== b) return inequivalent(name, of, shown(a), shown(b));
  }
  return undefined;
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : `the value '${String(value)}'`;
}

export function onBind(broker: Broker, channel: Channel, frame: QueueBind): void {
  const { metadata } = broker.layout;
  const { queue, routingKey, args } = frame;
  const index = metadata.indexOf(queue);
  if (index === undefined || !metadata.exists[index]) {
    return broker.closeChannel(channel, notFound('queue', queue));
  }
  const binding = { toQueue: true, destination: queue, routingKey, args };
  change(broker, channel, frame.exchange, binding, frame.type);
}

export function onExchangeBind(broker: Broker, channel: Channel, frame: ExchangeBind): void {
  const { destination, routingKey, args } = frame;
  if (!broker.layout.metadata.exchanges.has(destination)) {
    return broker.closeChannel(channel, notFound('exchange', destination));
  }
  const binding = { toQueue: false, destination, routingKey, args };
  change(broker, channel, frame.source, binding, frame.type);
}

function change(
  broker: Broker,
  channel: Channel,
  source: string,
  binding: Binding,
  type: QueueBind['type'] | ExchangeBind['type'],
): void {
  const exchange = broker.layout.metadata.exchanges.get(source);
  if (source === '') {
    const says = 'operation not permitted on the default exchange';
    return broker.closeChannel(channel, refusal(403, 'ACCESS_REFUSED', says));
  }
  if (exchange === undefined) return broker.closeChannel(channel, notFound('exchange', source));
  if (type === 'queue.bind' || type === 'exchange.bind') exchange.bind(binding);
  else exchange.unbind(binding);
  broker.sendPlain(channel.connection, channel.number, { type: `${type}-ok` });
}

export function onQueuePurge(broker: Broker, channel: Channel, frame: QueuePurge): void {
  const found = find(broker, channel, frame.queue);
  if ('code' in found) return broker.closeChannel(channel, found);
  found.queue.purge((count) => {
    const { consumers } = found.queue;
    if (channel.isOpen) counted(broker, channel, 'queue.purge-ok', frame.queue, count, consumers);
  });
}

export function onQueueDelete(broker: Broker, channel: Channel, frame: QueuePurge): void {
  const found = find(broker, channel, frame.queue);
  // Deleting what is not there is no error.
  if ('code' in found) {
    if (found.code !== 404) return broker.closeChannel(channel, found);
    return counted(broker, channel, 'queue.delete-ok', frame.queue, 0, 0);
  }
  const { queue } = found;
  const inUse = frame.ifUnused && queue.consumers > 0;
  if (inUse || (frame.ifEmpty && queue.ready > 0)) {
    const says = `queue '${frame.queue}' in vhost '/' ${inUse ? 'in use' : 'is not empty'}`;
    return broker.closeChannel(channel, refusal(406, 'PRECONDITION_FAILED', says));
  }
  const { ready } = queue;
  queue.remove('the queue was deleted');
  counted(broker, channel, 'queue.delete-ok', frame.queue, ready, 0);
}

function counted(
  broker: Broker,
  { connection, number }: Channel,
  type: 'queue.declare-ok' | 'queue.purge-ok' | 'queue.delete-ok',
  queue: string,
  messages: number,
  consumers: number,
): void {
  broker.sendPlain(connection, number, { type, queue, messages, consumers });
}

export function onExchangeDeclare(broker: Broker, channel: Channel, frame: ExchangeDeclare): void {
  const { exchanges } = broker.layout.metadata;
  const known = exchanges.get(frame.exchange);
  const of = `exchange '${frame.exchange}'`;
  if (known === undefined) {
    if (frame.passive) {
      return broker.closeChannel(channel, notFound('exchange', frame.exchange));
    }
    const { exchange, kind, durable, args } = frame;
    exchanges.set(exchange, new Exchange(exchange, kind, durable, false, args));
  } else if (!frame.passive) {
    const refused =
      known.type === frame.kind
        ? differentArguments(of, frame.args, known.args)
        : inequivalent('type', of, `'${frame.kind}'`, `'${known.type}'`);
    if (refused !== undefined) return broker.closeChannel(channel, refused);
  }
  broker.sendPlain(channel.connection, channel.number, { type: 'exchange.declare-ok' });
}

export function onExchangeDelete(broker: Broker, channel: Channel, frame: ExchangeDelete): void {
  broker.layout.metadata.deleteExchange(frame.exchange);
  broker.sendPlain(channel.connection, channel.number, { type: 'exchange.delete-ok' });
}
