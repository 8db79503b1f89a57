import { Distribution } from '../../../sim/kernel/distribution.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { doubled, type Micros } from '../../../sim/kernel/time.ts';
import type { RetryTimes } from '../config/settings.ts';

/** Kafka's jitter: a factor between 0.8 and 1.2, here in thousandths. */
const JITTER = Distribution.uniform(800, 1200);

/**
 * Wait before try n + 1 after n failures: min(max, base * 2^(n-1) * u), constant when max <= base.
 * Source: `ExponentialBackoff`, KIP-580. `what about/nr #n` names the draw.
 */
export function backoff(
  times: RetryTimes,
  failures: number,
  out: Out,
  what: NameId,
  about: NameId,
  nr: number,
): Micros {
  if (times.max <= times.base) return times.base;
  // Ten times the longest wait is above every jitter's reach.
  const grown = doubled(times.base, failures - 1, times.max * 10);
  const u = out.sample(what, about, nr, failures, JITTER);
  return Math.min(times.max, Math.floor((grown * u) / 1000));
}
