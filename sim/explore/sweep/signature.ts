import type { RunRecord } from '../../history/record.ts';

/** What two failures have in common when they are the same failure. */
export interface Signature {
  /** Names of the expectations that were violated, as the scenario orders them. */
  readonly violated: readonly string[];
  /** What the first piece of evidence says, without its numbers; "" without evidence. */
  readonly cause: string;
}

/** Which message, offset and broker it was is the seed's luck: "orders-#/#". */
export function signatureOf({ expectations }: RunRecord): Signature {
  const violated = expectations.filter((e) => e.verdict === 'violated');
  const witness = violated.flatMap((e) => e.witnesses)[0];
  const cause = witness === undefined ? '' : witness.says.replace(/\d+/g, '#');
  return { violated: violated.map((e) => e.name), cause };
}
