import type { Distribution } from '../../sim/kernel/distribution.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { MessageId, NodeId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Micros, Ppm } from '../../sim/kernel/time.ts';
import { type Calls } from './calls.ts';
import type { HandlerPlan } from './handler.ts';
import { OwnHandler } from './own-handler.ts';
import { backoff, type RetryPlan } from './retry.ts';

/**
 * What the application behind a consumer does with each message: the same words for all systems.
 */
export interface HandlingPlan {
  /** Processing time of one message. */
  readonly takes: Distribution;
  /**
   * When the broker is told: before processing, after it, in one transaction with the effect, or by
   * the client's own timer (`auto`, where the system has one).
   */
  readonly acknowledge: 'before' | 'after' | 'with-effect' | 'auto';
  /** How a client that commits positions itself does so, with `after` or `before`. */
  readonly commit?: CommitPlan;
  /** Messages handled at a time by one instance; more than 1 hands them to workers. */
  readonly workers: number;
  /** `output`: a message made of this one; it takes effect where it is stored. */
  readonly effect: 'local' | 'database' | 'api' | 'output';
  readonly idempotency: IdempotencyPlan;
  /** Does a call to the external service carry a key that it recognises a repeat by? */
  readonly idempotencyKeys: boolean;
  /** Tries within one delivery, of processing that failed and of sinks that did not answer. */
  readonly retry: RetryPlan;
  /** Chance that one try of processing fails for a passing reason. */
  readonly fails: Ppm;
  /** What happens to a message whose tries are used up. */
  readonly exhausted: 'leave' | 'skip';
  /** How long a call to a sink may take. */
  readonly timeout: Micros;
  /** Somebody's own code in place of effect and idempotency. */
  readonly own?: HandlerPlan;
}

export interface CommitPlan {
  /** Polls between two commits. */
  readonly every: number;
  /** Does the application wait for each, and try again? */
  readonly sync: boolean;
  /** Does it commit what it has processed when partitions are taken from it? */
  readonly onRevoke: boolean;
}

/** Waited for, after every poll. */
export const EVERY_POLL: CommitPlan = { every: 1, sync: true, onRevoke: false };

export interface IdempotencyPlan {
  readonly by: 'none' | 'message-id' | 'sequence' | 'window';
  /** For `window`: how long an id is remembered. */
  readonly window: Micros;
  /** Is "seen already?" asked in the transaction that applies the effect, or before it? */
  readonly check: 'inside' | 'outside';
}

/** One message as handed to the application. */
export interface Delivery {
  readonly message: MessageId;
  readonly key: number;
  /** Place of the message among its producer's, for idempotency by sequence. */
  readonly sequence: number;
  readonly poison: boolean;
  readonly stream: number;
  readonly position: number;
  /** How often it has been handed out, this time included, as far as the broker tells. */
  readonly attempt: number;
  /** How often it was handed out, as the real broker tells its clients; not every one does. */
  readonly deliveries?: number;
}

/**
 * `done`: handled, effect applied or recognised as a repeat. `failed`: tries used up, the message
 * shall come again. `skipped`: tries used up, the application gives it up.
 */
export type Outcome = 'done' | 'failed' | 'skipped';

/** The application of one consumer instance. Its memory is lost with the process. */
export class Application {
  readonly plan: HandlingPlan;
  readonly #subscription: number;
  readonly #out: Out;
  readonly #calls: Calls;
  readonly #sink: NodeId;
  readonly #about: NameId;
  readonly #names: { takes: NameId; fails: NameId };
  /** Ids that this process remembers, for idempotency without a database. */
  readonly #seen = new Map<number, Micros>();
  readonly #highest = new Map<number, number>();
  readonly #own: OwnHandler | undefined;

  /** `sink` is the database or the external service that the plan names, -1 for `local`. */
  constructor(plan: HandlingPlan, subscription: number, sink: NodeId, calls: Calls, out: Out) {
    this.plan = plan;
    this.#subscription = subscription;
    this.#sink = sink;
    this.#calls = calls;
    this.#out = out;
    this.#about = out.names.id('message');
    this.#own = plan.own && new OwnHandler(plan.own, subscription, calls, out);
    this.#names = { takes: out.names.id('takes'), fails: out.names.id('fails') };
  }

