import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MODEL_VERSION, playToModel } from './real/model.ts';
import { transcript } from './real/script.ts';
import { SCRIPTS } from './real/scripts/index.ts';

const observed = (file: string): string => {
  return readFileSync(new URL(`observed/${file}`, import.meta.url), 'utf8');
};

/** What the model does otherwise, as its README says. */
const OTHERWISE = ['stream-nack'];
const ALIKE = SCRIPTS.filter(({ name }) => !OTHERWISE.includes(name));

describe('the model does what a real RabbitMQ 3.10.8 was seen to do', () => {
  test.each(ALIKE)('$name: $says', (script) => {
    const real = observed(`${script.name}.txt`);
    const [server] = real.slice(2).split('\n');
    expect(transcript(server, playToModel(script, MODEL_VERSION))).toBe(real);
  });

  test('each script has been played, and each observation is of a script', () => {
    const names = SCRIPTS.map(({ name }) => `${name}.txt`);
    expect(readdirSync(new URL('observed/', import.meta.url)).sort()).toEqual(names.sort());
  });
});
