import type { AuditClaim } from '../../parts/audit.ts';

/** What RabbitMQ promises of its inside; see `audit.ts`. */
export const CLAIMS = {
  fifo: {
    name: 'queue-fifo',
    claim: 'A queue hands out messages of one priority in the order in which they came.',
  },
  prefetch: {
    name: 'prefetch',
    claim: 'No consumer and no channel holds more deliveries than its prefetch.',
  },
  settled: {
    name: 'settled-once',
    claim: 'What a connection has settled is never delivered on it again.',
  },
  leaders: {
    name: 'one-leader',
    claim: 'a term of a quorum queue has one leader',
  },
  matching: {
    name: 'log-matching',
    claim: 'members with one term at an index have the same log up to there',
  },
  confirmed: {
    name: 'confirmed-survives',
    claim: 'what a quorum queue has confirmed survives the loss of any minority of its members',
  },
} as const satisfies Readonly<Record<string, AuditClaim>>;

export const INVARIANTS: readonly AuditClaim[] = Object.values(CLAIMS);
