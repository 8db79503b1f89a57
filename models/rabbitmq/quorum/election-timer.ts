import { Distribution } from '../../../sim/kernel/distribution.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import type { BrokerIndex, QueueHost } from '../queue.ts';

/** How long a leader may be silent: what `aten`, which watches nodes, takes to suspect one. */
const SUSPECTED_AFTER: Micros = seconds(5);
/** A leader shows itself so often. */
export const TICK: Micros = seconds(1);
/** Once a leader is known to be gone (`ra_server_proc`, broadcast time 100 ms). */
const DELAY = Distribution.uniform(millis(100), millis(600));

/** What the timer looks at when it comes up. */
interface Candidate {
  readonly isLeader: boolean;
  readonly leader: BrokerIndex;
  onElectionTimeout(): void;
}

/**
 * When a member asks for votes. Leaders are heard often: the timer looks now and then how long ago
 * that was, instead of being set anew each time.
 */
export class ElectionTimer {
  readonly #host: QueueHost;
  readonly #queue: number;
  readonly #code: number;
  #handle: Handle = NO_HANDLE;
  #heard: Micros = 0;
  #draws = 0;

  constructor(host: QueueHost, queue: number, code: number) {
    this.#host = host;
    this.#queue = queue;
    this.#code = code;
  }

  /** The node where the queue is declared asks to lead; after a restart all wait for one. */
  start(members: readonly BrokerIndex[]): void {
    const { boot, node } = this.#host;
    if (members.length === 1 || (boot === 1 && members[0] === node)) this.#await(0);
    else this.#await(boot === 1 ? SUSPECTED_AFTER : this.#delay());
  }

  /** A leader was heard; `soon`: it is known to be gone. */
  heard(soon: boolean): void {
    this.#heard = this.#host.out.now;
    if (soon) this.#await(this.#delay());
  }

  /** This member leads no more. */
  stoodDown(): void {
    this.#await(SUSPECTED_AFTER);
  }

  onTimer(raft: Candidate): void {
    this.#handle = NO_HANDLE;
    if (raft.isLeader) return;
    const silence = this.#host.out.now - this.#heard;
    if (raft.leader >= 0 && silence < SUSPECTED_AFTER) {
      return this.#await(SUSPECTED_AFTER - silence);
    }
    raft.onElectionTimeout();
    if (!raft.isLeader) this.#await(TICK + this.#delay());
  }

  #await(span: Micros): void {
    this.#host.out.cancel(this.#handle);
    this.#handle = this.#host.timer(this.#queue, span, this.#code);
  }

  /** Random, so that not all ask at once. */
  #delay(): Micros {
    const { out, boot, layout } = this.#host;
    const { about } = layout.queues[this.#queue];
    return out.sample(out.names.id('election'), about, ++this.#draws, boot, DELAY);
  }
}
