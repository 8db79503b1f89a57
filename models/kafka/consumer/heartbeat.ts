import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { Kind } from '../client/network-client.ts';
import type { ClientResponse } from '../protocol.ts';
import type { Host } from './group-member.ts';
import type { Membership } from './membership.ts';

/**
 * The heartbeat thread of a classic member. It beats while the application processes, and ends the
 * membership of one that polls too seldom. Source: `AbstractCoordinator.HeartbeatThread`, KIP-62.
 */
export class Heartbeat {
  readonly #host: Host;
  readonly #member: Membership;
  readonly #timerCode: number;
  #beating = false;
  #timer: Handle = NO_HANDLE;
  #heard: Micros = 0;

  constructor(host: Host, member: Membership, timerCode: number) {
    this.#host = host;
    this.#member = member;
    this.#timerCode = timerCode;
  }

  /** The member is stable. */
  start(): void {
    this.#heard = this.#host.out.clock;
    this.#beating = false;
    this.#schedule();
  }

  #schedule(): void {
    const { config, out, polling, lastPoll } = this.#host;
    out.cancel(this.#timer);
    let wait = config.heartbeatInterval;
    if (!polling) wait = Math.min(wait, Math.max(1, lastPoll + config.maxPollInterval - out.clock));
    this.#timer = out.timer(wait, this.#timerCode);
  }

  onTimer(): void {
    const { phase, generation, memberId: member, fatal } = this.#member;
    if (phase !== 'stable' || generation < 0 || fatal !== undefined) return;
    const { client, config, link, out, polling, lastPoll } = this.#host;
    const now = out.clock;
    if (!polling && now - lastPoll >= config.maxPollInterval) return this.#member.leaveLate();
    this.#schedule();
    if (now - this.#heard > config.sessionTimeout) {
      link.forget();
      // The next one has a whole session to answer, or it would be given up before its first beat.
      this.#heard = now;
    }
    const coordinator = link.now();
    if (coordinator < 0 || this.#beating) return;
    this.#beating = true;
    const correlation = client.next(coordinator, Kind.heartbeat);
    const { group, groupName } = link;
    const { groupInstance: instance } = this.#host;
    client.send(
      coordinator,
      Kind.heartbeat,
      { type: 'HeartbeatRequest', correlation, group, generation, member, instance },
      groupName,
      generation,
    );
  }

  onResponse(generation: number, response: ClientResponse): void {
    this.#beating = false;
    if (generation !== this.#member.generation || response.type !== 'HeartbeatResponse') return;
    if (response.error === 'NONE' || response.error === 'REBALANCE_IN_PROGRESS') {
      this.#heard = this.#host.out.clock;
    }
    if (response.error !== 'NONE') this.#member.reject(response.error);
  }

  onLost(): void {
    this.#beating = false;
    this.#host.link.forget();
  }
}
