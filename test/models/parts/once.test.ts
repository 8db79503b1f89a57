import { expect, test } from 'vitest';
import { once } from '../../../models/parts/once.ts';

test('what is read once is shared, and read for each thing anew', () => {
  const read: string[] = [];
  const lengthOf = once(({ text }: { text: string }) => {
    read.push(text);
    return { length: text.length };
  });
  const [a, b] = [{ text: 'a' }, { text: 'bb' }];
  expect(lengthOf(a)).toBe(lengthOf(a));
  expect(lengthOf(b).length).toBe(2);
  expect(read).toEqual(['a', 'bb']);
});

test('an undefined reading is a reading, too', () => {
  let reads = 0;
  const nothing = once((): undefined => void reads++);
  const key = {};
  nothing(key);
  nothing(key);
  expect(reads).toBe(1);
});
