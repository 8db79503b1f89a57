import type { Invariant } from './invariant.ts';

/**
 * A system's own claim about its inside, checked by itself while it ran: "kafka.log-matching".
 * `part` is the whole name.
 */
export const model: Invariant = {
  name: 'model',
  claim: 'What a system claims of its inside holds.',
  parts: ['*'],
  read(summary, _over, part) {
    const finding = summary.model.find((f) => f.name === part);
    const value = finding?.verdict ?? 'unknown';
    // A run that never put it to the test proves nothing, unless that is what was expected.
    return {
      value,
      actual: value === 'violated' ? `violated ${times(finding?.violations ?? 0)}` : value,
      proof: 'exact',
      witnesses: (finding?.witnesses ?? []).map((w) => ({ ...w, message: part })),
    };
  },
};

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
