import { expect, test } from 'vitest';
import { DESIGN, load } from './fake-systems.ts';

test('the file of the design document loads without a complaint', () => {
  const { scenario, problems } = load(DESIGN);
  expect(problems).toEqual([]);
  expect(scenario?.name).toBe('A lost acknowledgement, retried');
});
