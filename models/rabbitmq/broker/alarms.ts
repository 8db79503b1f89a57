import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import { RESOURCE_ALARM, type ResourceAlarm } from '../protocol.ts';
import type { BrokerIndex } from '../queue.ts';
import type { Broker } from './broker.ts';
import type { Connection } from './connection.ts';
import { Timer } from './timers.ts';

/** `memory_monitor_interval`; the disk is looked at every 10 s. */
const MEMORY_EVERY: Micros = millis(2_500);
const DISK_EVERY: Micros = seconds(10);

/**
 * Memory and disk alarms. They hold for the whole cluster: while any node has one, a connection
 * that publishes is not read; one that only consumes goes on.
 */
export class Alarms {
  readonly #broker: Broker;
  /** Nodes with an alarm, this one included, and by which resource. */
  readonly #set = new Map<BrokerIndex, Set<ResourceAlarm['resource']>>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  start(): void {
    const { out, layout } = this.#broker;
    const { memoryLimit, disk } = layout.server;
    if (memoryLimit >= 0) out.timer(MEMORY_EVERY, Timer.alarm, 'memory');
    if (disk >= 0) out.timer(DISK_EVERY, Timer.alarm, 'disk');
  }

  get areOn(): boolean {
    return this.#set.size > 0;
  }

  /** Looks at one resource of this node, and again after a while. */
  onTimer(resource: ResourceAlarm['resource']): void {
    const { out, layout, node } = this.#broker;
    const { memoryLimit, diskLimit, disk } = layout.server;
    const isMemory = resource === 'memory';
    const over = isMemory ? this.#memory() > memoryLimit : disk - this.#disk() < diskLimit;
    out.timer(isMemory ? MEMORY_EVERY : DISK_EVERY, Timer.alarm, resource);
    if (over === (this.#set.get(node)?.has(resource) === true)) return;
    out.became(`${resource} alarm`, over ? 'clear' : 'set', over ? 'set' : 'clear', 'checked');
    this.change(node, resource, over);
    layout.brokers.forEach((id, peer) => {
      if (peer === node) return;
      const message: ResourceAlarm = { type: RESOURCE_ALARM, resource, over };
      out.send(id, message, out.names.id(resource), out.now, this.#broker.boot);
    });
  }

  #memory(): number {
    return this.#broker.queues.reduce((sum, queue) => sum + (queue?.memory ?? 0), 0);
  }

  #disk(): number {
    return this.#broker.queues.reduce((sum, queue) => sum + (queue?.disk ?? 0), 0);
  }

  change(node: BrokerIndex, resource: ResourceAlarm['resource'], over: boolean): void {
    const wasOn = this.areOn;
    const own = this.#set.get(node) ?? new Set();
    if (over) own.add(resource);
    else own.delete(resource);
    if (own.size === 0) this.#set.delete(node);
    else this.#set.set(node, own);
    if (wasOn !== this.areOn) this.#tell();
  }

  /** A node that is gone has no alarm. */
  nodeDown(node: BrokerIndex): void {
    const wasOn = this.areOn;
    this.#set.delete(node);
    if (wasOn !== this.areOn) this.#tell();
  }

  #tell(): void {
    for (const connection of this.#broker.connections.values()) this.apply(connection);
  }

  /** Blocks or unblocks a connection, and tells its client; one that never published is let be. */
  apply(connection: Connection): void {
    const blocks = this.areOn && connection.publishes;
    if (connection.isBlocked === blocks) return;
    connection.isBlocked = blocks;
    const type = blocks ? 'connection.blocked' : 'connection.unblocked';
    this.#broker.sendPlain(connection, 0, { type });
    if (!blocks) this.#broker.flow(connection);
  }
}
