import { transactionPartition } from '../layout.ts';
import type { ErrorName, PartitionIndex, ProduceEntry, ProduceRequest } from '../protocol.ts';
import { callPeer } from './peers.ts';
import type { Broker } from './state.ts';
import type { Verification } from './transaction-state.ts';

/**
 * Before a transaction first writes to a partition its leader asks the coordinator: whether the
 * partition is in the transaction (KIP-890, part 1), or to put it there (part 2). A batch that
 * comes when the transaction is over is thereby refused. Source: `AddPartitionsToTxnManager`,
 * `VerificationStateEntry`.
 */

/** By partition; NONE where the coordinator agreed, or was not to be asked. */
export type Verdicts = ReadonlyMap<PartitionIndex, ErrorName>;

const NOTHING: Verdicts = new Map();

function keyOf(partition: PartitionIndex, producerId: number): string {
  return `${partition}/${producerId}`;
}

/** Calls `then` with what the coordinator says, at once if it need not be asked. */
export function verified(
  broker: Broker,
  request: ProduceRequest,
  then: (verdicts: Verdicts) => void,
): void {
  const { transactionalId, entries } = request;
  if (transactionalId === undefined) return then(NOTHING);
  const asked = entries.filter((entry) => mustAsk(broker, entry));
  if (asked.length === 0) return then(NOTHING);
  const [{ batch }] = asked;
  for (const entry of asked) open(broker, entry);
  const partitions = asked.map((entry) => entry.partition);
  ask(broker, transactionalId, batch.producerId, batch.producerEpoch, partitions, (error) => {
    const verdicts = new Map<PartitionIndex, ErrorName>();
    for (const { partition } of asked) {
      const key = keyOf(partition, batch.producerId);
      // A marker that was written meanwhile has ended what the coordinator spoke of.
      const valid = broker.transactions.verifications.get(key)?.valid ?? false;
      const late: ErrorName = broker.layout.rules.namesAbortableErrors
        ? 'TRANSACTION_ABORTABLE'
        : 'INVALID_TXN_STATE';
      verdicts.set(partition, error === 'NONE' && !valid ? late : error);
    }
    then(verdicts);
  });
}

function mustAsk(broker: Broker, { partition, batch }: ProduceEntry): boolean {
  const { broker: config, rules } = broker.layout;
  if (!batch.transactional || !(config.transactions.verifies || rules.epochPerTransaction)) {
    return false;
  }
  const replica = broker.replicas[partition];
  if (replica === undefined || replica.role.is !== 'leader') return false;
  const { producers, transactions } = replica.log;
  // What is open under another epoch is another transaction, whose marker is on its way.
  const same = producers.epochOf(batch.producerId) === batch.producerEpoch;
  return !(same && transactions.isOpen(batch.producerId));
}

function open(broker: Broker, { partition, batch }: ProduceEntry): void {
  const { verifications } = broker.transactions;
  const key = keyOf(partition, batch.producerId);
  const { producerEpoch, baseSequence } = batch;
  const known: Verification | undefined = verifications.get(key);
  if (known?.valid === true && known.producerEpoch === producerEpoch) {
    known.lowest = Math.min(known.lowest, baseSequence);
  } else verifications.set(key, { producerEpoch, lowest: baseSequence, valid: true });
}

/**
 * Asks the coordinator of `id` about partitions, and hears its answer as a produce request does.
 */
export function ask(
  broker: Broker,
  id: string,
  producerId: number,
  producerEpoch: number,
  partitions: readonly PartitionIndex[],
  then: (error: ErrorName) => void,
): void {
  const { image, layout, out } = broker;
  const leader = image.partitions[transactionPartition(layout, id)]?.leader ?? -1;
  if (leader < 0) return then('NOT_ENOUGH_REPLICAS');
  const request = {
    type: 'AddPartitionsToTxnRequest',
    transactionalId: id,
    producerId,
    producerEpoch,
    partitions,
    verifyOnly: !layout.rules.epochPerTransaction,
  };
  callPeer(broker, leader, out.names.id(id), request, (response) => {
    const answered = response?.type === 'AddPartitionsToTxnResponse';
    then(answered ? toProducer(response.error) : 'NOT_ENOUGH_REPLICAS');
  });
}

/** What cannot be found out now is tried again; a producer that was fenced there is fenced here. */
function toProducer(error: ErrorName): ErrorName {
  switch (error) {
    case 'NONE':
    case 'TRANSACTION_ABORTABLE':
    case 'INVALID_TXN_STATE':
    case 'INVALID_PRODUCER_ID_MAPPING':
      return error;
    case 'PRODUCER_FENCED':
      return 'INVALID_PRODUCER_EPOCH';
    default:
      return 'NOT_ENOUGH_REPLICAS';
  }
}

/** Is an earlier batch of this producer, the first one here, still to come? */
export function isAhead(broker: Broker, { partition, batch }: ProduceEntry): boolean {
  const known = broker.transactions.verifications.get(keyOf(partition, batch.producerId));
  if (known === undefined || known.producerEpoch !== batch.producerEpoch) return false;
  return batch.baseSequence > known.lowest;
}

/** The transaction has begun here, or has ended: what was asked before it counts no more. */
export function forgetVerification(
  broker: Broker,
  partition: PartitionIndex,
  producerId: number,
): void {
  broker.transactions.verifications.delete(keyOf(partition, producerId));
}
