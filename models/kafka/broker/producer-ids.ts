import type { InitProducerIdResponse } from '../protocol.ts';
import { callController } from './controller-channel.ts';
import type { Broker, Correlation } from './state.ts';

/** Producer ids: each broker hands them out of blocks that it gets from the controller. */
export function takeProducerId(broker: Broker, then: (producerId: number) => void): void {
  const { producerIds, layout, nameId } = broker;
  if (producerIds.next < producerIds.end) return then(producerIds.next++);
  producerIds.waiting.push(then);
  if (broker.calls.has('producer ids')) return;
  callController(broker, 'producer ids', nameId, layout.broker.controllerTimeout, {
    type: 'AllocateProducerIdsRequest',
    correlation: 0,
    broker: broker.index,
  });
}

export function giveProducerIds(broker: Broker, to: Correlation): void {
  takeProducerId(broker, (producerId) => give(broker, to, producerId));
}

function give(broker: Broker, { from, correlation }: Correlation, producerId: number): void {
  const response: InitProducerIdResponse = {
    type: 'InitProducerIdResponse',
    correlation,
    error: 'NONE',
    producerId,
    producerEpoch: 0,
  };
  broker.out.send(from, response, broker.words.correlation, correlation);
}

export function onProducerIds(broker: Broker, first: number, count: number): void {
  const { producerIds } = broker;
  producerIds.next = first;
  producerIds.end = first + count;
  for (const then of producerIds.waiting.splice(0)) takeProducerId(broker, then);
}
