import type { Out } from '../../../sim/kernel/out.ts';
import type { BrokerHeartbeatResponse } from '../protocol.ts';
import { seconds } from '../../../sim/kernel/time.ts';
import { callController } from './controller-channel.ts';
import { become, type Broker, Timer } from './state.ts';

/** How a broker comes to be part of the cluster, and how it leaves in good order. KRaft. */

export function register(broker: Broker): void {
  callController(broker, 'register', broker.nameId, seconds(1), {
    type: 'BrokerRegistrationRequest',
    correlation: 0,
    broker: broker.index,
    incarnation: broker.life,
    clean: broker.clean,
  });
}

export function sendHeartbeat(broker: Broker): void {
  const { heartbeatEvery, controllerTimeout } = broker.layout.broker;
  broker.out.timer(heartbeatEvery, Timer.heartbeat);
  if (broker.phase.is === 'registering') return;
  beat(broker, controllerTimeout);
}

function beat(broker: Broker, timeout: number): void {
  callController(broker, 'heartbeat', broker.words.heartbeat, timeout, {
    type: 'BrokerHeartbeatRequest',
    correlation: 0,
    broker: broker.index,
    brokerEpoch: broker.epoch,
    knownVersion: broker.image.version,
    wantShutDown: broker.phase.is === 'stopping',
  });
}

export function onHeartbeatAnswer(broker: Broker, response: BrokerHeartbeatResponse): void {
  const { phase, layout } = broker;
  if (response.error !== 'NONE') {
    broker.out.ignored('BrokerHeartbeatRequest', response.error);
    if (response.error === 'STALE_BROKER_EPOCH' && phase.is === 'running') {
      become(broker, { is: 'registering' }, response.error);
      register(broker);
    }
    return;
  }
  if (phase.is === 'stopping' && response.shouldShutDown) return leave(broker);
  // While it starts it beats as fast as it is answered: each beat says how far it has got.
  if (phase.is !== 'starting') return;
  if (response.isFenced) beat(broker, layout.broker.controllerTimeout);
  else become(broker, { is: 'running' }, 'unfenced');
}

/** Controlled shutdown: the controller moves the leaderships first. */
export function beginStop(broker: Broker): void {
  const active = broker.phase.is === 'running';
  if (!active || !broker.layout.broker.controlledShutdown) return leave(broker);
  become(broker, { is: 'stopping' }, 'asked to stop');
  beat(broker, broker.layout.broker.controllerTimeout);
}

/** Present while a broker is down that shut down in good order (`.kafka_cleanshutdown`). */
const CLEAN_SHUTDOWN = '.kafka_cleanshutdown';

/** Did the process before this one shut down in good order? Asked once, as it starts. */
export function wasClean({ disk }: Out): boolean {
  const clean = disk.read<boolean>(CLEAN_SHUTDOWN) === true;
  if (!clean) return false;
  disk.write(CLEAN_SHUTDOWN, false);
  disk.harden(CLEAN_SHUTDOWN, 0);
  return true;
}

function leave(broker: Broker): void {
  broker.out.disk.write(CLEAN_SHUTDOWN, true);
  writeCheckpoint(broker);
  broker.out.exit();
}

/** After a crash a replica starts from the high watermark in this file, up to 5 s old. */
export function writeCheckpoint(broker: Broker): void {
  const marks = broker.replicas.map((replica) => replica?.highWatermark ?? 0);
  const { disk } = broker.out;
  disk.write('high-watermarks', marks);
  disk.harden('high-watermarks', 0);
}
