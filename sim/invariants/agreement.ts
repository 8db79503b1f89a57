import { type Invariant, proofOfCount } from './invariant.ts';

/** All subscriptions of a channel see its messages in one order. */
export const agreement: Invariant = {
  name: 'agreement',
  claim: 'All subscriptions of a channel see its messages in one order.',
  parts: [''],
  read(summary) {
    const { agreement: seen } = summary.ledger;
    const count = seen.disagreements;
    const message = seen.firstMessage;
    const witness = {
      says: 'first delivered at another place than to the other subscription',
      message: message < 0 ? '' : summary.ledger.nameOf(message),
      atUs: seen.firstAt,
    };
    return {
      value: count,
      actual: String(count),
      proof: seen.applies ? proofOfCount(summary) : { nothing: 'no channel has two subscriptions' },
      witnesses: count > 0 ? [witness] : [],
    };
  },
};
