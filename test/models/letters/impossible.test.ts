import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Execution, execute } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { runnerOf } from '../../../scenarios/runner.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { SPACE } from '../../../scenarios/space.ts';
import { SelfCheck } from '../../../sim/kernel/choices.ts';

const LETTERS = ['Order', 'Confirm1', 'Confirm2', 'Confirm3', 'Confirm4'];

/** What a party does on a letter: some of what it can do, in any order. */
const acts = (own: readonly string[], sends: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...own, ...sends.map((letter) => `send ${letter}`)), {
    minLength: 1,
    maxLength: 3,
  });

const ANNS = ['Order', 'Confirm2', 'Confirm4'];
const BOBS = ['Confirm1', 'Confirm3'];

const rule = (when: string, does: readonly string[], times = 1) =>
  `{ when: ${when}, times: ${times}, do: [${does.join(', ')}] }`;

const rules = (letters: readonly string[], own: readonly string[], sends: readonly string[]) =>
  fc
    .tuple(...letters.map((letter) => fc.tuple(fc.constant(letter), acts(own, sends))))
    .map((all) => all.map(([letter, does]) => rule(letter, does, 2)));

/** Any protocol in which Ann starts, and in the end says ok or failed: she never says unknown. */
const protocols = fc
  .record({
    starts: fc.constantFrom(['send Order'], ['send Order', 'ok']),
    retries: fc.nat(2),
    ann: rules(BOBS, ['ok'], ANNS),
    bob: rules(ANNS, ['apply'], BOBS),
    repeats: fc.nat(1),
  })
  .map(({ starts, retries, ann, bob, repeats }) => {
    const again = retries === 0 ? [] : [rule('silence', ['send Order'], retries)];
    const echo = repeats === 0 ? [] : [rule('silence', ['send Confirm1'])];
    return `scenario: any protocol
system: letters
links: { road: {} }
producers:
  ann:
    to: road
    send: { count: 1 }
    config: { rules: [${[rule('start', starts), ...again, ...ann, rule('silence', ['failed'])].join(', ')}] }
consumers: { bob: { from: road, config: { rules: [${[...bob, ...echo].join(', ')}] } } }
expect: { loss: 0, phantom: 0 }
`;
  });

function load(text: string): Scenario {
  const { scenario, problems } = loadScenario(text, 'any.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n') + text);
  return scenario;
}

const bothAttack = (scenario: Scenario): boolean => {
  const { producers, subscriptions } = execute(scenario, { seed: '1' });
  return producers.ann.ok === 1 && subscriptions.bob.effects === 1;
};

/**
 * The theorem, tried on protocols that nobody thought of. Lose every letter from the k-th on: from
 * all letters down to none, who sent the k-th cannot tell two neighbours apart. In the first run
 * both attack, in the last one Bob has heard nothing. So somewhere between one attacks alone.
 */
test('no protocol makes both attack or neither, whichever letters are lost', () => {
  let tried = 0;
  fc.assert(
    fc.property(protocols, (text) => {
      const scenario = load(text);
      fc.pre(bothAttack(scenario));
      tried++;
      const run = runnerOf(scenario, '1', { ...SPACE, kinds: ['lose'] });
      const from = (k: number) => {
        let sent = 0;
        return run({ take: () => sent++ >= k }).violated;
      };
      let sent = 0;
      run({ take: () => (sent++, false) });
      const alone = Array.from({ length: sent + 1 }, (_, k) => from(k).length > 0);
      expect(alone[sent], 'with all letters both attack').toBe(false);
      expect(alone.some((one) => one)).toBe(true);
    }),
    { numRuns: 120, seed: 7 },
  );
  expect(tried).toBeGreaterThanOrEqual(100);
});

test('it is the word "unknown" that makes the impossible possible: then none attacks alone', () => {
  const scenario = load(`scenario: unknown
system: letters
links: { road: {} }
producers: { ann: { to: road, send: { count: 1 } } }
consumers: { bob: { from: road } }
expect: { loss: 0, phantom: 0 }
`);
  const run = runnerOf(scenario, '1', { ...SPACE, kinds: ['lose'] });
  for (let k = 0; k <= 12; k++) {
    let sent = 0;
    expect(run({ take: () => sent++ >= k }).violated).toEqual([]);
  }
});

test('any protocol ends, twice the same, and asks no question twice', () => {
  fc.assert(
    fc.property(protocols, fc.subarray(LETTERS), (text, lost) => {
      const faults = lost.map((letter) => `{ lose: ${letter}, chance: 30% }`);
      const scenario = load(`${text}faults: [${faults.join(', ')}]\n`);
      let check: SelfCheck | undefined;
      const execution = new Execution(scenario, {
        seed: '1',
        instrument: (choices, names) => (check = new SelfCheck(names, choices)),
      });
      while (!execution.advance(Infinity));
      expect(check?.repeated).toEqual([]);
      expect(execution.record().digest).toBe(execute(scenario, { seed: '1' }).digest);
      expect(['drained', 'quiet']).toContain(execution.record().ended);
    }),
    { numRuns: 100, seed: 7 },
  );
});