  /** Handles one delivery in `task`: `delivered`, tries with backoff, `handled`. */
  *handle(delivery: Delivery, task: Task): Program<Outcome> {
    const { message, stream, position } = delivery;
    const { retry, exhausted } = this.plan;
    this.#out.fact(Fact.delivered, message, this.#subscription, stream, position);
    let outcome: Outcome = 'failed';
    for (let attempt = 1; attempt <= retry.attempts; attempt++) {
      if (yield* this.#try(delivery, attempt, task)) {
        outcome = 'done';
        break;
      }
      if (attempt < retry.attempts) {
        const round = roundOf(delivery, attempt);
        yield backoff(retry, attempt, this.#out, this.#about, message, round);
      } else if (exhausted === 'skip') outcome = 'skipped';
    }
    this.#out.fact(Fact.handled, message, this.#subscription, OUTCOMES.indexOf(outcome));
    return outcome;
  }

  /** The rebalance listener, where a system has one: these streams are this process's. */
  assigned(streams: readonly number[]): void {
    this.#own?.assigned(streams);
  }

  /** `lost`: somebody else may have them already. */
  revoked(streams: readonly number[], lost = false): void {
    if (lost) this.#own?.lost(streams);
    else this.#own?.revoked(streams);
  }

  *#try(delivery: Delivery, attempt: number, task: Task): Program<boolean> {
    const { plan } = this;
    const nr = delivery.message;
    const round = roundOf(delivery, attempt);
    if (plan.idempotency.check === 'outside') {
      if (yield* this.#alreadyDone(delivery, round, task)) return true;
    }
    yield this.#out.sample(this.#names.takes, this.#about, nr, round, plan.takes);
    // Own code finds out by itself what it cannot read.
    if (delivery.poison && this.#own === undefined) return false;
    if (plan.fails > 0) {
      const failed = this.#out.choose(this.#names.fails, this.#about, nr, round, 2, plan.fails);
      if (failed !== 0) return false;
    }
    if (this.#own !== undefined) return yield* this.#own.handle(delivery, round, task);
    return yield* this.#apply(delivery, round, task);
  }

  *#alreadyDone(delivery: Delivery, round: number, task: Task): Program<boolean> {
    const { by } = this.plan.idempotency;
    if (by === 'none') return false;
    if (this.plan.effect !== 'database') return this.#remembers(delivery);
    const request = { type: 'SelectProcessed', ...this.#identity(delivery) };
    const nr = delivery.message;
    const reply = yield* this.#calls.call(task, this.#sink, request, this.#about, nr, round);
    return reply?.type === 'SelectProcessedResponse' && (reply as { seen?: boolean }).seen === true;
  }

  *#apply(delivery: Delivery, round: number, task: Task): Program<boolean> {
    const { effect, idempotency, acknowledge } = this.plan;
    const { message, stream, position } = delivery;
    if (effect === 'output') return true;
    if (effect === 'local') {
      if (idempotency.check === 'inside' && this.#remembers(delivery)) return true;
      this.#remember(delivery);
      this.#out.fact(Fact.effect, message, this.#subscription, -1);
      return true;
    }
    const identity = this.#identity(delivery);
    const request =
      effect === 'api'
        ? { type: 'ChargeRequest', idempotencyKey: this.#idempotencyKey(message), ...identity }
        : {
            type: 'Transaction',
            unique: idempotency.by !== 'none' && idempotency.check === 'inside',
            position: acknowledge === 'with-effect' ? { stream, next: position + 1 } : undefined,
            ...identity,
          };
    const reply = yield* this.#calls.call(task, this.#sink, request, this.#about, message, round);
    if (reply === undefined || (reply as { ok?: boolean }).ok !== true) return false;
    if (effect === 'api') this.#remember(delivery);
    return true;
  }

  #idempotencyKey(message: MessageId): string {
    return this.plan.idempotencyKeys ? `${this.#subscription}/${message}` : '';
  }

  #identity(delivery: Delivery) {
    const { message, key, sequence } = delivery;
    const { by, window } = this.plan.idempotency;
    const carries = [message];
    return { message, key, sequence, subscription: this.#subscription, by, window, carries };
  }

  #remembers({ message, key, sequence }: Delivery): boolean {
    const { by, window } = this.plan.idempotency;
    if (by === 'none') return false;
    if (by === 'sequence') return sequence <= (this.#highest.get(key) ?? -1);
    const since = this.#seen.get(message);
    return since !== undefined && (by === 'message-id' || this.#out.clock - since < window);
  }

  #remember({ message, key, sequence }: Delivery): void {
    const { by } = this.plan.idempotency;
    if (by === 'none') return;
    if (by === 'sequence') this.#highest.set(key, Math.max(sequence, this.#highest.get(key) ?? -1));
    else this.#seen.set(message, this.#out.clock);
  }
}

/** The same message handled again is another piece of work with another duration. */
function roundOf(delivery: Delivery, attempt: number): number {
  return delivery.attempt * 1000 + attempt;
}

export const OUTCOMES: readonly Outcome[] = ['done', 'failed', 'skipped'];
