import type { Micros } from '../../../sim/kernel/time.ts';
import type { Settings } from '../../parts/config.ts';
import type { Acks } from '../protocol.ts';
import { micros } from './spans.ts';

/** Settings that concern transactions, of brokers and of producers. */
export interface TransactionConfig {
  readonly maxTimeout: Micros;
  /** How often transactions that take too long are looked for. */
  readonly abortEvery: Micros;
  readonly idExpiration: Micros;
  readonly expireEvery: Micros;
  /** Partitions of `__transaction_state`. */
  readonly partitions: number;
  /** Is the coordinator asked before the first append of a transaction to a partition? */
  readonly verifies: boolean;
}

export function readTransactions(s: Settings): TransactionConfig {
  return {
    maxTimeout: micros(s, 'transaction.max.timeout.ms'),
    abortEvery: micros(s, 'transaction.abort.timed.out.transaction.cleanup.interval.ms'),
    idExpiration: micros(s, 'transactional.id.expiration.ms'),
    expireEvery: micros(s, 'transaction.remove.expired.transaction.cleanup.interval.ms'),
    partitions: s.number('transaction.state.log.num.partitions'),
    verifies: s.flag('transaction.partition.verification.enable'),
  };
}

/** Transactions want idempotence and acks=all, and turn them on where nobody has said otherwise. */
export function isTransactional(s: Settings): boolean {
  return s.text('transactional.id') !== '';
}

/**
 * `transactional.id` of one process; "" without. `{instance}` in it stands for the number of the
 * instance and `{process}` for that of the process, both from 1.
 */
export function transactionalIdOf(s: Settings | undefined, instance: number, life: number): string {
  return withNumbers(s?.text('transactional.id') ?? '', instance, life);
}

export function withNumbers(id: string, instance: number, life: number): string {
  return id.replaceAll('{instance}', `${instance + 1}`).replaceAll('{process}', `${life}`);
}

/** Then acks, retries and requests in flight that nobody has set become what idempotence needs. */
export function asksForIdempotence(s: Settings): boolean {
  return isTransactional(s) || (s.given('enable.idempotence') && s.flag('enable.idempotence'));
}

export function retriesOf(s: Settings): number {
  const counts = asksForIdempotence(s) && !s.given('retries');
  return counts ? Number.MAX_SAFE_INTEGER : s.number('retries');
}

export function wantsIdempotence(s: Settings): boolean {
  if (isTransactional(s) && !s.given('enable.idempotence')) return true;
  return s.flag('enable.idempotence');
}

export const IN_FLIGHT = 'max.in.flight.requests.per.connection';

export function readAcks(s: Settings): Acks {
  if (asksForIdempotence(s) && !s.given('acks')) return 'all';
  const acks = s.text('acks');
  return acks === '0' || acks === '1' ? acks : 'all';
}

/** What stands against idempotence, as Kafka would name it; undefined when nothing does. */
export function idempotenceConflict(s: Settings): string | undefined {
  if (readAcks(s) !== 'all') return 'acks';
  if (retriesOf(s) === 0) return 'retries';
  return s.number(IN_FLIGHT) > 5 ? IN_FLIGHT : undefined;
}

/** Before 1.0 a broker knew the last sequence only: the client lowered its default by itself. */
export function oneInFlight(s: Settings): boolean {
  return asksForIdempotence(s) && !s.given(IN_FLIGHT);
}
