import { assert } from '../../../sim/kernel/assert.ts';
import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { labelBase } from '../../parts/lives.ts';
import { type ErrorName, internalBatch, type PartitionIndex } from '../protocol.ts';
import type { TransactionRecord, TransactionState } from '../transaction-record.ts';
import { append, hasEnoughReplicas } from './partition.ts';
import type { PeerCall } from './peers.ts';
import { type Broker, type LogWrite, type Replica, Timer, type Waiter } from './state.ts';

/**
 * What the transaction coordinator keeps, and the one way in which it changes: a record goes to the
 * log, and holds once it is replicated. Source: `TransactionMetadata`, `TransactionStateManager`.
 */

export const TRANSACTION_STATES: Readonly<Record<TransactionState, readonly TransactionState[]>> = {
  // An abort in v2 raises the epoch although nothing was begun.
  Empty: ['Ongoing', 'Empty', 'PrepareAbort', 'Dead'],
  Ongoing: ['Ongoing', 'PrepareCommit', 'PrepareAbort', 'PrepareEpochFence'],
  PrepareEpochFence: ['PrepareAbort', 'Ongoing'], // Back, when the abort cannot be written.
  PrepareCommit: ['CompleteCommit'],
  PrepareAbort: ['CompleteAbort'],
  CompleteCommit: ['Ongoing', 'Empty', 'PrepareAbort', 'Dead'],
  CompleteAbort: ['Ongoing', 'Empty', 'PrepareAbort', 'Dead'],
  Dead: [],
};

/** One transactional.id at its coordinator. */
export interface Transaction {
  /** As it holds. */
  record: TransactionRecord;
  /** As it was last written; ahead of the above while that is being replicated. */
  written: TransactionRecord;
  /** A change is on its way into the log: there is never a second one. */
  pending: boolean;
  /** Partitions whose leaders have not acknowledged the marker. */
  readonly unmarked: Set<PartitionIndex>;
}

/** The ids of one partition of `__transaction_state`, at the broker that leads it. */
export interface TransactionShard {
  readonly replica: Replica;
  /** Leader epoch: the coordinator epoch that markers bear. */
  readonly epoch: number;
  readonly transactions: Map<string, Transaction>;
}

/** A producer of whom a partition's leader has asked whether it may write there. */
export interface Verification {
  readonly producerEpoch: number;
  /** Lowest sequence seen so far: higher ones must not be let in before it. */
  lowest: number;
  /** The coordinator said yes, and no marker has come since. */
  valid: boolean;
}

/** All that a broker keeps for transactions. */
export interface TransactionService {
  /** By partition of `__transaction_state` that this broker leads. */
  readonly shards: (TransactionShard | undefined)[];
  /** Questions to other brokers, by correlation. */
  readonly calls: Map<number, PeerCall>;
  nextCall: number;
  /** By partition and producer. */
  readonly verifications: Map<string, Verification>;
}

export function newTransactionService(life: number): TransactionService {
  return { shards: [], calls: new Map(), nextCall: labelBase(life) + 1, verifications: new Map() };
}

export function become(
  transaction: Transaction,
  next: TransactionRecord,
  why: string,
  out: Out,
): void {
  const { state: from, id } = transaction.record;
  assert(
    TRANSACTION_STATES[from].includes(next.state),
    `transaction: ${from} -> ${next.state} is legal`,
  );
  assert(next.producerEpoch >= 0, 'a transaction has an epoch');
  if (from !== next.state) out.became(`transaction ${id}`, from, next.state, why);
  transaction.record = next;
}

/**
 * Writes the next state of a transaction; it holds, and `then` is called, once it is replicated.
 */
export function persist(
  broker: Broker,
  shard: TransactionShard,
  transaction: Transaction,
  next: TransactionRecord,
  why: string,
  then: (error: ErrorName) => void,
): void {
  assert(!transaction.pending, 'a transaction has one change pending at most');
  transaction.pending = true;
  transaction.written = next;
  const finish = (error: ErrorName): void => {
    transaction.pending = false;
    // Meanwhile another broker may have taken over: what it knows is its own business.
    if (broker.transactions.shards[shard.replica.plan.index] !== shard) {
      return then('NOT_COORDINATOR');
    }
    if (error === 'NONE') become(transaction, next, why, broker.out);
    else transaction.written = transaction.record;
    then(error === 'NONE' ? error : toClient(error));
  };
  const transactions = [...shard.transactions.values()].map((each) => each.written);
  writeInternal(broker, shard.replica, { transactions }, finish);
}

/** Errors of the log as clients of the coordinator hear of them. */
function toClient(error: ErrorName): ErrorName {
  return error === 'NOT_LEADER_OR_FOLLOWER' ? 'NOT_COORDINATOR' : 'COORDINATOR_NOT_AVAILABLE';
}

/** Appends a record of the broker's own, acks=all; `then` hears what became of it. */
export function writeInternal(
  broker: Broker,
  replica: Replica,
  content: Parameters<typeof internalBatch>[1],
  then: (error: ErrorName) => void,
): void {
  const { out, layout } = broker;
  const write: LogWrite = { then, done: false, timer: NO_HANDLE };
  const required = replica.log.end + 1;
  const waiter: Waiter = { required, produce: undefined, slot: 0, write };
  if (!hasEnoughReplicas(replica)) {
    broker.failed.push({ waiter, error: 'NOT_ENOUGH_REPLICAS' });
    return;
  }
  replica.waiting.push(waiter);
  write.timer = out.timer(layout.broker.commitTimeout, Timer.logWait, write);
  append(broker, replica, internalBatch(out.clock, content));
}

export function onLogWaited(write: LogWrite): void {
  if (write.done) return;
  write.done = true;
  write.then('REQUEST_TIMED_OUT');
}
