import type { Micros } from '../../../sim/kernel/time.ts';
import type { Content } from '../protocol.ts';
import type { BrokerIndex } from '../queue.ts';

/** A consumer of the queue in the whole run: see `consumerKey`. */
export type ConsumerKey = number;

/** Tags of one channel lie below this; -1 stands for what it took by basic.get. */
const TAGS = 2 ** 20;

export function consumerKey(channel: number, tag: number): ConsumerKey {
  return channel * TAGS + tag + 1;
}

export function channelOf(key: ConsumerKey): number {
  return Math.floor(key / TAGS);
}

export function tagOf(key: ConsumerKey): number {
  return (key % TAGS) - 1;
}

/** Commands of one channel are told apart by numbers below this. */
export const CORRS = 2 ** 20;

/** Whoever is no channel sends once, without a number to know a repeat by. */
export const UNTRACKED = 0;

/** A publishing channel makes itself known, and hears whether the queue takes messages. */
export interface RegisterEnqueuer {
  readonly is: 'register_enqueuer';
  readonly channel: number;
  readonly node: BrokerIndex;
}

export interface Enqueue {
  readonly is: 'enqueue';
  readonly channel: number;
  /** Counts the channel's messages to this queue, from 1; or `UNTRACKED`. */
  readonly seqno: number;
  readonly content: Content;
}

export interface Checkout {
  readonly is: 'checkout';
  readonly key: ConsumerKey;
  readonly node: BrokerIndex;
  /** Deliveries that may be unsettled, at least 1. */
  readonly prefetch: number;
  readonly priority: number;
}

/** basic.get. */
export interface Dequeue {
  readonly is: 'dequeue';
  readonly key: ConsumerKey;
  readonly node: BrokerIndex;
  readonly settled: boolean;
}

export interface Settle {
  readonly is: 'settle' | 'return' | 'discard';
  readonly key: ConsumerKey;
  readonly ids: readonly number[];
  /** Of a return: does it count as a failed delivery from 4.3 on? */
  readonly failed: boolean;
}

/** A node cannot be reached, or can be again; or has been out of reach for too long. */
export interface NodeChange {
  readonly is: 'noconnection' | 'nodeup' | 'disconnected_timeout';
  readonly node: BrokerIndex;
}

/** What `rabbit_fifo` applies, in the order of the log; named as there. */
export type Command =
  | RegisterEnqueuer
  | Enqueue
  | Checkout
  | Dequeue
  | Settle
  | NodeChange
  | { readonly is: 'cancel'; readonly key: ConsumerKey }
  | { readonly is: 'purge' }
  /** The channel is gone for good. */
  | { readonly is: 'down'; readonly channel: number }
  | { readonly is: 'expire_msgs' }
  | { readonly is: 'update_config'; readonly config: FifoConfig }
  /** The dead-letter worker of a new leader begins; it has seen these to their targets. */
  | { readonly is: 'dlx_checkout' }
  | { readonly is: 'dlx_settle'; readonly ids: readonly number[] }
  /** What a new leader appends, to commit what stands before it. */
  | { readonly is: 'noop' };

/** Limits are -1 where there is none. */
export interface FifoConfig {
  readonly maxLength: number;
  readonly maxBytes: number;
  readonly overflow: 'drop_head' | 'reject_publish';
  readonly deliveryLimit: number;
  readonly messageTtl: Micros;
  readonly deadLetter: 'none' | 'at_most_once' | 'at_least_once';
  readonly singleActive: boolean;
}

/** What of the machine depends on the version. */
export interface FifoRules {
  /** 4.3: strict, 0 to 31. 4.0 to 4.2: two classes, two high for one normal. Before: none. */
  readonly priorities: 'none' | 'two' | 'strict';
  /** Up to 4.2 whatever comes back has failed; from 4.3 a nack alone has not. */
  readonly everyReturnFails: boolean;
  /** From 4.3 what a node out of reach holds is its own for so long; -1: it comes back at once. */
  readonly disconnectedTimeout: Micros;
}
