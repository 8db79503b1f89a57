import type { Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Message, NodeId } from '../../../sim/kernel/node.ts';
import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import type { BrokerIndex, TransactionResponse } from '../protocol.ts';
import { type Broker, Timer } from './state.ts';

/** `request.timeout.ms` of a broker as the client of another one. */
export const PEER_TIMEOUT: Micros = seconds(30);

/** A question to another broker that has no answer yet. */
export interface PeerCall {
  readonly to: NodeId;
  readonly correlation: number;
  readonly timer: Handle;
  readonly then: (response: TransactionResponse | undefined) => void;
}

/**
 * Asks a broker, this one included; `then` hears the answer, or undefined when none will come: it
 * may or may not have been done.
 */
export function callPeer(
  broker: Broker,
  to: BrokerIndex,
  about: NameId,
  request: { readonly type: string },
  then: PeerCall['then'],
): void {
  const { out, layout, transactions } = broker;
  const correlation = transactions.nextCall++;
  const timer = out.timer(PEER_TIMEOUT, Timer.peerTimeout, correlation);
  const node = layout.brokers[to];
  transactions.calls.set(correlation, { to: node, correlation, timer, then });
  out.send(node, { ...request, correlation } as Message, about, correlation);
}

export function onPeerAnswer(broker: Broker, response: TransactionResponse): void {
  const call = broker.transactions.calls.get(response.correlation);
  if (call === undefined) {
    broker.out.ignored(response.type, 'nobody waits for it any more');
    return;
  }
  finish(broker, call, response);
}

export function onPeerTimeout(broker: Broker, correlation: number): void {
  const call = broker.transactions.calls.get(correlation);
  if (call !== undefined) finish(broker, call, undefined);
}

/** The connection to a broker is gone, and with it the answers that were to come by it. */
export function onPeerLost(broker: Broker, peer: NodeId): void {
  for (const call of [...broker.transactions.calls.values()]) {
    if (call.to === peer) finish(broker, call, undefined);
  }
}

function finish(broker: Broker, call: PeerCall, response: TransactionResponse | undefined): void {
  broker.transactions.calls.delete(call.correlation);
  broker.out.cancel(call.timer);
  call.then(response);
}
