/** Importing this file teaches vitest's `expect` the matchers. */
import { expect } from 'vitest';
import { matchers, type Duplicates, type Violation } from './matchers.ts';
import type { Delivery, Invariant, Whose } from './promise.ts';

/** The matchers as they stand behind `expect(run)`. */
export interface RunMatchers<Result = unknown> {
  toDeliver(guarantee: Delivery, whose?: Whose): Result;
  toLose(count: number, whose?: Whose): Result;
  toDuplicate(count: number, of?: Duplicates): Result;
  toHold(invariant: Invariant, whose?: Whose): Result;
  toViolate(invariant: Invariant, of?: Violation): Result;
  toPass(): Result;
  toReplay(token: string): Result;
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- Merged with vitest's own.
  interface Matchers<T> extends RunMatchers<T> {}
}

expect.extend(matchers);
