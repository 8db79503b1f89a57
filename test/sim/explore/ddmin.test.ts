import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ddmin } from '../../../sim/explore/search/shrink.ts';

test('keeps what is needed and nothing else, in its order', () => {
  const needs = (list: readonly number[]) => list.includes(3) && list.includes(17);
  expect(ddmin([...Array(40).keys()], needs)).toEqual([3, 17]);
  expect(ddmin([1, 2, 3], () => true)).toEqual([]);
});

test('no single item of a result can be left out, whatever is needed', () => {
  const sets = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(sets, fc.array(fc.uniqueArray(fc.nat(30)), { maxLength: 4 }), (items, wanted) => {
      // Any of several sets will do: what is left need not be the smallest, but minimal.
      const keeps = (list: readonly number[]) =>
        wanted.concat([items]).some((set) => set.every((item) => list.includes(item)));
      const least = ddmin(items, keeps);
      expect(keeps(least)).toBe(true);
      for (const item of least) expect(keeps(least.filter((other) => other !== item))).toBe(false);
    }),
  );
});
