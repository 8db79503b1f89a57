import type { NameId } from '../../../sim/kernel/names.ts';
import { millis, type Micros } from '../../../sim/kernel/time.ts';
import type { ControllerRequest, ControllerResponse } from '../protocol.ts';
import { labelBase } from '../../parts/lives.ts';
import { type Broker, type ControllerCall, Timer } from './state.ts';

/** Pause before a broker turns to the controller again after the connection broke. */
const RETRY: Micros = millis(50);

/**
 * Requests of a broker to the controller, each repeated until it is answered or taken back. `key`
 * names the matter: a newer request in the same matter replaces the older one.
 */
export function callController(
  broker: Broker,
  key: string,
  about: NameId,
  timeout: Micros,
  request: ControllerRequest,
): void {
  const call: ControllerCall = { key, request, about, timeout, correlation: 0 };
  broker.calls.set(key, call);
  send(broker, call);
}

function send(broker: Broker, call: ControllerCall): void {
  const { out, layout, callNumbers } = broker;
  const { type } = call.request;
  call.correlation = (callNumbers.get(type) ?? labelBase(broker.life)) + 1;
  callNumbers.set(type, call.correlation);
  out.timer(call.timeout, Timer.callTimeout, { call, correlation: call.correlation });
  const request = { ...call.request, correlation: call.correlation };
  out.send(layout.controller, request, call.about, call.correlation);
}

/** The call that this answers, done with; undefined when nobody waits for it any more. */
export function answered(broker: Broker, response: ControllerResponse): ControllerCall | undefined {
  const asked = response.type.replace('Response', 'Request');
  for (const call of broker.calls.values()) {
    if (call.correlation !== response.correlation || call.request.type !== asked) continue;
    broker.calls.delete(call.key);
    return call;
  }
  broker.out.ignored(response.type, 'nobody waits for it any more');
  return undefined;
}

export function onCallTimeout(
  broker: Broker,
  { call, correlation }: { call: ControllerCall; correlation: number },
): void {
  if (broker.calls.get(call.key) === call && call.correlation === correlation) send(broker, call);
}

/** The connection to the controller broke. */
export function onControllerLost(broker: Broker): void {
  for (const call of broker.calls.values()) {
    const { correlation } = call;
    broker.out.timer(RETRY, Timer.callTimeout, { call, correlation });
  }
}
