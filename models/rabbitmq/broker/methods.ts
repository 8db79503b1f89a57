import type { ClientFrame } from '../protocol.ts';
import type { Broker } from './broker.ts';
import { Channel } from './channel.ts';
import { Confirms } from './confirms.ts';
import type { Connection } from './connection.ts';
import { onCancel, onConsume, onGet } from './consuming.ts';
import {
  onBind,
  onExchangeBind,
  onExchangeDeclare,
  onExchangeDelete,
  onQueueDeclare,
  onQueueDelete,
  onQueuePurge,
} from './declaring.ts';
import { startHeartbeats } from './heartbeats.ts';
import { onPublish } from './publishing.ts';
import { unknownTag } from './refusals.ts';

/** One method that a client sent, on a connection that is in order. */
export function onMethod(broker: Broker, connection: Connection, frame: ClientFrame): void {
  switch (frame.type) {
    case 'connection.open':
      startHeartbeats(broker, connection, frame.heartbeat);
      return broker.sendPlain(connection, 0, {
        type: 'connection.open-ok',
        heartbeat: connection.heartbeat,
      });
    case 'connection.close':
      broker.out.disconnect(connection.client);
      return broker.endConnection(connection);
    case 'heartbeat':
      return;
    case 'channel.open':
      return open(broker, connection, frame.channel);
    default:
      break;
  }
  const channel = connection.channels.get(frame.channel);
  // The client did not know yet that its channel was closed.
  if (channel === undefined) return broker.out.ignored(frame.type, 'its channel is closed');
  onChannel(broker, channel, frame);
}

function open(broker: Broker, connection: Connection, number: number): void {
  const id = (broker.boot * 100 + broker.node) * 1_000_000 + ++broker.channels;
  connection.channels.set(number, new Channel(broker, connection, number, id));
  broker.sendPlain(connection, number, { type: 'channel.open-ok' });
}

function onChannel(broker: Broker, channel: Channel, frame: ClientFrame): void {
  switch (frame.type) {
    case 'basic.publish':
      return onPublish(broker, channel, frame);
    case 'basic.ack':
      return settle(broker, channel, frame.tag, frame.multiple, 'ack');
    case 'basic.nack':
      return settle(
        broker,
        channel,
        frame.tag,
        frame.multiple,
        frame.requeue ? 'requeue' : 'discard',
      );
    case 'basic.reject':
      return settle(
        broker,
        channel,
        frame.tag,
        false,
        frame.requeue ? 'reject-requeue' : 'discard',
      );
    case 'basic.qos':
      if (frame.global) channel.globalPrefetch = frame.prefetch;
      else channel.prefetch = frame.prefetch;
      return answer(broker, channel, 'basic.qos-ok');
    case 'confirm.select':
      channel.confirms ??= new Confirms();
      return answer(broker, channel, 'confirm.select-ok');
    case 'channel.close':
      answer(broker, channel, 'channel.close-ok');
      return broker.endChannel(channel);
    case 'basic.consume':
      return onConsume(broker, channel, frame);
    case 'basic.cancel':
      return onCancel(broker, channel, frame);
    case 'basic.get':
      return onGet(broker, channel, frame);
    case 'queue.declare':
      return onQueueDeclare(broker, channel, frame);
    case 'queue.bind':
    case 'queue.unbind':
      return onBind(broker, channel, frame);
    case 'exchange.bind':
    case 'exchange.unbind':
      return onExchangeBind(broker, channel, frame);
    case 'queue.purge':
      return onQueuePurge(broker, channel, frame);
    case 'queue.delete':
      return onQueueDelete(broker, channel, frame);
    case 'exchange.declare':
      return onExchangeDeclare(broker, channel, frame);
    case 'exchange.delete':
      return onExchangeDelete(broker, channel, frame);
    default:
      return broker.out.ignored(frame.type, 'a client does not send it');
  }
}

function answer(
  broker: Broker,
  { connection, number }: Channel,
  type: 'basic.qos-ok' | 'confirm.select-ok' | 'channel.close-ok',
): void {
  broker.sendPlain(connection, number, { type });
}

function settle(
  broker: Broker,
  channel: Channel,
  tag: number,
  multiple: boolean,
  how: 'ack' | 'requeue' | 'discard' | 'reject-requeue',
): void {
  if (!channel.settle(tag, multiple, how)) broker.closeChannel(channel, unknownTag(tag));
}
