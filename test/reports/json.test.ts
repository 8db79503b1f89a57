import { expect, test } from 'vitest';
import { jsonDocument } from '../../reports/json.ts';
import type { RunRecord } from '../../sim/history/record.ts';
import { record } from './records.ts';

/** The same value with every object's keys the other way round. */
function turned<T>(value: T): T {
  if (Array.isArray(value)) return value.map(turned) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, v]) => [key, turned(v as unknown)])) as T;
}

test('the document does not depend on the order in which the record was put together', () => {
  const run = record({ variants: [record({ variant: 'acks=1' })] });
  expect(jsonDocument([turned(run)], false)).toBe(jsonDocument([run], false));
});

test('it holds everything the record holds, also what was added later', () => {
  const run: RunRecord & { added: number } = { ...record(), added: 1 };
  expect(JSON.parse(jsonDocument([run], false))).toEqual(run);
});

test('several runs are an array, also when only one or none of them was finished', () => {
  expect(JSON.parse(jsonDocument([record()], true))).toHaveLength(1);
  expect(jsonDocument([], true)).toBe('[]\n');
});
