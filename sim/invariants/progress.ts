import { formatTime } from '../kernel/time.ts';
import { type Invariant, isCut, proofOfCount, total, witnesses } from './invariant.ts';

/** The longest time with something pending and nothing done. */
export const stalled: Invariant = {
  name: 'stalled',
  claim: 'Work that is pending gets done.',
  parts: [''],
  read(summary, over) {
    const value = Math.max(0, ...over.map((s) => s.measures.stalledUs));
    return { value, actual: formatTime(value), proof: proofOfCount(summary), witnesses: [] };
  },
};

/** At the end everything owed is settled or dead-lettered. */
export const drained: Invariant = {
  name: 'drained',
  claim: 'Once faults are healed and producers are done, nothing stays owed.',
  parts: [''],
  read(summary) {
    const value = summary.end === 'drained' ? 'true' : 'false';
    return {
      value,
      actual: value,
      proof: isCut(summary) ? { nothing: `the run was cut (${summary.end})` } : 'exact',
      witnesses: [],
    };
  },
};

/** Still stored for a subscription and not settled. */
export const pending: Invariant = {
  name: 'pending',
  claim: 'Nothing waits for ever.',
  parts: [''],
  read(summary, over) {
    const value = total(over, (s) => s.measures.pending);
    return {
      value,
      actual: String(value),
      proof: isCut(summary) ? { nothing: `the run was cut (${summary.end})` } : 'exact',
      witnesses: [],
    };
  },
};

/** Moved to a dead-letter queue. */
export const deadLettered: Invariant = {
  name: 'deadLettered',
  claim: 'Only messages that nobody can process are set aside.',
  parts: [''],
  read(summary, over) {
    const value = total(over, (s) => s.measures.deadLettered);
    const proof = proofOfCount(summary);
    return { value, actual: String(value), proof, witnesses: witnesses(over, 'deadLettered') };
  },
};
