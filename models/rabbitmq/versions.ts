import { olderThan } from '../parts/config.ts';

/** The default first, then the others, newest first. */
export const VERSIONS: readonly string[] = ['4.2', '4.3', '4.1', '4.0', '3.13', '3.12', '3.10'];

/** What differs between versions. */
export interface Rules {
  readonly version: string;
  /** From 4.3 only quorum queues know `consumer_timeout`. */
  readonly classicConsumerTimeout: boolean;
  /** From 4.3 the metadata are on Raft, and `cluster_partition_handling` means nothing. */
  readonly ignoresPartitionHandling: boolean;
}

export function rulesOf(version: string): Rules {
  const isOld = olderThan(version, '4.3');
  return { version, classicConsumerTimeout: isOld, ignoresPartitionHandling: !isOld };
}
