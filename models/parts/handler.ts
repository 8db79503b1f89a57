import type { MessageId, NodeId } from '../../sim/kernel/node.ts';
import type { Micros } from '../../sim/kernel/time.ts';

/**
 * Somebody's own code in place of what `process:` of a scenario describes. It is written as it
 * would be in earnest: a function that is called for each message, or a generator that waits for a
 * database and a service with `yield*`. Each `yield*` is a place where a crash can strike.
 */

/** What own code can ask of the world. It is made by `Tools`, and done outside of own code. */
export type Ask =
  | { readonly is: 'sleep'; readonly span: Micros }
  | { readonly is: 'transaction'; readonly body: (tx: Transaction) => unknown }
  | { readonly is: 'call'; readonly message: MessageId; readonly idempotencyKey: string }
  | { readonly is: 'apply'; readonly message: MessageId };

/** Code that waits: what a `function*` returns. */
export type Steps<Result = void> = Generator<Ask, Result, unknown>;

/** One message as own code sees it. */
export interface Received {
  /** "checkout/17": the same at every delivery of the same message. */
  readonly id: string;
  readonly producer: string;
  /** Its place among its producer's messages, from 0. */
  readonly number: number;
  /** Undefined when it was sent without. */
  readonly key: string | undefined;
  /**
   * What it holds, if the test says so. Of a message that is `poison` it throws, as a parser would.
   */
  readonly value: unknown;
  /** Number of its partition or queue. */
  readonly partition: number;
  readonly offset: number;
  /** How often it has been handed out, where the real broker tells it; Kafka's groups do not. */
  readonly deliveries: number | undefined;
}

/** What runs within a database, at one instant: all of it happens, or nothing when it throws. */
export interface Transaction {
  /** A copy of a row, or undefined. */
  get(key: string): unknown;
  /** Numbers, texts, lists, plain objects: what `structuredClone` can copy. */
  set(key: string, value: unknown): void;
  delete(key: string): void;
  /** Keys of all rows that start with `prefix`, in order. */
  keys(prefix?: string): readonly string[];
  /** This transaction is the message's effect. */
  apply(message: MessageRef): void;
}

/** A message, or the `id` that was kept of it. */
export type MessageRef = string | { readonly id: string };

/** All that own code may use besides its own memory. */
export interface Tools {
  /** Of this process: "payments-1". */
  readonly name: string;
  /** Milliseconds, by this process's own clock. */
  readonly now: number;
  /** A whole number from 0 up to below `n`, drawn by the seed. */
  random(n: number): number;
  sleep(milliseconds: number): Steps;
  readonly database: {
    /** Throws what `body` throws, and `Unanswered` when no answer came in time. */
    transaction<Result>(body: (tx: Transaction) => Result): Steps<Result>;
    get(key: string): Steps<unknown>;
    set(key: string, value: unknown): Steps;
  };
  readonly api: {
    /**
     * Calls the external service about a message: that is its effect. Calls with one idempotency
     * key happen once. Throws `Unanswered` when no answer came in time.
     */
    call(message: MessageRef, options?: { readonly idempotencyKey?: string }): Steps;
  };
  /** The effect of a message in the memory of this process. */
  apply(message: MessageRef): Steps;
}

/**
 * Called for each message; what it throws rejects the message, and it comes again as the system has
 * it. What a plain function returns from without a throw took effect in memory, unless it returns
 * false; a generator says itself what took effect.
 */
export type OnMessage = (message: Received) => Steps<unknown> | boolean | void;

export interface Handler {
  readonly onMessage: OnMessage;
  /** Partitions are this process's from now on (Kafka). They are numbers, as in `Received`. */
  readonly onAssigned?: (partitions: readonly number[]) => void;
  /** They are taken away in good order, or (`onLost`) somebody else has them already. */
  readonly onRevoked?: (partitions: readonly number[]) => void;
  /** `onRevoked` without it. */
  readonly onLost?: (partitions: readonly number[]) => void;
}

/** Called when a process starts, and again after each crash: what it holds in memory is gone. */
export type StartHandler = (tools: Tools) => Handler | OnMessage;

/** A process beside the consumers that runs as long as its code does: an outbox relay. */
export type StartService = (tools: Tools) => Steps<unknown>;

/** Own code, with all that it takes to run it. */
export interface OwnCode {
  /** Names of all producers of the scenario, in order: message ids are made of them. */
  readonly producers: readonly string[];
  /** What a message holds. */
  readonly valueOf: (message: { producer: string; number: number; key?: string }) => unknown;
  /** Hears what own code throws. */
  readonly onThrow: (thrown: unknown, process: string, message: string) => void;
  /** Where the database and the external service are; set when the run is built. */
  readonly sinks: Sinks;
}

export interface Sinks {
  readonly database: NodeId;
  readonly api: NodeId;
}

export interface HandlerPlan extends OwnCode {
  readonly start: StartHandler;
}

export interface ServicePlan extends OwnCode {
  readonly name: string;
  readonly start: StartService;
  /** Whose messages it works on. */
  readonly subscription: number;
  /** How long a call to a sink may take. */
  readonly timeout: Micros;
}

/** No answer came in time: it may have happened, and it may not. */
export class Unanswered extends Error {
  override name = 'Unanswered';
}

/** Own code that no run can be made of: it is told at once, and no message is rejected for it. */
export class HandlerMistake extends Error {
  override name = 'HandlerMistake';
}
