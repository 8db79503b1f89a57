import { onPeerTimeout } from './peers.ts';
import { type Broker, Timer } from './state.ts';
import { onMarkersAgain } from './transaction-markers.ts';
import { onLogWaited } from './transaction-state.ts';
import { end } from './transactions.ts';

/**
 * What the transaction coordinator does by itself: ends what takes too long, forgets the unused.
 */

export function startSweeps(broker: Broker): void {
  const { layout, out } = broker;
  if (layout.transactionPartitions.length === 0) return;
  const { abortEvery, expireEvery } = layout.broker.transactions;
  out.timer(abortEvery, Timer.transactionSweep);
  out.timer(expireEvery, Timer.transactionalIdSweep);
}

/**
 * Aborts transactions that are older than their transaction.timeout.ms, under a new epoch, so that
 * a producer that comes back is fenced (KAFKA-6119). Before 1.1 the epoch stayed.
 */
function abortTimedOut(broker: Broker): void {
  const { layout, out, transactions } = broker;
  out.timer(layout.broker.transactions.abortEvery, Timer.transactionSweep);
  const raise = layout.rules.timeoutFencesProducer;
  for (const shard of transactions.shards) {
    for (const transaction of shard?.transactions.values() ?? []) {
      const { state, startedAt, timeout } = transaction.record;
      if (shard === undefined || state !== 'Ongoing' || transaction.pending) continue;
      if (startedAt + timeout >= out.clock) continue;
      out.count(out.names.id('transactions.timed.out'));
      end(broker, shard, transaction, false, raise, 'transaction.timeout.ms', () => {});
    }
  }
}

/** Ids that nobody has used for transactional.id.expiration.ms go; not while one is in use. */
function expireIds(broker: Broker): void {
  const { layout, out, transactions } = broker;
  const { expireEvery, idExpiration } = layout.broker.transactions;
  out.timer(expireEvery, Timer.transactionalIdSweep);
  for (const shard of transactions.shards) {
    for (const [id, { record, pending }] of shard?.transactions ?? []) {
      const idle = record.state === 'Empty' || record.state.startsWith('Complete');
      if (!idle || pending || out.clock - record.updatedAt <= idExpiration) continue;
      out.became(`transaction ${id}`, record.state, 'Dead', 'transactional.id.expiration.ms');
      shard?.transactions.delete(id);
    }
  }
}

/** True when the timer is one of the transactions'. */
export function onTransactionTimer(broker: Broker, code: number, data: unknown): boolean {
  switch (code) {
    case Timer.logWait:
      onLogWaited(data as never);
      return true;
    case Timer.peerTimeout:
      onPeerTimeout(broker, data as number);
      return true;
    case Timer.markersAgain:
      onMarkersAgain(broker, data as never);
      return true;
    case Timer.transactionSweep:
      abortTimedOut(broker);
      return true;
    case Timer.transactionalIdSweep:
      expireIds(broker);
      return true;
    default:
      return false;
  }
}
