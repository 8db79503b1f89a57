import { agreement } from './agreement.ts';
import { alerts, counters, producers } from './counted.ts';
import { duplicates } from './duplicates.ts';
import { guarantee } from './guarantee.ts';
import type { Invariant } from './invariant.ts';
import { lag, latency } from './lag.ts';
import { loss } from './loss.ts';
import { model } from './model.ts';
import { ordering } from './ordering.ts';
import { phantom } from './phantom.ts';
import { deadLettered, drained, pending, stalled } from './progress.ts';

/** Every invariant that a scenario may speak of. */
export const INVARIANTS: readonly Invariant[] = [
  loss,
  duplicates,
  ordering,
  guarantee,
  lag,
  latency,
  phantom,
  agreement,
  pending,
  deadLettered,
  drained,
  stalled,
  producers,
  counters,
  alerts,
  model,
];
