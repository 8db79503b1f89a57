import { type Invariant, isCut, total, witnesses } from './invariant.ts';

/** Every acknowledged message is applied, still stored, or dead-lettered. */
export const loss: Invariant = {
  name: 'loss',
  claim:
    'Every acknowledged message is applied, still stored for its subscription, or dead-lettered.',
  parts: [''],
  read(summary, over) {
    const lost = total(over, (s) => s.measures.lost);
    const base = { value: lost, actual: String(lost), witnesses: witnesses(over, 'loss') };
    if (total(over, (s) => s.acked) === 0) {
      return { ...base, proof: { nothing: 'nothing was acknowledged' } };
    }
    // What is in flight when a bound cuts the run looks lost and need not be.
    if (isCut(summary)) return { ...base, proof: { nothing: `the run was cut (${summary.end})` } };
    return { ...base, proof: 'exact' };
  },
};
