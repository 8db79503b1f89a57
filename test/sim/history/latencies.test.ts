import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { Latencies } from '../../../sim/history/latencies.ts';

/** What a histogram with three significant digits says of these. */
function byHistogram(values: readonly number[]) {
  const h = build({ numberOfSignificantValueDigits: 3, autoResize: true });
  for (const value of values) h.recordValue(value);
  const [p50, p99] = [h.getValueAtPercentile(50), h.getValueAtPercentile(99)];
  return { max: h.maxValue, p50, p99, final: h.maxValue };
}

function measured(values: readonly number[]) {
  const latencies = new Latencies();
  for (const value of values) latencies.add(value);
  return latencies.measures();
}

test('few values and many are measured alike, as a histogram would', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 10 ** 10 }));
  // 256 values fit before there is a histogram; 257 do not.
  const values = fc.array(value, { minLength: 1, maxLength: 300, size: 'max' });
  fc.assert(
    fc.property(values, (all) => {
      expect(measured(all)).toEqual(byHistogram(all));
    }),
  );
});

test('the values are told apart below 2048 and to three digits above', () => {
  expect(measured([2047])).toEqual({ max: 2047, p50: 2047, p99: 2047, final: 2047 });
  // 2048 and 2049 share a bucket of two: the larger stands for both, the maximum is exact.
  expect(measured([2048])).toEqual({ max: 2048, p50: 2049, p99: 2049, final: 2048 });
});

test('nothing measured is nothing', () => {
  expect(measured([])).toEqual({ max: 0, p50: 0, p99: 0, final: 0 });
});
