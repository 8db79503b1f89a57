import { assert } from '../../../sim/kernel/assert.ts';
import { millis, type Micros } from '../../../sim/kernel/time.ts';
import type { BrokerIndex, PartitionIndex, TransactionResponse } from '../protocol.ts';
import type { TransactionRecord } from '../transaction-record.ts';
import { callPeer, PEER_TIMEOUT } from './peers.ts';
import { type Broker, Timer } from './state.ts';
import { persist, type Transaction, type TransactionShard } from './transaction-state.ts';

/**
 * The end of a transaction as its coordinator sees it: a marker to the leader of every partition,
 * again and again until all have acknowledged it. Source: `TransactionMarkerChannelManager`.
 */

/** Pause before a marker that was refused or unanswered is sent again. */
const RETRY: Micros = millis(100);

/** What a timer of the markers concerns. */
interface About {
  readonly shard: TransactionShard;
  readonly transaction: Transaction;
  readonly epoch: number;
}

export function sendMarkers(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  only: Iterable<PartitionIndex> = transaction.unmarked,
): void {
  const { record } = transaction;
  if (transaction.unmarked.size === 0) return complete(broker, shard, transaction);
  const byLeader = new Map<BrokerIndex, PartitionIndex[]>();
  for (const partition of only) {
    const { leader } = broker.image.partitions[partition];
    const list = byLeader.get(leader) ?? [];
    byLeader.set(leader, list);
    list.push(partition);
  }
  for (const [leader, partitions] of byLeader) {
    if (leader < 0) again(broker, shard, transaction, partitions);
    else send(broker, shard, transaction, record, leader, partitions);
  }
}

function send(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  record: TransactionRecord,
  leader: BrokerIndex,
  partitions: readonly PartitionIndex[],
): void {
  const { id, producerId, producerEpoch, state } = record;
  const request = {
    type: 'WriteTxnMarkersRequest',
    transactionalId: id,
    producerId,
    producerEpoch,
    coordinatorEpoch: shard.epoch,
    commit: state === 'PrepareCommit',
    partitions,
    timeout: PEER_TIMEOUT,
  };
  callPeer(broker, leader, broker.out.names.id(id), request, (response) =>
    onAnswer(broker, shard, transaction, partitions, response),
  );
}

/** Is this still the coordinator, and does the transaction still wait for its markers? */
function isCurrent(broker: Broker, shard: TransactionShard, { record }: Transaction): boolean {
  if (broker.transactions.shards[shard.replica.plan.index] !== shard) return false;
  return record.state === 'PrepareCommit' || record.state === 'PrepareAbort';
}

function onAnswer(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  partitions: readonly PartitionIndex[],
  response: TransactionResponse | undefined,
): void {
  if (!isCurrent(broker, shard, transaction)) return;
  if (response?.type !== 'WriteTxnMarkersResponse') {
    return again(broker, shard, transaction, partitions);
  }
  const left: PartitionIndex[] = [];
  for (const { partition, error } of response.errors) {
    switch (error) {
      case 'NONE':
      case 'INVALID_PRODUCER_EPOCH': // A newer epoch has written there: it is ended already.
        transaction.unmarked.delete(partition);
        break;
      case 'TRANSACTION_COORDINATOR_FENCED':
        // Another broker coordinates it now, and sends the markers.
        broker.out.ignored('WriteTxnMarkersResponse', error);
        return;
      default:
        left.push(partition);
    }
  }
  if (left.length > 0) again(broker, shard, transaction, left);
  if (transaction.unmarked.size === 0) complete(broker, shard, transaction);
}

function again(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  partitions: readonly PartitionIndex[],
): void {
  const epoch = transaction.record.producerEpoch;
  const data = { shard, transaction, epoch, partitions };
  broker.out.timer(RETRY, Timer.markersAgain, data);
}

export function onMarkersAgain(
  broker: Broker,
  data: About & { readonly partitions: readonly PartitionIndex[] },
): void {
  const { shard, transaction, epoch, partitions } = data;
  if (!isCurrent(broker, shard, transaction)) return;
  if (transaction.record.producerEpoch !== epoch) return;
  const left = partitions.filter((partition) => transaction.unmarked.has(partition));
  if (left.length > 0 || transaction.unmarked.size === 0) {
    sendMarkers(broker, shard, transaction, left);
  }
}

/** All markers stand: so it is written, and the producer may go on. */
function complete(broker: Broker, shard: TransactionShard, transaction: Transaction): void {
  if (transaction.pending) return;
  assert(transaction.unmarked.size === 0, 'a transaction ends when all its markers stand');
  const { record } = transaction;
  const next: TransactionRecord = {
    ...record,
    state: record.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    partitions: [],
    startedAt: -1,
    updatedAt: broker.out.clock,
  };
  persist(broker, shard, transaction, next, 'all markers written', (error) => {
    if (error !== 'NONE') again(broker, shard, transaction, []);
  });
}
