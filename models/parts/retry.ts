import { Distribution } from '../../sim/kernel/distribution.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { doubled, type Micros } from '../../sim/kernel/time.ts';

/**
 * How an application tries again. `full-jitter` waits uniform(0, min(cap, base * 2^n)):
 * "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export interface RetryPlan {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly backoff: 'immediate' | 'fixed' | 'exponential' | 'full-jitter';
  readonly base: Micros;
  readonly cap: Micros;
}

export const NO_RETRY: RetryPlan = { attempts: 1, backoff: 'immediate', base: 0, cap: 0 };

/**
 * How long to wait after the `attempt`-th failure (from 1). The jitter is named about/nr #round;
 * who tries the same thing again from 1 (a message that came again) gives each attempt a round of
 * its own.
 */
export function backoff(
  plan: RetryPlan,
  attempt: number,
  out: Out,
  about: NameId,
  nr: number,
  round: number = attempt,
): Micros {
  if (plan.backoff === 'immediate') return 0;
  if (plan.backoff === 'fixed') return plan.base;
  const ceiling = doubled(plan.base, attempt - 1, plan.cap);
  if (plan.backoff === 'exponential') return ceiling;
  const table = Distribution.uniform(0, ceiling);
  return out.sample(out.names.id('backoff'), about, nr, round, table);
}
