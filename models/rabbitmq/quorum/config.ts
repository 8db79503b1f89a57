import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import { olderThan } from '../../parts/config.ts';
import type { QueueLimits } from '../layout.ts';
import type { FifoConfig, FifoRules } from './commands.ts';

/** `dead_letter_worker_publisher_confirm_timeout`. */
export const CONFIRM_TIMEOUT: Micros = seconds(180);
/** How long a first publish waits to hear whether the queue takes messages: net tick and 5 s. */
export const GIVE_UP_AFTER: Micros = seconds(65);
/** Failed deliveries that a message is allowed, from 4.0 on. */
const DEFAULT_DELIVERY_LIMIT = 20;
/** `consumer_disconnected_timeout`, from 4.3 on. */
const DISCONNECTED_TIMEOUT: Micros = seconds(60);

export function fifoRules(version: string): FifoRules {
  const isOld = olderThan(version, '4.3');
  return {
    priorities: olderThan(version, '4.0') ? 'none' : isOld ? 'two' : 'strict',
    everyReturnFails: isOld,
    disconnectedTimeout: isOld ? -1 : DISCONNECTED_TIMEOUT,
  };
}

/** What the machine is told of the arguments and policies in force. */
export function fifoConfig(limits: QueueLimits, version: string): FifoConfig {
  const { maxLength, maxLengthBytes, messageTtl, deadLetterExchange, args } = limits;
  const limit = args.get('x-delivery-limit');
  const byDefault = olderThan(version, '4.0') ? -1 : DEFAULT_DELIVERY_LIMIT;
  const refuses = limits.overflow === 'reject-publish';
  const strategy = args.get('x-dead-letter-strategy');
  // At least once needs a queue that refuses: one that drops its head could not wait.
  const isSafe = strategy === 'at-least-once' && refuses && deadLetterExchange !== undefined;
  return {
    maxLength,
    maxBytes: maxLengthBytes,
    overflow: refuses ? 'reject_publish' : 'drop_head',
    deliveryLimit: typeof limit === 'number' ? Math.max(-1, limit) : byDefault,
    messageTtl,
    deadLetter: isSafe
      ? 'at_least_once'
      : deadLetterExchange === undefined
        ? 'none'
        : 'at_most_once',
    singleActive: limits.singleActiveConsumer,
  };
}

/** How long a queue may be silent: until it tries dead letters again, or a publish is given up. */
export function patienceOf({ limits }: { readonly limits: QueueLimits }): Micros {
  const isSafe = limits.args.get('x-dead-letter-strategy') === 'at-least-once';
  return isSafe ? 2 * CONFIRM_TIMEOUT : GIVE_UP_AFTER;
}

/** Members of the group: so many nodes, the home node first. */
export function membersOf(home: number, nodes: number, { args }: QueueLimits): number[] {
  const size = args.get('x-quorum-initial-group-size');
  const count = Math.min(nodes, typeof size === 'number' ? size : 3);
  return Array.from({ length: count }, (_, i) => (home + i) % nodes);
}
