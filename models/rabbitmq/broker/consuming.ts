import type { BasicCancel, BasicConsume, BasicGet, QueueIndex } from '../protocol.ts';
import type { Consumer, QueueProcess, Refusal } from '../queue.ts';
import type { Broker } from './broker.ts';
import type { Channel } from './channel.ts';
import { ownerOf } from './connection.ts';
import { startTicking } from './consumer-timeout.ts';
import { homeDown, locked, notFound } from './refusals.ts';

/** A queue that a client names, or the reason why it cannot be used. */
export function find(
  broker: Broker,
  channel: Channel,
  name: string,
): { readonly index: QueueIndex; readonly queue: QueueProcess } | Refusal {
  const { metadata, queues } = broker.layout;
  const index = metadata.indexOf(name);
  const queue = index === undefined ? undefined : broker.queues[index];
  if (index === undefined || queue === undefined) return notFound('queue', name);
  const owner = metadata.owners[index];
  if (owner !== '' && owner !== ownerOf(broker, channel.connection)) return locked(name);
  if (!queue.isAvailable) return homeDown(name, `broker-${queues[index].node + 1}`);
  return { index, queue };
}

export function onConsume(broker: Broker, channel: Channel, frame: BasicConsume): void {
  const found = find(broker, channel, frame.queue);
  if ('code' in found) return broker.closeChannel(channel, found);
  const { index, queue } = found;
  const priority = frame.args.get('x-priority');
  const consumer: Consumer = {
    tag: frame.consumer,
    channel,
    noAck: frame.noAck,
    prefetch: channel.prefetch,
    exclusive: frame.exclusive,
    priority: typeof priority === 'number' ? priority : 0,
    args: frame.args,
  };
  channel.touched.add(index);
  if (!frame.noAck) startTicking(broker);
  queue.consume(consumer, (refusal) => {
    if (!channel.isOpen) return;
    if (refusal !== undefined) {
      const says = `${refusal.says}: '${frame.queue}' in vhost '/'`;
      return broker.closeChannel(channel, { ...refusal, says });
    }
    channel.consumers.set(frame.consumer, { consumer, queue: index });
    const { connection, number } = channel;
    broker.sendPlain(connection, number, { type: 'basic.consume-ok', consumer: frame.consumer });
  });
}

export function onCancel(broker: Broker, channel: Channel, { consumer }: BasicCancel): void {
  const known = channel.consumers.get(consumer);
  channel.consumers.delete(consumer);
  if (known !== undefined) broker.queues[known.queue]?.cancel(known.consumer);
  broker.sendPlain(channel.connection, channel.number, { type: 'basic.cancel-ok', consumer });
}

export function onGet(broker: Broker, channel: Channel, { queue: name, noAck }: BasicGet): void {
  const found = find(broker, channel, name);
  if ('code' in found) return broker.closeChannel(channel, found);
  if (!noAck) startTicking(broker);
  found.queue.get(channel, noAck, (delivery, left) => {
    if (!channel.isOpen) return;
    if (delivery !== undefined) return channel.got(found.index, delivery, noAck, left);
    broker.sendPlain(channel.connection, channel.number, { type: 'basic.get-empty' });
  });
}
