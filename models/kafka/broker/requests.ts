import type { NodeId } from '../../../sim/kernel/node.ts';
import type { ClientRequest, GroupRequest } from '../protocol.ts';
import { onShareMessage } from '../share/requests.ts';
import { onGroupRequest } from './coordinator.ts';
import { onFetch } from './fetch.ts';
import { onWriteTxnMarkers } from './markers.ts';
import { onOffsets } from './offsets.ts';
import { onProduce } from './produce.ts';
import { giveProducerIds } from './producer-ids.ts';
import type { Broker } from './state.ts';
import { onTxnOffsetCommit } from './transactional-offsets.ts';
import {
  findTransactionCoordinator,
  onInitProducerId,
  onTransactionRequest,
} from './transactions.ts';

/** Requests of clients and of other brokers, each to whom it concerns. */
export function onRequest(broker: Broker, from: NodeId, request: ClientRequest): void {
  const { out, words } = broker;
  const { correlation } = request;
  switch (request.type) {
    case 'ProduceRequest':
      return onProduce(broker, from, request);
    case 'FetchRequest':
      return onFetch(broker, from, request);
    case 'ApiVersionsRequest': {
      const response = { type: 'ApiVersionsResponse', correlation } as const;
      return out.send(from, response, words.correlation, correlation);
    }
    case 'MetadataRequest': {
      const { partitions } = broker.image;
      const response = { type: 'MetadataResponse', correlation, partitions } as const;
      return out.send(from, response, words.correlation, correlation);
    }
    case 'InitProducerIdRequest':
      if (request.transaction === undefined) return giveProducerIds(broker, { from, correlation });
      return onInitProducerId(broker, { from, correlation }, request.transaction);
    case 'AddPartitionsToTxnRequest':
    case 'AddOffsetsToTxnRequest':
    case 'EndTxnRequest':
      return onTransactionRequest(broker, from, request);
    case 'TxnOffsetCommitRequest':
      return onTxnOffsetCommit(broker, from, request);
    case 'WriteTxnMarkersRequest':
      return onWriteTxnMarkers(broker, from, request);
    case 'ListOffsetsRequest':
    case 'OffsetForLeaderEpochRequest':
      return onOffsets(broker, from, request);
    default:
      if (request.type === 'FindCoordinatorRequest' && request.transactional === true) {
        return findTransactionCoordinator(broker, { from, correlation }, request.group);
      }
      if (onShareMessage(broker, from, request)) return;
      return onGroupRequest(broker, from, request as GroupRequest);
  }
}
