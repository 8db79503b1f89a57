import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Execution, execute, recordChoices } from '../scenarios/execute.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { SelfCheck } from '../sim/kernel/choices.ts';
import { LIBRARY, nameOf, runsOf } from './library.ts';

function checked(scenario: Scenario, earlier?: SelfCheck): SelfCheck {
  let check: SelfCheck | undefined;
  const execution = new Execution(scenario, {
    seed: scenario.seed,
    instrument: (choices, names) => (check = new SelfCheck(names, choices, earlier)),
  });
  while (!execution.advance(Infinity));
  if (check === undefined) throw new Error('the instrument was not installed');
  return check;
}

describe.each(LIBRARY)('%s', (file) => {
  test('asks the same questions in the same order twice, and no question twice', () => {
    for (const scenario of runsOf(file)) {
      const first = checked(scenario);
      expect(first.repeated.slice(0, 3), nameOf(scenario)).toEqual([]);
      expect(checked(scenario, first).parted, nameOf(scenario)).toBeUndefined();
    }
  });

  test('a run taken in slices is the run taken at once', () => {
    const [scenario] = runsOf(file);
    const sliced = new Execution(scenario, { seed: scenario.seed });
    while (!sliced.advance(7));
    expect(sliced.record()).toEqual(execute(scenario, { seed: scenario.seed }));
  });

  test('what a seed drew, given as overrides, gives the same run', () => {
    const [scenario] = runsOf(file);
    const options = { seed: scenario.seed };
    const overrides = recordChoices(scenario, options);
    const replayed = new Execution(scenario, { ...options, overrides });
    while (!replayed.advance(Infinity));
    expect(replayed.unasked).toEqual([]);
    expect(replayed.record().digest).toBe(execute(scenario, options).digest);
  });
});

test('fresh processes agree with each other to the byte', () => {
  const once = (): string =>
    execFileSync(process.execPath, ['dist/cli/main.js', 'run', ...LIBRARY, '--json'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
  expect(once()).toBe(once());
});
