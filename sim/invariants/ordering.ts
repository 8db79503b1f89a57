import { type Invariant, proofOfCount, total } from './invariant.ts';

/** Messages are delivered in the order in which their producer sent them, within a scope. */
export const ordering: Invariant = {
  name: 'ordering',
  claim: 'No message is delivered after a younger one of the same producer and scope.',
  parts: ['inversions', 'rewinds', 'byKey'],
  read(summary, over, part) {
    // What the system promises nothing about may be asked for all the same.
    const byKey = part === 'byKey';
    const kind = byKey ? 'inversions' : (part as 'inversions' | 'rewinds');
    const count = total(over, ({ measures: { ordering } }) =>
      byKey ? ordering.by.key.inversions : ordering[kind],
    );
    const seen = total(over, (s) => s.measures.delivered);
    return {
      value: count,
      actual: String(count),
      proof: seen < 2 ? { nothing: 'fewer than two deliveries' } : proofOfCount(summary),
      witnesses: over.flatMap((s) =>
        s.evidence.of(`ordering.${byKey ? 'key' : s.measures.ordering.scope}.${kind}`),
      ),
    };
  },
};
