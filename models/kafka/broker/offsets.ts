import type { Message, NodeId } from '../../../sim/kernel/node.ts';
import type { ClientRequest } from '../protocol.ts';
import { refusalOf } from './fetch.ts';
import type { Broker } from './state.ts';

/** Where a log begins and ends, and where an epoch ends in it, for clients that have to know. */
export function onOffsets(
  broker: Broker,
  from: NodeId,
  request: Extract<ClientRequest, { type: 'ListOffsetsRequest' | 'OffsetForLeaderEpochRequest' }>,
): void {
  const { out, words } = broker;
  const { correlation, partition } = request;
  const replica = broker.replicas[partition];
  const asked = request.type === 'ListOffsetsRequest' ? -1 : request.leaderEpoch;
  let error = refusalOf(replica, asked);
  const log = replica?.log;
  if (request.type === 'ListOffsetsRequest') {
    const role = replica?.role;
    const mark = replica?.highWatermark ?? -1;
    // A new leader does not know yet what was committed before it (KIP-207).
    const { latestOffsetMayBeUnknown: rule } = broker.layout.rules;
    const young = rule && role?.is === 'leader' && mark < role.start && request.at === 'latest';
    if (error === 'NONE' && young) error = 'OFFSET_NOT_AVAILABLE';
    const bound = request.committed === true ? (log?.transactions.lastStable(mark) ?? -1) : mark;
    const offset =
      request.at === 'latest'
        ? bound
        : request.at === 'earliest'
          ? (log?.start ?? -1)
          : (log?.firstSince(request.at, mark) ?? -1);
    const response = { type: 'ListOffsetsResponse', correlation, error, partition, offset };
    return out.send(from, response as Message, words.correlation, correlation);
  }
  const found = log?.epochs.endOf(request.epoch, log.end) ?? { epoch: -1, end: -1 };
  const end = broker.layout.rules.epochEndNamesEpoch ? found : { ...found, epoch: -1 };
  const response = { type: 'OffsetForLeaderEpochResponse', correlation, error, partition, ...end };
  out.send(from, response as Message, words.correlation, correlation);
}
