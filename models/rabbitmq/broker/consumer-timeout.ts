import type { Micros } from '../../../sim/kernel/time.ts';
import type { Broker } from './broker.ts';
import type { Channel } from './channel.ts';
import { timedOut } from './refusals.ts';
import { Timer } from './timers.ts';

/** A channel got a delivery that it has to settle: from now on somebody looks. */
export function startTicking(broker: Broker): void {
  if (broker.isTicking || longest(broker) === 0) return;
  broker.isTicking = true;
  broker.out.timer(broker.layout.server.channelTick, Timer.tick);
}

function longest({ layout }: Broker): Micros {
  const own = layout.queues.map(({ index }) => layout.metadata.plan(index).limits.consumerTimeout);
  return Math.max(layout.server.consumerTimeout, ...own);
}

/** `consumer_timeout`: closes channels that have held a delivery for longer. */
export function checkTimeouts(broker: Broker): void {
  broker.isTicking = false;
  let isHeld = false;
  for (const connection of [...broker.connections.values(), ...broker.superseded]) {
    for (const channel of [...connection.channels.values()]) {
      if (channel.oldest === undefined) continue;
      isHeld = true;
      checkChannel(broker, channel);
    }
  }
  if (isHeld) startTicking(broker);
}

function checkChannel(broker: Broker, channel: Channel): void {
  const { oldest } = channel;
  if (oldest === undefined) return;
  const { type, limits } = broker.plan(oldest.queue);
  const { server, rules } = broker.layout;
  if (type === 'classic' && !rules.classicConsumerTimeout) return;
  const timeout = limits.consumerTimeout >= 0 ? limits.consumerTimeout : server.consumerTimeout;
  if (timeout > 0 && broker.out.now - oldest.since > timeout) {
    broker.closeChannel(channel, timedOut(timeout / 1000));
  }
}
