/** Thrown for a bug of ours, never for a user's mistake or a modelled failure. */
export class AssertionError extends Error {
  override name = 'AssertionError';
}

/** Holds a claim about our own code. The claim is said in words, as it should be true. */
export function assert(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new AssertionError(`expected: ${claim}`);
}
