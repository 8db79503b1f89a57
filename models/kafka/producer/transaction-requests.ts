import type { Micros } from '../../../sim/kernel/time.ts';
import { Kind } from '../client/network-client.ts';
import type { ClientRequest, Committed, PartitionIndex } from '../protocol.ts';

/** What a transactional producer may have to ask of a coordinator. */
export type Job =
  | { readonly is: 'find'; readonly key: string; readonly transactional: boolean }
  | {
      readonly is: 'init';
      readonly timeout: Micros;
      /** -1: a new producer; otherwise it wants its epoch raised. */
      readonly producerId: number;
      readonly producerEpoch: number;
    }
  | { readonly is: 'partitions'; readonly partitions: readonly PartitionIndex[] }
  /** Adds the partition that keeps the group's offsets. */
  | { readonly is: 'group'; readonly group: string }
  | {
      readonly is: 'offsets';
      readonly group: string;
      readonly member: string;
      readonly generation: number;
      readonly instance: string;
      readonly offsets: readonly Committed[];
    }
  | { readonly is: 'end'; readonly commit: boolean };

/** Marks a request of the transactions among those that are in flight. */
export class Asked {
  readonly job: Job;

  constructor(job: Job) {
    this.job = job;
  }
}

export function kindOf(job: Job): number {
  switch (job.is) {
    case 'find':
      return Kind.findCoordinator;
    case 'init':
      return Kind.initProducerId;
    case 'partitions':
      return Kind.addPartitions;
    case 'group':
      return Kind.addOffsets;
    case 'offsets':
      return Kind.txnOffsetCommit;
    case 'end':
      return Kind.endTxn;
  }
}

interface Identity {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export function requestOf(job: Job, correlation: number, identity: Identity): ClientRequest {
  switch (job.is) {
    case 'find': {
      const { key: group, transactional } = job;
      return { type: 'FindCoordinatorRequest', correlation, group, transactional };
    }
    case 'init': {
      const { timeout, producerId, producerEpoch } = job;
      const transaction = { id: identity.transactionalId, timeout, producerId, producerEpoch };
      return { type: 'InitProducerIdRequest', correlation, transaction };
    }
    case 'partitions': {
      const { partitions } = job;
      const type = 'AddPartitionsToTxnRequest';
      return { type, correlation, ...identity, partitions, verifyOnly: false };
    }
    case 'group':
      return { type: 'AddOffsetsToTxnRequest', correlation, ...identity, group: job.group };
    case 'offsets': {
      const { group, member, generation, instance, offsets } = job;
      const type = 'TxnOffsetCommitRequest';
      return { type, correlation, ...identity, group, member, generation, instance, offsets };
    }
    case 'end':
      return { type: 'EndTxnRequest', correlation, ...identity, commit: job.commit };
  }
}

/** The request's name on the wire, and the coordinator's answer to it in reports. */
export function typeOf(job: Job): string {
  const types: Readonly<Record<Job['is'], string>> = {
    find: 'FindCoordinatorRequest',
    init: 'InitProducerIdRequest',
    partitions: 'AddPartitionsToTxnRequest',
    group: 'AddOffsetsToTxnRequest',
    offsets: 'TxnOffsetCommitRequest',
    end: 'EndTxnRequest',
  };
  return types[job.is];
}
