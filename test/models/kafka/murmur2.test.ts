import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { javaHash, murmur2, partitionOfKey } from '../../../models/kafka/murmur2.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

// Values of Kafka's own UtilsTest, and "abc" from the fact sheet.
describe('murmur2', () => {
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of "%s" is %i', (text, hash) => {
    expect(murmur2(bytes(text))).toBe(hash);
  });

  test.each([
    ['foobar', 3, 0],
    ['foobar', 4, 2],
    ['foobar', 8, 6],
    ['abc', 3, 0],
    ['abc', 4, 3],
  ])('sends "%s" of %i partitions to %i', (key, partitions, partition) => {
    expect(partitionOfKey(key, partitions)).toBe(partition);
  });

  test('never leaves the partitions of the topic', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
        const partition = partitionOfKey(key, partitions);
        expect(Number.isInteger(partition)).toBe(true);
        expect(partition).toBeGreaterThanOrEqual(0);
        expect(partition).toBeLessThan(partitions);
      }),
    );
  });
});

test('a group finds its partition of __consumer_offsets by the hash that Java gives its name', () => {
  // "abc".hashCode() = 97 * 31^2 + 98 * 31 + 99.
  expect(javaHash('abc')).toBe(96354);
  expect(javaHash('')).toBe(0);
  // Overflows into the sign: the value that Java gives.
  expect(javaHash('polygenelubricants')).toBe(-2147483648);
});
