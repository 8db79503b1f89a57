import type { RunVerdict } from '../sim/history/record.ts';

/** What the process says by its exit code. */
export const Exit = {
  asExpected: 0,
  failed: 1,
  usage: 2,
  inconclusive: 3,
  diverged: 4,
  bug: 70,
  interrupted: 130,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

/** Of several files the worst decides: a bug of ours, a mistake, a failure, a doubt. */
const WORST_FIRST: readonly Exit[] = [130, 70, 2, 4, 1, 3, 0];

export function worst(codes: readonly Exit[]): Exit {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? Exit.asExpected;
}

/** A mistake on the command line, or in what it names: told in a sentence, never with a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly hint: string;

  constructor(says: string, hint = '') {
    super(says);
    this.hint = hint;
  }
}

const OF_VERDICT = { pass: 0, fail: 1, inconclusive: 3 } as const;

export const exitOf = (verdict: RunVerdict): Exit => OF_VERDICT[verdict];
