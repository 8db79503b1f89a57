import type { Arguments, Content, QueueMessage } from '../protocol.ts';
import type { QueueDelivery, Refusal, Settlement } from '../queue.ts';

/**
 * What nodes say to each other about a classic queue that lives on one of them. Channels and
 * publishes are numbered by the node that has them.
 */
export interface ToHome extends QueueMessage {
  readonly type:
    | 'classic.publish'
    | 'classic.consume'
    | 'classic.cancel'
    | 'classic.get'
    | 'classic.settle'
    | 'classic.down'
    | 'classic.room'
    | 'classic.purge'
    | 'classic.touch'
    | 'classic.remove';
  /** Which declaration of the queue is meant. */
  readonly life: number;
  readonly channel: number;
  readonly ref: number;
  readonly content?: Content;
  readonly consumer?: ConsumerWords;
  readonly noAck?: boolean;
  readonly how?: Settlement;
  readonly handles?: readonly number[];
  readonly why?: string;
}

/** A basic.consume in words. */
export interface ConsumerWords {
  readonly tag: number;
  readonly noAck: boolean;
  readonly prefetch: number;
  readonly exclusive: boolean;
  readonly priority: number;
  readonly args: Arguments;
  /** Prefetch of the whole channel, as far as this queue can keep it. */
  readonly channelPrefetch: number;
}

export interface FromHome extends QueueMessage {
  readonly type:
    | 'classic.confirm'
    | 'classic.reject'
    | 'classic.consume-ok'
    | 'classic.deliver'
    | 'classic.cancelled'
    | 'classic.got'
    | 'classic.purged';
  /** Which declaration of the queue is meant. */
  readonly life: number;
  readonly channel: number;
  readonly ref: number;
  readonly refusal?: Refusal;
  readonly delivery?: QueueDelivery;
  readonly left?: number;
  readonly why?: string;
}

export const CLASSIC_MESSAGES: readonly (ToHome | FromHome)['type'][] = [
  'classic.publish',
  'classic.confirm',
  'classic.reject',
  'classic.consume',
  'classic.consume-ok',
  'classic.cancel',
  'classic.cancelled',
  'classic.deliver',
  'classic.get',
  'classic.got',
  'classic.settle',
  'classic.down',
  'classic.room',
  'classic.purge',
  'classic.purged',
  'classic.touch',
  'classic.remove',
];
