import type { AdminRequest } from './protocol/admin.ts';
import type {
  ApiVersionsRequest,
  ApiVersionsResponse,
  FetchRequest,
  FetchResponse,
  InitProducerIdRequest,
  InitProducerIdResponse,
  ListOffsetsRequest,
  ListOffsetsResponse,
  MetadataRequest,
  MetadataResponse,
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
  ProduceRequest,
  ProduceResponse,
} from './protocol/data.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  HeartbeatRequest,
  HeartbeatResponse,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupRequest,
  LeaveGroupResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetFetchRequest,
  OffsetFetchResponse,
  SyncGroupRequest,
  SyncGroupResponse,
} from './protocol/groups.ts';
import type { TransactionRequest, TransactionResponse } from './protocol/transactions.ts';
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponse,
  AlterPartitionRequest,
  AlterPartitionResponse,
  BrokerHeartbeatRequest,
  BrokerHeartbeatResponse,
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
} from './protocol/cluster.ts';

import type { ShareRequest, ShareResponse, ShareStateResponse } from './protocol/share.ts';

/** The wire protocol, as far as it is modelled; spelled as Kafka spells it. */
export * from './protocol/admin.ts';
export * from './protocol/base.ts';
export * from './protocol/cluster.ts';
export * from './protocol/data.ts';
export * from './protocol/groups.ts';
export * from './protocol/share.ts';
export * from './protocol/transactions.ts';
export { MESSAGES } from './protocol/names.ts';

export type ClientRequest =
  | ApiVersionsRequest
  | MetadataRequest
  | InitProducerIdRequest
  | ProduceRequest
  | FetchRequest
  | ListOffsetsRequest
  | OffsetForLeaderEpochRequest
  | GroupRequest
  | ShareRequest
  | TransactionRequest;

export type GroupRequest =
  | FindCoordinatorRequest
  | JoinGroupRequest
  | SyncGroupRequest
  | HeartbeatRequest
  | ConsumerGroupHeartbeatRequest
  | LeaveGroupRequest
  | OffsetCommitRequest
  | OffsetFetchRequest;

export type ClientResponse =
  | ApiVersionsResponse
  | MetadataResponse
  | InitProducerIdResponse
  | ProduceResponse
  | FetchResponse
  | ListOffsetsResponse
  | OffsetForLeaderEpochResponse
  | FindCoordinatorResponse
  | JoinGroupResponse
  | SyncGroupResponse
  | HeartbeatResponse
  | ConsumerGroupHeartbeatResponse
  | LeaveGroupResponse
  | OffsetCommitResponse
  | OffsetFetchResponse
  | ShareResponse
  | TransactionResponse;

export type ControllerRequest =
  | AdminRequest
  | BrokerRegistrationRequest
  | BrokerHeartbeatRequest
  | AlterPartitionRequest
  | AllocateProducerIdsRequest
  | FetchRequest;

export type ControllerResponse =
  | BrokerRegistrationResponse
  | BrokerHeartbeatResponse
  | AlterPartitionResponse
  | AllocateProducerIdsResponse
  | FetchResponse;

export type BrokerIn =
  | ClientRequest
  | ControllerResponse
  | OffsetForLeaderEpochResponse
  | ShareStateResponse
  | TransactionResponse;
