import type { InitProducerIdResponse } from '../protocol.ts';
import { callController } from './controller-channel.ts';
import type { Broker, Correlation } from './state.ts';

/** Producer ids: each broker hands them out of blocks that it gets from the controller. */
export function giveProducerIds(broker: Broker, to: Correlation): void {
  const { producerIds, layout, nameId } = broker;
  if (producerIds.next < producerIds.end) return give(broker, to);
  producerIds.waiting.push(to);
  if (broker.calls.has('producer ids')) return;
  callController(broker, 'producer ids', nameId, layout.broker.controllerTimeout, {
    type: 'AllocateProducerIdsRequest',
    correlation: 0,
    broker: broker.index,
  });
}

function give(broker: Broker, { from, correlation }: Correlation): void {
  const response: InitProducerIdResponse = {
    type: 'InitProducerIdResponse',
    correlation,
    error: 'NONE',
    producerId: broker.producerIds.next++,
    producerEpoch: 0,
  };
  broker.out.send(from, response, broker.words.correlation, correlation);
}

export function onProducerIds(broker: Broker, first: number, count: number): void {
  const { producerIds } = broker;
  producerIds.next = first;
  producerIds.end = first + count;
  for (const to of producerIds.waiting.splice(0)) giveProducerIds(broker, to);
}
