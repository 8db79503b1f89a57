import { expect, test } from 'vitest';
import { backoff, type RetryPlan } from '../../../models/parts/retry.ts';
import { Seeded } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Names } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { World } from '../../../sim/kernel/world.ts';

/** The `out` of a node in a world of one seed. */
function outOf(seed: string): Out {
  const names = new Names();
  const world = new World({
    names,
    choices: new Seeded(names, seed),
    observer: { fact: () => {} },
    latency: Distribution.constant(0),
  });
  let own: Out | undefined;
  world.add('client', { start: (out) => (own = out), onMessage() {}, onTimer() {} });
  world.step();
  return own as Out;
}

const out = outOf('one');
const about = out.names.id('message');
const plan = (way: RetryPlan['backoff']): RetryPlan => ({
  attempts: 100,
  backoff: way,
  base: millis(100),
  cap: seconds(2),
});
const pauses = (way: RetryPlan['backoff'], n = 7) =>
  Array.from({ length: n }, (_, i) => backoff(plan(way), i + 1, out, about, 0) / 1000);

test('immediate, fixed and exponential pauses are what their names say, up to the cap', () => {
  expect(pauses('immediate', 3)).toEqual([0, 0, 0]);
  expect(pauses('fixed', 3)).toEqual([100, 100, 100]);
  expect(pauses('exponential')).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
});

test('after a hundred failures the pause is still the cap', () => {
  expect(backoff(plan('exponential'), 100, out, about, 0)).toBe(seconds(2));
});

test('full jitter lies anywhere between nothing and the exponential pause', () => {
  const jitter = Array.from({ length: 1000 }, (_, nr) =>
    backoff(plan('full-jitter'), 3, out, about, nr),
  );
  // The third pause is 0 to 400 ms; of 1000 draws one falls into each twentieth.
  expect(Math.min(...jitter)).toBeLessThan(millis(20));
  expect(Math.max(...jitter)).toBeGreaterThan(millis(380));
  expect(Math.max(...jitter)).toBeLessThanOrEqual(millis(400));
  const mean = jitter.reduce((a, b) => a + b, 0) / 1000;
  expect(mean).toBeGreaterThan(millis(180));
  expect(mean).toBeLessThan(millis(220));
});

test('one seed gives the same jitter again, another seed another, and so does another round', () => {
  const draw = (seed: string, round?: number) => {
    const o = outOf(seed);
    return backoff(plan('full-jitter'), 3, o, o.names.id('message'), 0, round);
  };
  expect(draw('one')).toBe(draw('one'));
  expect(draw('one')).not.toBe(draw('two'));
  expect(draw('one')).not.toBe(draw('one', 2003));
});
