import { transactionPartition } from '../layout.ts';
import type {
  AddPartitionsToTxnRequest,
  EndTxnRequest,
  ErrorName,
  InitProducerIdRequest,
  PartitionIndex,
  TransactionRequest,
} from '../protocol.ts';
import type { TransactionRecord } from '../transaction-record.ts';
import { refuse, respond } from './group-log.ts';
import { takeProducerId } from './producer-ids.ts';
import type { Broker, Correlation } from './state.ts';
import { sendMarkers } from './transaction-markers.ts';
import { become, persist, type Transaction, type TransactionShard } from './transaction-state.ts';

/**
 * The transaction coordinator: the leader of the partition of `__transaction_state` that a
 * transactional.id hashes to. Source: `TransactionCoordinator`, Kafka 3.9 and 4.0.
 */

/** At this epoch a producer gets a new id. */
const LAST_EPOCH = 32_766;

/** After a change of metadata: loads the partitions led anew, forgets those that are lost. */
export function syncTransactions(broker: Broker): void {
  const { shards } = broker.transactions;
  for (const index of broker.layout.transactionPartitions) {
    const replica = broker.replicas[index];
    if (replica === undefined) continue;
    const shard = shards[index];
    const leads = replica.role.is === 'leader';
    if (shard !== undefined && leads && shard.epoch === replica.leaderEpoch) continue;
    shards[index] = undefined;
    if (!leads) continue;
    const loaded: TransactionShard = {
      replica,
      epoch: replica.leaderEpoch,
      transactions: new Map(),
    };
    shards[index] = loaded;
    for (const record of replica.log.last()?.transactions ?? []) adopt(loaded, record);
    // Whoever was between the decision and the end of its markers goes on from there.
    for (const transaction of loaded.transactions.values()) {
      if (transaction.record.state.startsWith('Prepare')) sendMarkers(broker, loaded, transaction);
    }
  }
}

function adopt(shard: TransactionShard, record: TransactionRecord): Transaction {
  const transaction = { record, written: record, pending: false, unmarked: new Set<number>() };
  for (const partition of record.partitions) transaction.unmarked.add(partition);
  shard.transactions.set(record.id, transaction);
  return transaction;
}

/** The coordinator's own state of an id, if this broker is its coordinator. */
export function shardOf(broker: Broker, id: string): TransactionShard | undefined {
  return broker.transactions.shards[transactionPartition(broker.layout, id)];
}

/** The answer to FindCoordinator for a transactional.id. */
export function findTransactionCoordinator(broker: Broker, to: Correlation, id: string): void {
  const partition = transactionPartition(broker.layout, id);
  const coordinator = broker.image.partitions[partition]?.leader ?? -1;
  const error: ErrorName = coordinator < 0 ? 'COORDINATOR_NOT_AVAILABLE' : 'NONE';
  respond(broker, to, { type: 'FindCoordinatorResponse', error, coordinator } as never);
}

type Asked = Exclude<
  TransactionRequest,
  { type: 'WriteTxnMarkersRequest' } | { type: 'TxnOffsetCommitRequest' }
>;

export function onTransactionRequest(broker: Broker, from: number, request: Asked): void {
  const to = { from, correlation: request.correlation };
  const shard = shardOf(broker, request.transactionalId);
  const answer = (error: ErrorName) => {
    const type = request.type.replace('Request', 'Response');
    if (error !== 'NONE') return refuse(broker, to, type, error);
    respond(broker, to, { type, error } as never);
  };
  if (shard === undefined) return answer('NOT_COORDINATOR');
  const transaction = shard.transactions.get(request.transactionalId);
  if (transaction === undefined || transaction.record.producerId !== request.producerId) {
    return answer('INVALID_PRODUCER_ID_MAPPING');
  }
  switch (request.type) {
    case 'AddPartitionsToTxnRequest':
      if (request.verifyOnly) return answer(verify(broker, transaction, request));
      return add(broker, shard, transaction, request, request.partitions, answer);
    case 'AddOffsetsToTxnRequest': {
      const partition = broker.layout.groupPartitions.get(request.group);
      const partitions = partition === undefined ? [] : [partition];
      return add(broker, shard, transaction, request, partitions, answer);
    }
    case 'EndTxnRequest':
      return onEnd(broker, shard, transaction, to, request);
  }
}

function isEnding({ record }: Transaction): boolean {
  return record.state.startsWith('Prepare');
}

