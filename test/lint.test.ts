import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';
import tseslint from 'typescript-eslint';

// The linter's own configuration, without the rules that need types: the cases are no real files.
const eslint = new ESLint({ overrideConfig: tseslint.configs.disableTypeChecked });

async function complaints(code: string, filePath: string): Promise<string[]> {
  const [result] = await eslint.lintText(`export const x = () => ${code};\n`, { filePath });
  return result.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

/** What may not stand below the doors, and beside each what may. */
const CASES: readonly (readonly [bad: string, good: string])[] = [
  ['Math.random()', 'Math.floor(1)'],
  ['Date.now()', 'String(1)'],
  ['new Date(0)', 'new Map()'],
  ['performance.now()', '1'],
  ['setTimeout(() => {}, 1)', '() => {}'],
  ['setInterval(() => {}, 1)', '() => {}'],
  ['setImmediate(() => {})', '() => {}'],
  ['queueMicrotask(() => {})', '() => {}'],
  ['Promise.resolve(1)', '1'],
  ['process.env', '({}).constructor'],
  ['crypto.randomUUID()', '1'],
  ['console.log(1)', '1'],
  ['new Intl.Collator()', '1'],
  ['Math.exp(1)', 'Math.abs(1)'],
  ['Math.log(1)', 'Math.min(1)'],
  ['Math.pow(2, 3)', 'Math.imul(2, 3)'],
  ['Math.sin(1)', 'Math.sign(1)'],
  ['Math.cos(1)', 'Math.ceil(1)'],
  ['Math.tan(1)', 'Math.trunc(1)'],
  ['(n: number) => 2 ** n', '2 ** 31'],
  ['(n: number) => n ** 2', '10n ** BigInt(3)'],
  ['[2, 1].sort()', '[2, 1].sort((a, b) => a - b)'],
  ['[2, 1].toSorted()', '[2, 1].toSorted((a, b) => a - b)'],
  ["'a'.localeCompare('b')", "'a' < 'b'"],
  ['(1).toLocaleString()', '(1).toString()'],
  ['async () => 1', '() => 1'],
  ["import('./y.ts')", "'./y.ts'"],
  ['(y: { z: unknown }) => { y.z = () => 1; }', '(y: { z: unknown }, f: unknown) => { y.z = f; }'],
  ['(y: any) => y', '(y: unknown) => y'],
  ['(y: number | null) => y == 1', '(y: number | null) => y == null'],
];

describe('below the doors', () => {
  test.each(CASES)('%s is refused and %s is not', async (bad, good) => {
    expect(await complaints(bad, 'sim/kernel/case.ts')).not.toEqual([]);
    expect(await complaints(good, 'sim/kernel/case.ts')).toEqual([]);
  });

  test('in every folder of them', async () => {
    for (const folder of ['sim/history', 'models/kafka', 'models/parts', 'scenarios', 'reports']) {
      expect(await complaints('Math.random()', `${folder}/case.ts`)).toHaveLength(1);
    }
  });

  test('a module of Node is not imported', async () => {
    const [result] = await eslint.lintText("import 'node:fs';\n", { filePath: 'sim/case.ts' });
    expect(result.messages.map((m) => m.ruleId)).toEqual(['no-restricted-imports']);
  });
});

test('the doors may ask the machine', async () => {
  for (const [bad] of CASES.slice(0, 6)) {
    expect(await complaints(bad, 'cli/case.ts')).toEqual([]);
  }
});

test('a message says the remedy', async () => {
  const [message] = await complaints('Date.now()', 'sim/kernel/case.ts');
  expect(message).toContain('ask `out.clock`');
});
