import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alike, didYouMean, distance, nearest } from '../../scenarios/nearest.ts';

const KEYS = ['enable.idempotence', 'enable.auto.commit', 'acks', 'linger.ms', 'batch.size'];

test('a slip of the fingers finds the word that was meant', () => {
  expect(nearest('enable.idempotnce', KEYS)).toBe('enable.idempotence');
  expect(nearest('ackss', KEYS)).toBe('acks');
  expect(nearest('akcs', KEYS)).toBe('acks');
});

test('case and separators are no difference', () => {
  expect(nearest('enableIdempotence', KEYS)).toBe('enable.idempotence');
  expect(nearest('LINGER_MS', KEYS)).toBe('linger.ms');
});

test('another word is not taken for a slip', () => {
  expect(nearest('bootstrap.servers', KEYS)).toBe(undefined);
  expect(nearest('x', ['y'])).toBe(undefined);
  expect(nearest('', KEYS)).toBe(undefined);
  expect(nearest('a'.repeat(10_000), KEYS)).toBe(undefined);
});

test('when nothing is near, what there is to choose from is told, but not all of a long list', () => {
  expect(didYouMean('zzzzz', ['one', 'two'])).toBe('known here: one, two');
  const many = Array.from({ length: 20 }, (_, i) => `word${i}`);
  expect(didYouMean('zzzzz', many)).toContain('and 8 more');
});

test('the distance is a metric on short words: zero for equals, symmetric', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(distance(a, a, 100)).toBe(0);
      expect(distance(a, b, 100)).toBe(distance(b, a, 100));
      expect(distance(a, b, 100)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('names that share a word are alike, whatever stands around it; short words are none', () => {
  const keys = ['confirm.select', 'maxOutstandingConfirms', 'prefetch', 'no_ack'];
  expect(alike('publisherConfirms', keys)).toEqual(['confirm.select', 'maxOutstandingConfirms']);
  expect(alike('ack', keys)).toEqual([]);
});