/** Is the producer's transaction open, and are these partitions in it? */
function verify(
  broker: Broker,
  transaction: Transaction,
  { producerEpoch, partitions }: AddPartitionsToTxnRequest,
): ErrorName {
  const { record } = transaction;
  if (record.producerEpoch !== producerEpoch) return 'PRODUCER_FENCED';
  if (isEnding(transaction)) return 'CONCURRENT_TRANSACTIONS';
  if (partitions.every((partition) => record.partitions.includes(partition))) return 'NONE';
  return broker.layout.rules.namesAbortableErrors ? 'TRANSACTION_ABORTABLE' : 'INVALID_TXN_STATE';
}

function add(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  { producerEpoch }: { readonly producerEpoch: number },
  partitions: readonly PartitionIndex[],
  answer: (error: ErrorName) => void,
): void {
  const { record } = transaction;
  if (record.producerEpoch !== producerEpoch) return answer('PRODUCER_FENCED');
  if (transaction.pending || isEnding(transaction)) return answer('CONCURRENT_TRANSACTIONS');
  const ongoing = record.state === 'Ongoing';
  const known: readonly PartitionIndex[] = ongoing ? record.partitions : [];
  const added = partitions.filter((partition) => !known.includes(partition));
  if (ongoing && added.length === 0) return answer('NONE');
  const now = broker.out.clock;
  const next: TransactionRecord = {
    ...record,
    state: 'Ongoing',
    partitions: [...known, ...added],
    startedAt: ongoing ? record.startedAt : now,
    updatedAt: now,
  };
  persist(broker, shard, transaction, next, 'partitions added', answer);
}

// --- The end of a transaction ---

function onEnd(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  to: Correlation,
  request: EndTxnRequest,
): void {
  const v2 = broker.layout.rules.epochPerTransaction;
  const { record } = transaction;
  const { commit, producerEpoch } = request;
  const answer = (error: ErrorName): void => {
    if (error !== 'NONE') return refuse(broker, to, 'EndTxnResponse', error);
    const { producerId, producerEpoch: epoch } = transaction.record;
    const given = v2 ? { producerId, producerEpoch: epoch } : { producerId: -1, producerEpoch: -1 };
    respond(broker, to, { type: 'EndTxnResponse', error, ...given } as never);
  };
  const ended = commit ? 'CompleteCommit' : 'CompleteAbort';
  const ending = commit ? 'PrepareCommit' : 'PrepareAbort';
  // In v2 the epoch has risen with the decision: only the very request that took it may repeat it.
  const repeats = v2 && producerEpoch === record.producerEpoch - 1;
  if (producerEpoch !== record.producerEpoch && !repeats) return answer('PRODUCER_FENCED');
  if (transaction.pending) return answer('CONCURRENT_TRANSACTIONS');
  switch (record.state) {
    case 'Ongoing':
      if (repeats) return answer('PRODUCER_FENCED');
      return end(broker, shard, transaction, commit, v2, 'EndTxn', answer);
    case 'CompleteCommit':
    case 'CompleteAbort':
      if (record.state === ended && (repeats || !v2)) return answer('NONE');
      if (repeats) return answer('PRODUCER_FENCED');
      if (v2 && !commit) return end(broker, shard, transaction, false, v2, 'EndTxn', answer);
      return answer('INVALID_TXN_STATE');
    case 'Empty':
      if (v2 && !commit) return end(broker, shard, transaction, false, v2, 'EndTxn', answer);
      return answer('INVALID_TXN_STATE');
    default:
      return answer(record.state === ending ? 'CONCURRENT_TRANSACTIONS' : 'INVALID_TXN_STATE');
  }
}

/** Decides how a transaction ends; once that is in the log, its markers go out. */
export function end(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  commit: boolean,
  raise: boolean,
  why: string,
  then: (error: ErrorName) => void,
): void {
  const { record } = transaction;
  const next: TransactionRecord = {
    ...record,
    state: commit ? 'PrepareCommit' : 'PrepareAbort',
    producerEpoch: raise ? record.producerEpoch + 1 : record.producerEpoch,
    lastEpoch: raise ? record.producerEpoch : record.lastEpoch,
    partitions: record.state === 'Ongoing' ? record.partitions : [],
    updatedAt: broker.out.clock,
  };
  persist(broker, shard, transaction, next, why, (error) => {
    then(error);
    if (error !== 'NONE') return;
    for (const partition of next.partitions) transaction.unmarked.add(partition);
    sendMarkers(broker, shard, transaction);
  });
}

