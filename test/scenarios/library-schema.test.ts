import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadScenario } from '../../scenarios/load.ts';
import { jsonSchema } from '../../scenarios/schema.ts';
import { DESIGN } from './fake-systems.ts';

const files = readdirSync('scenarios', { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml'))
  .sort((a, b) => (a < b ? -1 : 1));

const valid = new Ajv({ strict: false, allErrors: true }).compile(jsonSchema());

test.each(files)('the schema for editors accepts %s, of the library', (file) => {
  const value: unknown = parse(readFileSync(`scenarios/${file}`, 'utf8'));
  expect(valid(value) ? [] : valid.errors).toEqual([]);
});

test('the file of the design document loads with the real systems', () => {
  expect(valid(parse(DESIGN))).toBe(true);
  expect(loadScenario(DESIGN, 'design.yaml', { strict: true }).problems).toEqual([]);
});
