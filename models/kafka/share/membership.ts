import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import { millis } from '../../../sim/kernel/time.ts';
import { Kind } from '../client/network-client.ts';
import type { PartitionIndex, ShareGroupHeartbeatResponse } from '../protocol.ts';
import type { ShareConsumer } from './consumer.ts';

/**
 * The client's end of a share group: one heartbeat joins, keeps and leaves. Source:
 * `ShareHeartbeatRequestManager`, `AbstractHeartbeatRequestManager`.
 */
export class ShareMembership {
  /** What this member reads; others may read the same. */
  partitions: readonly PartitionIndex[] = [];
  readonly member: string;
  readonly #consumer: ShareConsumer;
  readonly #timerCode: number;
  /** 0: not a member, joins with the next heartbeat. */
  #epoch = 0;
  #open = false;
  #due = true;
  #timer: Handle = NO_HANDLE;

  constructor(consumer: ShareConsumer, member: string, timerCode: number) {
    this.#consumer = consumer;
    this.member = member;
    this.#timerCode = timerCode;
  }

  /** Sends a heartbeat if one is due and can be sent. */
  keep(): void {
    const { link, out, polling, lastPoll, config, stopping } = this.#consumer;
    if (!this.#due || this.#open || stopping) return;
    if (!polling && out.clock - lastPoll >= config.maxPollInterval) {
      if (this.#epoch > 0) this.#leaveLate();
      return;
    }
    if (link.now() < 0) return this.#again(millis(100));
    this.#due = false;
    this.#open = true;
    this.#send(this.#epoch);
  }

  #send(memberEpoch: number): void {
    const { client, link, plan } = this.#consumer;
    const coordinator = link.known;
    const correlation = client.next(coordinator, Kind.shareHeartbeat);
    const { group, groupName } = link;
    const { member } = this;
    const type = 'ShareGroupHeartbeatRequest';
    const request = { type, correlation, group, member, memberEpoch, topic: plan.from } as const;
    client.send(coordinator, Kind.shareHeartbeat, request, groupName, memberEpoch);
  }

  #again(after: number): void {
    const { out } = this.#consumer;
    out.cancel(this.#timer);
    this.#timer = out.timer(after, this.#timerCode);
  }

  onTimer(): void {
    this.#due = true;
    this.keep();
  }

  onResponse(response: ShareGroupHeartbeatResponse): void {
    this.#open = false;
    if (response.memberEpoch < 0 && response.error === 'NONE') return;
    switch (response.error) {
      case 'NONE':
        this.#epoch = response.memberEpoch;
        this.partitions = response.partitions;
        return this.#again(response.interval);
      case 'UNKNOWN_MEMBER_ID':
        this.#epoch = 0;
        this.partitions = [];
        break;
      default:
        this.#consumer.link.forget();
    }
    this.#again(this.#consumer.config.retry.base);
  }

  onLost(): void {
    this.#open = false;
    this.#consumer.link.forget();
    this.#again(this.#consumer.config.retry.base);
  }

  /** poll() was not called for `max.poll.interval.ms`; the next one joins again. */
  #leaveLate(): void {
    const { out } = this.#consumer;
    out.count(out.names.id('poll.interval.exceeded'));
    this.leave();
  }

  leave(): void {
    const { link } = this.#consumer;
    if (this.#epoch > 0 && link.now() >= 0) this.#send(-1);
    this.#epoch = 0;
    this.partitions = [];
  }
}
