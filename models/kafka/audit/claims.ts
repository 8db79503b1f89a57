import type { AuditClaim } from '../../parts/audit.ts';

/** What Kafka promises of its inside. Source: KIP-98, KIP-101, KIP-279, KIP-320, KIP-848. */
export const CLAIMS = {
  committed: {
    name: 'committed-survives',
    claim: 'A clean election among replicas that kept their disks loses no committed record.',
  },
  matching: {
    name: 'log-matching',
    claim:
      'Replicas with one epoch at an offset hold the same up to there; followers are prefixes.',
  },
  watermark: {
    name: 'watermark-rises',
    claim: 'The high watermark of a leader never falls within its epoch.',
  },
  leaders: {
    name: 'one-leader',
    claim: 'An epoch of a partition has one leader, and only that one appends in it.',
  },
  aborted: {
    name: 'aborted-unread',
    claim: 'No read_committed reader is handed a record of an aborted transaction.',
  },
  uncommitted: {
    name: 'uncommitted-unread',
    claim: 'After clean elections no reader is handed a record that was never committed.',
  },
  sequences: {
    name: 'sequences-once',
    claim: 'No sequence of a producer epoch is appended twice while the leader knows its producer.',
  },
  owners: {
    name: 'one-owner',
    claim: 'A partition has at most one owner in each generation of a group.',
  },
} as const satisfies Record<string, AuditClaim>;

export const INVARIANTS: readonly AuditClaim[] = Object.values(CLAIMS);
