import { seconds, type Micros } from '../../../sim/kernel/time.ts';
import type { KeyValue } from '../../parts/config.ts';
import { isObject, readObject } from '../contents.ts';

/** How deliveries to one endpoint are tried again: "Amazon SNS message delivery retries". */
export interface DeliveryPolicy {
  /** Retries without a pause, then so many `min` apart, then growing ones, then `max` apart. */
  readonly immediate: number;
  readonly preBackoff: number;
  readonly backoff: number;
  readonly postBackoff: number;
  readonly min: Micros;
  readonly max: Micros;
  readonly grows: 'linear' | 'arithmetic' | 'geometric' | 'exponential';
  /** 0: as fast as they come. */
  readonly perSecond: number;
}

/** To SQS: 100 015 retries over 23 days; nobody can change it. */
export const TO_SQS: DeliveryPolicy = {
  immediate: 3,
  preBackoff: 2,
  backoff: 10,
  postBackoff: 100_000,
  min: seconds(1),
  max: seconds(20),
  grows: 'exponential',
  perSecond: 0,
};

const FUNCTIONS = ['linear', 'arithmetic', 'geometric', 'exponential'] as const;
const LONGEST = 3_600;

/** Of an HTTP endpoint: a policy, or what SNS says against it. */
export function parseDeliveryPolicy(value: KeyValue): DeliveryPolicy | string {
  const given = readObject(value) ?? {};
  if (typeof given === 'string') return given;
  const retry = given.healthyRetryPolicy ?? {};
  const throttle = given.throttlePolicy ?? {};
  if (!isObject(retry)) return 'healthyRetryPolicy must be an object';
  if (!isObject(throttle)) return 'throttlePolicy must be an object';
  const number = (name: string, usual: number): number => {
    const n = retry[name];
    return typeof n === 'number' && Number.isInteger(n) ? n : n === undefined ? usual : NaN;
  };
  const retries = number('numRetries', 3);
  const [min, max] = [number('minDelayTarget', 20), number('maxDelayTarget', 20)];
  const phases = ['numNoDelayRetries', 'numMinDelayRetries', 'numMaxDelayRetries'].map((name) =>
    number(name, 0),
  );
  const [immediate, preBackoff, postBackoff] = phases;
  const grows = FUNCTIONS.find((f) => f === (retry.backoffFunction ?? 'linear'));
  const perSecond = throttle.maxReceivesPerSecond ?? 0;
  if (![retries, ...phases].every((n) => n >= 0 && n <= 100)) {
    return 'numbers of retries must be between 0 and 100';
  }
  const backoff = retries - immediate - preBackoff - postBackoff;
  if (backoff < 0) return 'numRetries must be at least the sum of the retries of its phases';
  if (!(min >= 1 && max >= min && max <= LONGEST)) {
    return 'minDelayTarget must be between 1 and maxDelayTarget, and that at most 3600';
  }
  if (grows === undefined) return `backoffFunction must be one of ${FUNCTIONS.join(', ')}`;
  if (typeof perSecond !== 'number' || !Number.isInteger(perSecond) || perSecond < 0) {
    return 'maxReceivesPerSecond must be 1 or more';
  }
  const policy: DeliveryPolicy = {
    immediate,
    preBackoff,
    backoff,
    postBackoff,
    min: seconds(min),
    max: seconds(max),
    grows,
    perSecond,
  };
  return totalOf(policy) > seconds(LONGEST)
    ? 'the total delay of its retries must not exceed 3600 seconds'
    : policy;
}

export function retriesOf(policy: DeliveryPolicy): number {
  return policy.immediate + policy.preBackoff + policy.backoff + policy.postBackoff;
}

/** How long all retries take together, as far as that is worth adding up. */
export function totalOf(policy: DeliveryPolicy): Micros {
  let total = 0;
  for (let n = 1; n <= Math.min(200, retriesOf(policy)); n++) total += pauseBefore(policy, n);
  return total;
}

/**
 * The pause before the n-th retry, from 1. The vendor names the functions and publishes no formula;
 * here: linear in equal steps, arithmetic in growing ones, geometric by half, exponential by twice.
 */
export function pauseBefore(policy: DeliveryPolicy, n: number): Micros {
  const { immediate, preBackoff, backoff, min, max } = policy;
  if (n <= immediate) return 0;
  if (n <= immediate + preBackoff) return min;
  const step = n - immediate - preBackoff - 1;
  return step < backoff ? grown(policy, step) : max;
}

function grown({ grows, backoff, min, max }: DeliveryPolicy, step: number): Micros {
  const last = Math.max(1, backoff - 1);
  if (grows === 'linear') return min + Math.floor(((max - min) * step) / last);
  if (grows === 'arithmetic') {
    return min + Math.floor(((max - min) * step * (step + 1)) / (last * (last + 1)));
  }
  let pause = min;
  for (let i = 0; i < step && pause < max; i++) {
    pause = grows === 'geometric' ? Math.floor((pause * 3) / 2) : pause * 2;
  }
  return Math.min(pause, max);
}
