import type { NodeId } from '../../../sim/kernel/node.ts';
import type { ErrorName, PartitionIndex, WriteTxnMarkersRequest } from '../protocol.ts';
import { respond } from './group-log.ts';
import { hasEnoughReplicas } from './partition.ts';
import type { Broker, Replica } from './state.ts';
import { writeInternal } from './transaction-state.ts';
import { endOffsets } from './transactional-offsets.ts';
import { forgetVerification } from './verification.ts';

/** Bytes of a control batch: a header and one record of key and value. */
const MARKER_BYTES = 78;

/**
 * WriteTxnMarkers at the leaders of the partitions: each appends a control batch, and answers when
 * all of them are replicated. Source: `KafkaApis.handleWriteTxnMarkersRequest`.
 */
export function onWriteTxnMarkers(
  broker: Broker,
  from: NodeId,
  request: WriteTxnMarkersRequest,
): void {
  const to = { from, correlation: request.correlation };
  const errors: { partition: PartitionIndex; error: ErrorName }[] = [];
  let missing = request.partitions.length;
  const done = (partition: PartitionIndex, error: ErrorName): void => {
    if (error !== 'NONE') broker.out.ignored('WriteTxnMarkersRequest', error);
    errors.push({ partition, error });
    if (--missing > 0) return;
    const type = 'WriteTxnMarkersResponse';
    respond(broker, to, { type, broker: broker.index, errors } as never);
  };
  for (const partition of request.partitions) {
    const replica = broker.replicas[partition];
    const then = (error: ErrorName) => done(partition, error);
    if (replica === undefined || replica.role.is !== 'leader') then('NOT_LEADER_OR_FOLLOWER');
    else if (!hasEnoughReplicas(replica)) then('NOT_ENOUGH_REPLICAS');
    else if (replica.plan.stream < 0) endOffsets(broker, replica, request, then);
    else mark(broker, replica, request, then);
  }
}

function mark(
  broker: Broker,
  replica: Replica,
  request: WriteTxnMarkersRequest,
  then: (error: ErrorName) => void,
): void {
  const { producerId, producerEpoch, coordinatorEpoch, commit } = request;
  const error = replica.log.producers.admitMarker(producerId, producerEpoch, coordinatorEpoch);
  if (error !== 'NONE') return then(error);
  forgetVerification(broker, replica.plan.index, producerId);
  const content = {
    producerId,
    producerEpoch,
    transactional: true,
    marker: { commit, coordinatorEpoch },
    bytes: MARKER_BYTES,
  };
  writeInternal(broker, replica, content, then);
}