// --- Producers and their epochs ---

type Init = NonNullable<InitProducerIdRequest['transaction']>;

export function onInitProducerId(broker: Broker, to: Correlation, init: Init): void {
  const shard = shardOf(broker, init.id);
  const fail = (error: ErrorName) => refuse(broker, to, 'InitProducerIdResponse', error);
  if (shard === undefined) return fail('NOT_COORDINATOR');
  if (init.timeout > broker.layout.broker.transactions.maxTimeout) {
    return fail('INVALID_TRANSACTION_TIMEOUT');
  }
  const transaction = shard.transactions.get(init.id);
  if (transaction !== undefined) return onKnown(broker, shard, transaction, to, init);
  if (init.producerId >= 0) return fail('INVALID_PRODUCER_ID_MAPPING');
  takeProducerId(broker, (producerId) => {
    // While the id was fetched another request may have come first.
    if (broker.transactions.shards[shard.replica.plan.index] !== shard) {
      return fail('NOT_COORDINATOR');
    }
    const known = shard.transactions.get(init.id);
    if (known !== undefined) return onKnown(broker, shard, known, to, init);
    const fresh = adopt(shard, {
      id: init.id,
      producerId,
      producerEpoch: 0,
      lastEpoch: -1,
      state: 'Empty',
      partitions: [],
      timeout: init.timeout,
      startedAt: -1,
      updatedAt: broker.out.clock,
    });
    giveEpoch(broker, shard, fresh, to, fresh.record);
  });
}

function onKnown(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  to: Correlation,
  init: Init,
): void {
  const { record } = transaction;
  const fail = (error: ErrorName) => refuse(broker, to, 'InitProducerIdResponse', error);
  if (transaction.pending || isEnding(transaction)) return fail('CONCURRENT_TRANSACTIONS');
  const asks = init.producerId >= 0;
  const current = init.producerEpoch === record.producerEpoch;
  const last = init.producerEpoch === record.lastEpoch;
  if (asks && (init.producerId !== record.producerId || !(current || last))) {
    return fail('PRODUCER_FENCED');
  }
  if (record.state === 'Ongoing') {
    fence(broker, shard, transaction, () => fail('CONCURRENT_TRANSACTIONS'));
    return;
  }
  const next: TransactionRecord = {
    ...record,
    state: 'Empty',
    partitions: [],
    timeout: init.timeout,
    startedAt: -1,
    updatedAt: broker.out.clock,
  };
  // The answer to a bump was lost, and the client asks again.
  if (asks && last && !current) return giveEpoch(broker, shard, transaction, to, next);
  if (record.producerEpoch >= LAST_EPOCH) {
    takeProducerId(broker, (producerId) => {
      if (transaction.pending) return fail('CONCURRENT_TRANSACTIONS');
      const renewed = { ...next, producerId, producerEpoch: 0, lastEpoch: -1 };
      giveEpoch(broker, shard, transaction, to, renewed);
    });
    return;
  }
  const producerEpoch = record.producerEpoch + 1;
  const lastEpoch = asks ? record.producerEpoch : -1;
  giveEpoch(broker, shard, transaction, to, { ...next, producerEpoch, lastEpoch });
}

function giveEpoch(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  to: Correlation,
  next: TransactionRecord,
): void {
  persist(broker, shard, transaction, next, 'InitProducerId', (error) => {
    if (error !== 'NONE') return refuse(broker, to, 'InitProducerIdResponse', error);
    const { producerId, producerEpoch } = next;
    const type = 'InitProducerIdResponse';
    respond(broker, to, { type, error, producerId, producerEpoch } as never);
  });
}

/** A new producer of this id is there: the old one is fenced, and what it had begun is aborted. */
function fence(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  then: () => void,
): void {
  const { record } = transaction;
  const producerEpoch = record.producerEpoch + 1;
  const fenced: TransactionRecord = { ...record, state: 'PrepareEpochFence', producerEpoch };
  become(transaction, fenced, 'a new producer', broker.out);
  const next: TransactionRecord = { ...fenced, state: 'PrepareAbort', updatedAt: broker.out.clock };
  persist(broker, shard, transaction, next, 'a new producer', (error) => {
    then();
    if (error !== 'NONE') {
      if (transaction.record === fenced) become(transaction, record, error, broker.out);
      return;
    }
    for (const partition of next.partitions) transaction.unmarked.add(partition);
    sendMarkers(broker, shard, transaction);
  });
}
