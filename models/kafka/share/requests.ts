import type { NodeId } from '../../../sim/kernel/node.ts';
import { type Broker, Timer } from '../broker/state.ts';
import type { ClientRequest } from '../protocol.ts';
import { onShareAcknowledge, onShareFetch, onShareWaited } from './fetch.ts';
import { onLockExpired } from './leader.ts';
import { onShareHeartbeat, onShareSessionExpired } from './members.ts';
import { onStateCallTimer } from './persister.ts';
import type { Led } from './state.ts';
import { onStateRequest, respondState } from './state-log.ts';

/** The requests and timers of share groups; false when it is none of theirs. */
export function onShareMessage(broker: Broker, from: NodeId, request: ClientRequest): boolean {
  switch (request.type) {
    case 'ShareGroupHeartbeatRequest':
      onShareHeartbeat(broker, from, request);
      return true;
    case 'ShareFetchRequest':
      onShareFetch(broker, from, request);
      return true;
    case 'ShareAcknowledgeRequest':
      onShareAcknowledge(broker, from, request);
      return true;
    case 'ReadShareGroupStateRequest':
    case 'WriteShareGroupStateRequest':
      onStateRequest(broker, request, (error, state) =>
        respondState(broker, from, request, error, state),
      );
      return true;
    default:
      return false;
  }
}

export function onShareTimer(broker: Broker, code: number, data: unknown): void {
  switch (code) {
    case Timer.shareLock: {
      const { led, lock } = data as { led: Led; lock: number };
      return onLockExpired(broker, led, lock);
    }
    case Timer.shareWait:
      return onShareWaited(broker, data as never);
    case Timer.shareCall:
      return onStateCallTimer(broker, data as never);
    default:
      return onShareSessionExpired(broker, data as never);
  }
}
