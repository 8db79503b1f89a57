import type { BrokerIndex, Correlated, ErrorName, PartitionIndex } from './base.ts';

/** What operators ask of the controller. */

export interface CreatePartitionsRequest extends Correlated {
  readonly type: 'CreatePartitionsRequest';
  readonly topic: string;
  /** How many there are to be. */
  readonly count: number;
}
export interface CreatePartitionsResponse extends Correlated {
  readonly type: 'CreatePartitionsResponse';
  readonly error: ErrorName;
}

export interface ElectLeadersRequest extends Correlated {
  readonly type: 'ElectLeadersRequest';
  readonly partitions: readonly PartitionIndex[];
  readonly electionType: 'preferred' | 'unclean';
}
export interface ElectLeadersResponse extends Correlated {
  readonly type: 'ElectLeadersResponse';
  readonly error: ErrorName;
}

export interface IncrementalAlterConfigsRequest extends Correlated {
  readonly type: 'IncrementalAlterConfigsRequest';
  readonly topic: string;
  readonly key: string;
  readonly value: string;
}
export interface IncrementalAlterConfigsResponse extends Correlated {
  readonly type: 'IncrementalAlterConfigsResponse';
  readonly error: ErrorName;
}

export interface AlterPartitionReassignmentsRequest extends Correlated {
  readonly type: 'AlterPartitionReassignmentsRequest';
  readonly partitions: readonly PartitionIndex[];
  /** Who is to have them, the preferred leader first; nobody: what is under way is cancelled. */
  readonly replicas: readonly BrokerIndex[];
}
export interface AlterPartitionReassignmentsResponse extends Correlated {
  readonly type: 'AlterPartitionReassignmentsResponse';
  readonly error: ErrorName;
}

export type AdminRequest =
  | CreatePartitionsRequest
  | ElectLeadersRequest
  | IncrementalAlterConfigsRequest
  | AlterPartitionReassignmentsRequest;
export type AdminResponse =
  | CreatePartitionsResponse
  | ElectLeadersResponse
  | IncrementalAlterConfigsResponse
  | AlterPartitionReassignmentsResponse;
