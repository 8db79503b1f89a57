import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Digest } from '../../../sim/kernel/digest.ts';

test('the lead of a digest is the beginning of its text', () => {
  const step = fc.tuple(fc.maxSafeNat(), fc.nat(), fc.nat(), fc.nat(), fc.nat());
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const digest = new Digest();
      for (const each of steps) digest.add(...each);
      expect(digest.text()).toMatch(/^[0-9a-f]{16}$/);
      expect(digest.lead()).toBe(digest.text().slice(0, 6));
    }),
  );
});
