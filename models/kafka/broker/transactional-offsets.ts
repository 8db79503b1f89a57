import { Fact } from '../../../sim/kernel/entry.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type { ErrorName, TxnOffsetCommitRequest, WriteTxnMarkersRequest } from '../protocol.ts';
import { groupOf, judgeCommit } from './coordinator.ts';
import { refuse, respond } from './group-log.ts';
import type { GroupRecord, TransactionalOffsets } from './group-record.ts';
import type { Group, Shard } from './group.ts';
import type { Broker, Replica } from './state.ts';
import { writeInternal } from './transaction-state.ts';
import { ask } from './verification.ts';

/**
 * Offsets inside a transaction: the group coordinator keeps them apart until the marker, which
 * makes them the committed ones or drops them. Source: `OffsetMetadataManager`; KIP-98, KIP-447.
 */

export function onTxnOffsetCommit(
  broker: Broker,
  from: NodeId,
  request: TxnOffsetCommitRequest,
): void {
  const to = { from, correlation: request.correlation };
  const answer = (error: ErrorName): void => {
    if (error !== 'NONE') return refuse(broker, to, 'TxnOffsetCommitResponse', error);
    respond(broker, to, { type: 'TxnOffsetCommitResponse', error } as never);
  };
  const partition = broker.layout.groupPartitions.get(request.group) ?? -1;
  const shard = broker.shards[partition];
  if (shard === undefined) return answer('NOT_COORDINATOR');
  const group = groupOf(broker, shard, request.group);
  const refusal = judge(group, request);
  if (refusal !== 'NONE') return answer(refusal);
  const { broker: config, rules } = broker.layout;
  const asks = config.transactions.verifies || rules.epochPerTransaction;
  if (!asks || isOngoing(group, request)) return keep(broker, shard, group, request, answer);
  const { transactionalId, producerId, producerEpoch } = request;
  ask(broker, transactionalId, producerId, producerEpoch, [partition], (error) => {
    if (broker.shards[partition] !== shard) return answer('NOT_COORDINATOR');
    if (error !== 'NONE') {
      return answer(error === 'NOT_ENOUGH_REPLICAS' ? 'COORDINATOR_NOT_AVAILABLE' : error);
    }
    const late = judge(group, request);
    if (late !== 'NONE') return answer(late);
    keep(broker, shard, group, request, answer);
  });
}

/** Who may: a member in the present generation, or an application that does not say who it is. */
function judge(group: Group, request: TxnOffsetCommitRequest): ErrorName {
  const known = entryOf(group, request.producerId);
  if (known !== undefined && request.producerEpoch < known.producerEpoch) {
    return 'INVALID_PRODUCER_EPOCH';
  }
  if (request.member === '' && request.generation < 0) return 'NONE';
  const error = judgeCommit(group, { ...request, type: 'OffsetCommitRequest' });
  // A transaction may be finished while the group waits for its assignment.
  if (error === 'REBALANCE_IN_PROGRESS') return 'NONE';
  // Producers know the error of the classic protocol only.
  return error === 'STALE_MEMBER_EPOCH' ? 'ILLEGAL_GENERATION' : error;
}

function entryOf(group: Group, producerId: number): TransactionalOffsets | undefined {
  return group.record.transactional?.find((entry) => entry.producerId === producerId);
}

/** Has this transaction offsets here already? One whose marker is being written has ended. */
function isOngoing(group: Group, { producerId, producerEpoch }: TxnOffsetCommitRequest): boolean {
  const known = entryOf(group, producerId);
  if (known?.pending === undefined || known.closing) return false;
  return known.producerEpoch === producerEpoch;
}

function withEntry(record: GroupRecord, entry: TransactionalOffsets): GroupRecord {
  const others = (record.transactional ?? []).filter((e) => e.producerId !== entry.producerId);
  return { ...record, transactional: [...others, entry] };
}

function keep(
  broker: Broker,
  shard: Shard,
  group: Group,
  request: TxnOffsetCommitRequest,
  answer: (error: ErrorName) => void,
): void {
  const { producerId, producerEpoch, offsets } = request;
  const known = entryOf(group, producerId);
  const own = known === undefined || known.closing ? [] : (known.pending ?? []);
  const kept = own.filter((old) => !offsets.some((o) => o.partition === old.partition));
  const coordinatorEpoch = known?.coordinatorEpoch ?? -1;
  const pending = [...kept, ...offsets];
  const before = group.record;
  const entry = { producerId, producerEpoch, coordinatorEpoch, pending, closing: false };
  group.record = withEntry(before, entry);
  write(broker, shard, (error) => {
    if (error === 'NOT_ENOUGH_REPLICAS') group.record = before;
    answer(error === 'NONE' ? error : toClient(error));
  });
}

function toClient(error: ErrorName): ErrorName {
  return error === 'NOT_LEADER_OR_FOLLOWER' ? 'NOT_COORDINATOR' : 'COORDINATOR_NOT_AVAILABLE';
}

/** Appends the state of all groups of the shard. */
function write(broker: Broker, shard: Shard, then: (error: ErrorName) => void): void {
  const groups = [...shard.groups.values()].map((group) => group.record);
  writeInternal(broker, shard.replica, { groups }, then);
}

/** The marker for a partition of `__consumer_offsets`. */
export function endOffsets(
  broker: Broker,
  replica: Replica,
  request: WriteTxnMarkersRequest,
  then: (error: ErrorName) => void,
): void {
  const shard = broker.shards[replica.plan.index];
  if (shard === undefined) return then('NOT_LEADER_OR_FOLLOWER');
  const { producerId, producerEpoch, coordinatorEpoch, commit } = request;
  const ended: { group: Group; entry: TransactionalOffsets }[] = [];
  for (const group of shard.groups.values()) {
    const entry = entryOf(group, producerId);
    if (entry === undefined) continue;
    if (entry.coordinatorEpoch > coordinatorEpoch) return then('TRANSACTION_COORDINATOR_FENCED');
    if (producerEpoch < entry.producerEpoch) return then('INVALID_PRODUCER_EPOCH');
    ended.push({ group, entry });
  }
  for (const { group, entry } of ended) {
    const closing = { ...entry, producerEpoch, coordinatorEpoch, closing: true };
    const offsets = [...group.record.offsets];
    const committedAt = [...group.record.committedAt];
    for (const { partition, offset } of commit ? (entry.pending ?? []) : []) {
      offsets[partition] = offset;
      committedAt[partition] = broker.out.clock;
    }
    group.record = withEntry({ ...group.record, offsets, committedAt }, closing);
  }
  write(broker, shard, (error) => {
    for (const { group, entry } of ended) {
      // Until the marker is replicated its offsets are neither committed nor dropped.
      const pending = error === 'NONE' ? undefined : entry.pending;
      const left = { ...entry, producerEpoch, coordinatorEpoch, pending, closing: false };
      // Behind the marker there may be offsets of the next transaction by now.
      if (entryOf(group, producerId)?.closing === true)
        group.record = withEntry(group.record, left);
      if (error === 'NONE' && commit) settle(broker, group, entry);
    }
    then(error);
  });
}

function settle(broker: Broker, group: Group, { pending }: TransactionalOffsets): void {
  for (const { partition, offset } of pending ?? []) {
    group.committed[partition] = offset;
    const { stream } = broker.layout.partitions[partition];
    broker.out.fact(Fact.settledTo, group.subscription, stream, offset);
  }
}
