/** What a request is for, so that its answer finds the way back without looking at words. */
export const Kind = {
  apiVersions: 0,
  metadata: 1,
  initProducerId: 2,
  produce: 3,
  fetch: 4,
  listOffsets: 5,
  epochEnd: 6,
  findCoordinator: 7,
  join: 8,
  sync: 9,
  heartbeat: 10,
  leave: 11,
  commit: 12,
  offsetFetch: 13,
  groupHeartbeat: 14,
  addPartitions: 20,
  addOffsets: 21,
  txnOffsetCommit: 22,
  endTxn: 23,
  shareHeartbeat: 40,
  shareFetch: 41,
  shareAcknowledge: 42,
} as const;
export const KINDS = 43;

/** Numbers are counted per kind, so a response is told apart by its type and its number. */
export function kindOf(type: string): number {
  switch (type) {
    case 'ProduceResponse':
      return Kind.produce;
    case 'FetchResponse':
      return Kind.fetch;
    case 'MetadataResponse':
      return Kind.metadata;
    case 'InitProducerIdResponse':
      return Kind.initProducerId;
    case 'ListOffsetsResponse':
      return Kind.listOffsets;
    case 'OffsetForLeaderEpochResponse':
      return Kind.epochEnd;
    case 'FindCoordinatorResponse':
      return Kind.findCoordinator;
    case 'JoinGroupResponse':
      return Kind.join;
    case 'SyncGroupResponse':
      return Kind.sync;
    case 'HeartbeatResponse':
      return Kind.heartbeat;
    case 'ConsumerGroupHeartbeatResponse':
      return Kind.groupHeartbeat;
    case 'LeaveGroupResponse':
      return Kind.leave;
    case 'OffsetCommitResponse':
      return Kind.commit;
    case 'OffsetFetchResponse':
      return Kind.offsetFetch;
    case 'ShareGroupHeartbeatResponse':
      return Kind.shareHeartbeat;
    case 'ShareFetchResponse':
      return Kind.shareFetch;
    case 'ShareAcknowledgeResponse':
      return Kind.shareAcknowledge;
    case 'AddPartitionsToTxnResponse':
      return Kind.addPartitions;
    case 'AddOffsetsToTxnResponse':
      return Kind.addOffsets;
    case 'TxnOffsetCommitResponse':
      return Kind.txnOffsetCommit;
    case 'EndTxnResponse':
      return Kind.endTxn;
    default:
      return -1;
  }
}
