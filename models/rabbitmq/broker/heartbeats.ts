import type { Micros } from '../../../sim/kernel/time.ts';
import type { Broker } from './broker.ts';
import type { Connection } from './connection.ts';
import { Timer } from './timers.ts';

/**
 * Both sides send a heartbeat every half of the timeout unless they sent something else. A peer of
 * whom nothing came in two such spans is dead. While an alarm holds the socket back nobody looks.
 */
export function startHeartbeats(broker: Broker, connection: Connection, asked: Micros): void {
  connection.heartbeat = negotiated(broker.layout.server.heartbeat, asked);
  arm(broker, connection);
}

/** The smaller of the two, or the one that is not 0. */
export function negotiated(server: Micros, client: Micros): Micros {
  return server === 0 || client === 0 ? Math.max(server, client) : Math.min(server, client);
}

function arm(broker: Broker, connection: Connection): void {
  if (connection.heartbeat === 0) return;
  const half = Math.ceil(connection.heartbeat / 2);
  connection.heartbeatTimer = broker.out.timer(half, Timer.heartbeat, connection);
}

export function onHeartbeat(broker: Broker, connection: Connection): void {
  const isHeldBack = broker.isHeldBack(connection);
  connection.missed = connection.heard || isHeldBack ? 0 : connection.missed + 1;
  connection.heard = false;
  if (connection.missed >= 2) {
    broker.out.ignored('connection', 'missed heartbeats from client');
    broker.closeConnection(connection, 320, 'CONNECTION_FORCED - missed heartbeats');
    return;
  }
  if (!connection.spoke) broker.sendPlain(connection, 0, { type: 'heartbeat' });
  connection.spoke = false;
  arm(broker, connection);
}
