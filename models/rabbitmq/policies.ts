import { millis, type Micros } from '../../sim/kernel/time.ts';
import type { QueueLimits } from './layout.ts';
import type { Arguments, ArgumentValue } from './protocol.ts';

/** As in a definitions file. */
export interface Policy {
  readonly name: string;
  readonly pattern: string;
  readonly 'apply-to'?: string;
  readonly priority?: number;
  readonly definition: Readonly<Record<string, ArgumentValue>>;
}

/**
 * What holds for a queue: its arguments, and the matching policy of the highest priority. Of two
 * numeric limits the smaller one wins, of other settings the argument.
 */
export function withPolicies(
  queue: string,
  args: Arguments,
  policies: readonly Policy[],
): QueueLimits {
  const policy = policyOf(queue, policies);
  const merged = new Map(args);
  for (const [key, value] of Object.entries(policy?.definition ?? {})) {
    const argument = merged.get(`x-${key}`);
    if (argument === undefined) merged.set(`x-${key}`, value);
    else if (typeof argument === 'number' && typeof value === 'number') {
      merged.set(`x-${key}`, Math.min(argument, value));
    }
  }
  return limitsOf(merged);
}

function policyOf(queue: string, policies: readonly Policy[]): Policy | undefined {
  let best: Policy | undefined;
  for (const policy of policies) {
    const to = policy['apply-to'] ?? 'all';
    if (to === 'exchanges' || !matches(policy.pattern, queue)) continue;
    if (best === undefined || (policy.priority ?? 0) > (best.priority ?? 0)) best = policy;
  }
  return best;
}

/**
 * Patterns of policies are regular expressions. A scenario is untrusted, so only the usual ones are
 * read, without an engine that could run away: an exact or partial name, `^`, `$` and `.*`.
 */
function matches(pattern: string, name: string): boolean {
  const [from, to] = [pattern.startsWith('^'), pattern.endsWith('$')];
  const parts = pattern.slice(from ? 1 : 0, to ? -1 : undefined).split('.*');
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    const found = last && to ? name.lastIndexOf(part) : name.indexOf(part, at);
    if (found < at || (i === 0 && from && found !== 0)) return false;
    at = found + part.length;
  }
  return !to || at === name.length;
}

function limitsOf(args: Arguments): QueueLimits {
  const number = (key: string): number => {
    const value = args.get(key);
    return typeof value === 'number' ? value : -1;
  };
  const span = (key: string): Micros => (number(key) < 0 ? -1 : millis(number(key)));
  const text = (key: string): string | undefined => {
    const value = args.get(key);
    return value === undefined || value === null ? undefined : String(value);
  };
  return {
    messageTtl: span('x-message-ttl'),
    expires: span('x-expires'),
    maxLength: number('x-max-length'),
    maxLengthBytes: number('x-max-length-bytes'),
    overflow: text('x-overflow') ?? 'drop-head',
    deadLetterExchange: text('x-dead-letter-exchange'),
    deadLetterRoutingKey: text('x-dead-letter-routing-key'),
    maxPriority: Math.max(0, number('x-max-priority')),
    singleActiveConsumer: args.get('x-single-active-consumer') === true,
    consumerTimeout: span('x-consumer-timeout'),
    args,
  };
}
