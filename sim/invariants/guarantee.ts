import { observedByAll } from '../history/summary.ts';
import { type Invariant, isCut } from './invariant.ts';

/** What the run as a whole gave: by effects, over all subscriptions spoken of. */
export const guarantee: Invariant = {
  name: 'guarantee',
  claim: 'The strongest delivery guarantee that the run did not contradict.',
  parts: [''],
  read(summary, over) {
    const value = observedByAll(over);
    const nothing = isCut(summary)
      ? `the run was cut (${summary.end})`
      : value === 'unknown'
        ? 'nothing was acknowledged'
        : '';
    const kinds = ['loss', 'duplicates.effects'];
    return {
      value,
      actual: value,
      proof: nothing === '' ? 'exact' : { nothing },
      witnesses: over.flatMap((s) => kinds.flatMap((kind) => s.evidence.of(kind))),
    };
  },
};
