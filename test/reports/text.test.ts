import fc from 'fast-check';
import { expect, test } from 'vitest';
import { count, cut, visible, widthOf, wrap } from '../../reports/text.ts';

test('what could move a cursor, turn the direction of writing or ring a bell is spelled out', () => {
  expect(visible('a\x1b[31mb\x07')).toBe('a\\x1b[31mb\\x07');
  expect(visible('evil\u202egnp.exe')).toBe('evil\\u202egnp.exe');
  expect(visible('half \ud800')).toBe('half \\ud800');
  expect(visible('one\ntwo\tthree')).toBe('one\\ntwo\\tthree');
  expect(visible('Grüße, 注文, 👍')).toBe('Grüße, 注文, 👍');
});

test('no text keeps a control character', () => {
  const bytes = fc.string({ unit: 'binary' });
  fc.assert(
    // eslint-disable-next-line no-control-regex -- None may be left in what is shown.
    fc.property(bytes, (text) => !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(visible(text))),
  );
});

test('cut and wrap keep to the width, also of characters two columns wide', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 8, max: 80 }), (text, width) => {
      expect(widthOf(cut(visible(text), width))).toBeLessThanOrEqual(width);
      for (const line of wrap(visible(text), width)) {
        expect(widthOf(line)).toBeLessThanOrEqual(width);
      }
    }),
  );
});

test('wrap loses no word', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  expect(wrap('', 8)).toEqual(['']);
});

test('thousands are set apart', () => {
  expect([0, 999, 1_204, 1_000_000].map(count)).toEqual(['0', '999', '1 204', '1 000 000']);
});
