import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { type Broker, Timer } from '../broker/state.ts';
import type { ErrorName, RecordDelivery, ShareState, ShareStateResponse } from '../protocol.ts';
import { keyOf, type Led, type StateCall } from './state.ts';
import { onStateRequest } from './state-log.ts';

/**
 * The leader's way to the share coordinator: repeats what is not answered, to whoever leads the
 * partition of `__share_group_state` now. Source: `DefaultStatePersister`.
 */

/** Tries of one write; reading is repeated as long as the partition is led. */
const TRIES = 5;
const ANSWER: number = seconds(5);
const PAUSE: number = millis(100);

export function writeState(
  broker: Broker,
  led: Led,
  start: number,
  records: readonly RecordDelivery[],
  then: (error: ErrorName) => void,
): void {
  const request = {
    type: 'WriteShareGroupStateRequest',
    correlation: broker.shares.nextCall++,
    group: led.group,
    partition: led.replica.plan.index,
    leaderEpoch: led.epoch,
    start,
    records,
  } as const;
  call(broker, { request, led, then, tries: 0, to: -1, timer: NO_HANDLE });
}

export function readState(
  broker: Broker,
  led: Led,
  then: (error: ErrorName, state: ShareState | undefined) => void,
): void {
  const request = {
    type: 'ReadShareGroupStateRequest',
    correlation: broker.shares.nextCall++,
    group: led.group,
    partition: led.replica.plan.index,
    leaderEpoch: led.epoch,
  } as const;
  const read = (error: ErrorName, response: ShareStateResponse | undefined) =>
    then(error, response?.type === 'ReadShareGroupStateResponse' ? response.state : undefined);
  call(broker, { request, led, then: read, tries: 0, to: -1, timer: NO_HANDLE });
}

function call(broker: Broker, open: StateCall): void {
  const { request } = open;
  broker.shares.calls.set(request.correlation, open);
  attempt(broker, open);
}

function attempt(broker: Broker, open: StateCall): void {
  const { layout, image, out, shares } = broker;
  const { request } = open;
  open.tries++;
  const place = layout.sharePartitions.get(keyOf(request.group, request.partition)) ?? -1;
  const leader = image.partitions[place]?.leader ?? -1;
  out.cancel(open.timer);
  if (leader === broker.index) {
    const { type, correlation } = request;
    return onStateRequest(broker, request, (error, state) => {
      if (shares.calls.get(correlation) !== open) return;
      const answer = { type: type.replace('Request', 'Response'), correlation, error, state };
      onStateResponse(broker, answer as ShareStateResponse);
    });
  }
  if (leader < 0) return again(broker, open, 'COORDINATOR_NOT_AVAILABLE');
  open.to = layout.brokers[leader];
  open.timer = out.timer(ANSWER, Timer.shareCall, open);
  const { nameId } = layout.partitions[request.partition];
  const nr = broker.life * 1_000_000 + request.correlation;
  out.send(open.to, request as never, nameId, nr, open.tries);
}

function again(broker: Broker, open: StateCall, error: ErrorName): void {
  const isRead = open.request.type === 'ReadShareGroupStateRequest';
  const current = broker.shares.led.get(keyOf(open.request.group, open.request.partition));
  if (current !== open.led) return finish(broker, open, 'NOT_LEADER_OR_FOLLOWER');
  if (!isRead && open.tries >= TRIES) return finish(broker, open, error);
  open.to = -1;
  open.timer = broker.out.timer(PAUSE * Math.min(open.tries, 10), Timer.shareCall, open);
}

function finish(
  broker: Broker,
  open: StateCall,
  error: ErrorName,
  response?: ShareStateResponse,
): void {
  broker.out.cancel(open.timer);
  broker.shares.calls.delete(open.request.correlation);
  open.then(error, response);
}

/** No answer in time, or a pause is over. */
export function onStateCallTimer(broker: Broker, open: StateCall): void {
  if (broker.shares.calls.get(open.request.correlation) !== open) return;
  open.timer = NO_HANDLE;
  if (open.to >= 0) again(broker, open, 'REQUEST_TIMED_OUT');
  else attempt(broker, open);
}

export function onStateResponse(broker: Broker, response: ShareStateResponse): void {
  const open = broker.shares.calls.get(response.correlation);
  if (open === undefined) return;
  const { error } = response;
  const passes = error === 'NOT_COORDINATOR' || error === 'COORDINATOR_NOT_AVAILABLE';
  if (passes) again(broker, open, error);
  else finish(broker, open, error, response);
}

/** The connection to a coordinator broke: what was asked of it is asked again. */
export function onStateCallsLost(broker: Broker, peer: NodeId): void {
  for (const open of [...broker.shares.calls.values()]) {
    if (open.to !== peer) continue;
    broker.out.cancel(open.timer);
    again(broker, open, 'COORDINATOR_NOT_AVAILABLE');
  }
}
