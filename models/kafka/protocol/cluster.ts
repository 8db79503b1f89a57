import type { PartitionState } from '../image.ts';
import type { BrokerIndex, Correlated, ErrorName, PartitionIndex } from './base.ts';

/** What brokers and the controller say to each other. */

export interface BrokerRegistrationRequest extends Correlated {
  readonly type: 'BrokerRegistrationRequest';
  readonly broker: BrokerIndex;
  /** Number of the process among all of this broker: the incarnation id. */
  readonly incarnation: number;
  /** The process before it shut down in good order (KIP-966 tells it by its broker epoch). */
  readonly clean: boolean;
}
export interface BrokerRegistrationResponse extends Correlated {
  readonly type: 'BrokerRegistrationResponse';
  readonly error: ErrorName;
  readonly brokerEpoch: number;
}

export interface BrokerHeartbeatRequest extends Correlated {
  readonly type: 'BrokerHeartbeatRequest';
  readonly broker: BrokerIndex;
  readonly brokerEpoch: number;
  readonly knownVersion: number;
  readonly wantShutDown: boolean;
}
export interface BrokerHeartbeatResponse extends Correlated {
  readonly type: 'BrokerHeartbeatResponse';
  readonly error: ErrorName;
  readonly isFenced: boolean;
  readonly shouldShutDown: boolean;
}

export interface AlterPartitionRequest extends Correlated {
  readonly type: 'AlterPartitionRequest';
  readonly broker: BrokerIndex;
  readonly brokerEpoch: number;
  readonly partition: PartitionIndex;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly BrokerIndex[];
  /** Broker epoch of each member of `isr`, as the leader knows it. */
  readonly epochs: readonly number[];
}
export interface AlterPartitionResponse extends Correlated {
  readonly type: 'AlterPartitionResponse';
  readonly error: ErrorName;
  readonly partition: PartitionIndex;
  readonly state: PartitionState | undefined;
}

export interface AllocateProducerIdsRequest extends Correlated {
  readonly type: 'AllocateProducerIdsRequest';
  readonly broker: BrokerIndex;
}
export interface AllocateProducerIdsResponse extends Correlated {
  readonly type: 'AllocateProducerIdsResponse';
  readonly first: number;
  readonly count: number;
}
