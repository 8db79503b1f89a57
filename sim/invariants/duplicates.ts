import { type Invariant, proofOfCount, total, witnesses } from './invariant.ts';

/** No message is stored, delivered or applied more than once, counted apart. */
export const duplicates: Invariant = {
  name: 'duplicates',
  claim: 'No message is stored, delivered or applied a second time.',
  parts: ['effects', 'stored', 'delivered'],
  read(summary, over, part) {
    const level = part as 'effects' | 'stored' | 'delivered';
    const count = total(over, (s) => s.measures.duplicates[level]);
    const seen = total(over, (s) =>
      level === 'effects'
        ? s.measures.effects
        : level === 'stored'
          ? s.measures.owed
          : s.measures.delivered,
    );
    return {
      value: count,
      actual: String(count),
      proof: seen === 0 ? { nothing: 'nothing got that far' } : proofOfCount(summary),
      witnesses: witnesses(over, `duplicates.${level}`),
    };
  },
};
