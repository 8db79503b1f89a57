import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { matchers, simulate, type StartHandler } from '../../testing/index.ts';
import '../../testing/vitest.ts';
import { calls, callsOnce } from './scenes.ts';

const text = readFileSync('testing/README.md', 'utf8');

test('the first test of the page fails as it says, and passes as it says', () => {
  const scenario = /const scenario = `\n([^`]+)`;/.exec(text)?.[1] ?? '';
  expect(text).toContain('    yield* api.call(payment);\n');
  expect(text).toContain(
    "{ crash: 'billing-1', when: { event: 'effect', nth: 2 }, restart: '1s' }",
  );
  const faults = [
    { crash: 'billing-1', when: { event: 'effect', nth: 2 }, restart: '1s' },
  ] as const;
  const run = (billing: StartHandler) => simulate(scenario, { handlers: { billing }, faults });
  expect(run(calls)).not.toDeliver('exactly-once');
  expect(run(callsOnce)).toDeliver('exactly-once');
});

test('the page names every matcher', () => {
  for (const name of Object.keys(matchers)) expect(text).toContain(`\`${name}(`);
});
