import type { ErrorName } from '../protocol.ts';

/**
 * Errors by what a client does about them. Source: `Errors` and the exception hierarchy of 3.9:
 * `RetriableException`, of which `InvalidMetadataException` asks for fresh metadata as well. What
 * is in neither list is not retriable, although some of those have a reaction of their own.
 */

/** The picture of who leads what is old: the metadata is fetched anew, and the request repeated. */
const STALE: ReadonlySet<string> = new Set([
  'NETWORK_EXCEPTION',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
  'ELIGIBLE_LEADERS_NOT_AVAILABLE',
]);

const RETRIABLE: ReadonlySet<string> = new Set([
  ...STALE,
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'CORRUPT_MESSAGE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_CONTROLLER',
  'CONCURRENT_TRANSACTIONS',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'UNSTABLE_OFFSET_COMMIT',
  'FETCH_SESSION_ID_NOT_FOUND',
  'INVALID_FETCH_SESSION_EPOCH',
  'THROTTLING_QUOTA_EXCEEDED',
  'SHARE_SESSION_NOT_FOUND',
  'INVALID_SHARE_SESSION_EPOCH',
]);

export function isRetriable(error: string): boolean {
  return RETRIABLE.has(error);
}

export function isStale(error: string): boolean {
  return STALE.has(error);
}

/**
 * Can the batch be in a log although the broker says no? Only a refusal in the phase after the
 * append leaves that open; with acks=1 a leader refuses before it appends.
 */
export function maybeAppended(error: ErrorName, acks: string): boolean {
  switch (error) {
    case 'NOT_ENOUGH_REPLICAS_AFTER_APPEND':
    case 'REQUEST_TIMED_OUT':
      return true;
    case 'NOT_LEADER_OR_FOLLOWER':
      return acks === 'all';
    default:
      return false;
  }
}
