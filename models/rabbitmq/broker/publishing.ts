import { Fact } from '../../../sim/kernel/entry.ts';
import type { BasicPublish, Content, QueueIndex } from '../protocol.ts';
import type { Broker } from './broker.ts';
import type { Channel } from './channel.ts';
import { notFound, refusal } from './refusals.ts';

/** basic.publish: routed in one step, then handed to each queue. */
export function onPublish(broker: Broker, channel: Channel, frame: BasicPublish): void {
  const { content, mandatory } = frame;
  const { exchange, routingKey, headers } = content;
  if (!channel.connection.publishes) {
    channel.connection.publishes = true;
    broker.alarms.apply(channel.connection);
  }
  if (exchange !== '') {
    const found = broker.layout.metadata.exchanges.get(exchange);
    if (found === undefined) return broker.closeChannel(channel, notFound('exchange', exchange));
    if (found.internal) {
      const says = `cannot publish to internal exchange '${exchange}' in vhost '/'`;
      return broker.closeChannel(channel, refusal(403, 'ACCESS_REFUSED', says));
    }
    if (found.isDelayed && broker.delayed.take(content)) return channel.publishedNowhere();
  }
  const targets = available(broker, broker.layout.metadata.route(exchange, routingKey, headers));
  if (targets.length === 0) {
    unroutable(broker, channel, content, mandatory);
    return channel.publishedNowhere();
  }
  const seq = channel.confirms?.publish(targets.length) ?? 0;
  for (let i = 0; i < targets.length; i++) {
    // Some queues know their publishers, and hear when one is gone.
    channel.touched.add(targets[i]);
    broker.queues[targets[i]]?.publish(content, channel, seq);
  }
}

/** Without the queues that cannot be reached now. */
function available(broker: Broker, queues: readonly QueueIndex[]): readonly QueueIndex[] {
  for (let i = 0; i < queues.length; i++) {
    if (broker.queues[queues[i]]?.isAvailable === true) continue;
    return queues.filter((queue) => broker.queues[queue]?.isAvailable === true);
  }
  return queues;
}

/** No queue takes it: `mandatory` has it returned, before the confirm; else it is dropped. */
function unroutable(broker: Broker, channel: Channel, content: Content, mandatory: boolean): void {
  const { out, layout } = broker;
  out.count(out.names.id('unroutable messages'));
  if (mandatory) {
    const { connection, number } = channel;
    return broker.sendPlain(connection, number, {
      type: 'basic.return',
      code: 312,
      says: 'NO_ROUTE',
      content,
    });
  }
  const queue = content.exchange === '' ? layout.metadata.indexOf(content.routingKey) : undefined;
  if (queue === undefined) return;
  const why = out.names.id('unroutable, and dropped');
  out.fact(Fact.dropped, content.message, layout.queues[queue].stream, why);
}
