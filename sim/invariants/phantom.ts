import { type Invariant, proofOfCount, total, witnesses } from './invariant.ts';

/** Nothing is delivered whose sending certainly failed. */
export const phantom: Invariant = {
  name: 'phantom',
  claim: 'Nothing is delivered whose send certainly failed or that was never sent.',
  parts: [''],
  read(summary, over) {
    const count = total(over, (s) => s.measures.phantom);
    const seen = total(over, (s) => s.measures.delivered);
    return {
      value: count,
      actual: String(count),
      proof: seen === 0 ? { nothing: 'nothing was delivered' } : proofOfCount(summary),
      witnesses: witnesses(over, 'phantom'),
    };
  },
};
