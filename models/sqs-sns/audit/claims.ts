import type { AuditClaim } from '../../parts/audit.ts';

/** What SQS promises of its inside. Source: SQS Developer Guide, "FIFO delivery logic". */
export const CLAIMS = {
  lock: {
    name: 'group-lock',
    claim: 'While a message of a group is in flight, no other batch gets one of that group.',
  },
  order: {
    name: 'group-order',
    claim: 'A FIFO queue first hands out the messages of a group in the order of their arrival.',
  },
  deduplicated: {
    name: 'deduplicated',
    claim: 'No deduplication id is accepted twice within five minutes in its scope.',
  },
  receives: {
    name: 'receives-rise',
    claim: 'The receive count of a copy never falls.',
  },
} as const satisfies Record<string, AuditClaim>;

export const INVARIANTS: readonly AuditClaim[] = Object.values(CLAIMS);
