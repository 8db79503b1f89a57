import { describe, expect, test } from 'vitest';
import { execute } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { runnerOf } from '../../../scenarios/runner.ts';
import { SPACE, type SpaceOptions } from '../../../scenarios/space.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { search } from '../../../sim/explore/search/search.ts';

interface Plan {
  readonly ann?: string;
  readonly bob?: string;
  readonly process?: string;
  readonly faults?: string;
  readonly expect?: string;
}

const START = '{ when: start, do: send Order }';

function text(plan: Plan): string {
  const { ann = `${START}, { when: Confirm1, do: ok }`, bob = '', process = '{}' } = plan;
  const rules = bob === '' ? '{ when: Order, do: [apply, send Confirm1] }' : bob;
  return `scenario: letters
system: letters
links: { road: {} }
producers: { ann: { to: road, send: { count: 1 }, config: { rules: [${ann}] } } }
consumers: { bob: { from: road, config: { rules: [${rules}] }, process: ${process} } }
network: { latency: 10ms }
faults: [${plan.faults ?? ''}]
expect: ${plan.expect ?? '{}'}
`;
}

function load(plan: Plan): Scenario {
  const { scenario, problems } = loadScenario(text(plan), 'letters.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  return scenario;
}

function run(plan: Plan) {
  const { subscriptions, producers, virtualTimeUs } = execute(load(plan), { seed: '1' });
  return { bob: subscriptions.bob, ann: producers.ann, time: virtualTimeUs };
}

const problemsOf = (plan: Plan) =>
  loadScenario(text(plan), 'letters.yaml').problems.map((p) => `${p.code} ${p.says}`);

/** Every placement of at most `maxFaults` of these faults. */
function verify(plan: Plan, maxFaults: number, space: Partial<SpaceOptions> = {}) {
  const runner = runnerOf(load(plan), '1', { ...SPACE, kinds: ['lose'], ...space });
  const bounds = { maxFaults, runs: 100_000, seed: '1', enough: () => '' };
  return search('exhaustive', runner, bounds);
}

describe('rules', () => {
  test('an order is sent, applied, confirmed: two letters, two latencies', () => {
    const { ann, bob, time } = run({});
    expect(ann).toMatchObject({ ok: 1 });
    expect(bob).toMatchObject({ effects: 1, lost: 0 });
    // 10 ms there, 1 ms of work, 10 ms back.
    expect(time).toBe(21_000);
  });

  test('without a rule for silence the sender cannot know, and says so', () => {
    const lost = run({ faults: '{ lose: Order, nth: 1 }' });
    expect(lost.ann).toMatchObject({ unknown: 1 });
    expect(lost.bob.effects).toBe(0);
    const unconfirmed = run({ faults: '{ lose: Confirm1, nth: 1 }' });
    expect(unconfirmed.ann).toMatchObject({ unknown: 1 });
    expect(unconfirmed.bob.effects).toBe(1);
  });

  test('a rule applies as often as it may: three times in all the order is sent', () => {
    const again = `${START}, { when: silence, times: 2, do: send Order }, { when: Confirm1, do: ok }`;
    const twoLost = run({ ann: again, faults: '{ lose: Order, nth: [1, 2] }' });
    expect(twoLost.ann).toMatchObject({ ok: 1 });
    const threeLost = run({ ann: again, faults: '{ lose: Order, nth: [1, 2, 3] }' });
    expect(threeLost.ann).toMatchObject({ unknown: 1 });
  });

  test('silence is measured from what was heard last', () => {
    // Confirm1 is heard at 21 ms; the silence of one second after that ends the exchange.
    const { time } = run({
      ann: `${START}, { when: Confirm1, do: [] }, { when: silence, do: ok }`,
    });
    expect(time).toBe(1_021_000);
  });

  test('a crash between two acts falls between two lines', () => {
    const crash = '{ crash: bob, when: { event: delivered, nth: 1 }, restart: 100ms }';
    const before = run({ bob: '{ when: Order, do: [send Confirm1, apply] }', faults: crash });
    expect(before.ann).toMatchObject({ ok: 1 });
    expect(before.bob).toMatchObject({ lost: 1, effects: 0 });
    const after = run({ bob: '{ when: Order, do: [apply, send Confirm1] }', faults: crash });
    expect(after.ann).toMatchObject({ ok: 0, unknown: 1 });
    expect(after.bob).toMatchObject({ lost: 0, effects: 0 });
  });

  test('a letter that a fault delays is waited for, longer than anything else', () => {
    // Sent again after a second and applied; the first one comes after the longest silence.
    const { bob, time } = run({
      ann: `${START}, { when: silence, do: send Order }, { when: Confirm1, do: ok }`,
      faults: '{ delay: Order, by: 10min, nth: 1 }',
    });
    expect(bob.duplicates.effects).toBe(1);
    expect(time).toBeGreaterThan(600_000_000);
  });

  test('two parties that answer each other for ever are stopped', () => {
    const { ann, bob } = run({
      ann: `${START}, { when: Confirm1, do: send Order }, { when: silence, do: ok }`,
      bob: '{ when: Order, do: [send Confirm1] }, { when: silence, do: apply }',
    });
    expect(ann).toMatchObject({ ok: 1 });
    expect(bob.effects).toBe(1);
  });

  test.each<[string, Plan, string]>([
    ['only senders start', { bob: START }, 'SCN037 only the sender starts'],
    ['letters are known', { ann: '{ when: Reply, do: ok }' }, 'a rule cannot wait for "Reply"'],
    ['acts are known', { ann: '{ when: start, do: run rm }' }, 'the sender cannot do "run rm"'],
    [
      'times are bounded',
      { ann: '{ when: silence, times: 101, do: ok }' },
      '"times" cannot be 101',
    ],
    ['rules do something', { ann: '{ when: silence }' }, 'a rule does something'],
    ['rules are short', { ann: `{ when: start, do: [${'ok, '.repeat(6)}] }` }, 'does 6 things'],
    [
      'ten rules are enough',
      { ann: Array.from({ length: 11 }, () => START).join(', ') },
      '11 rules; a party has 10 at most',
    ],
    ['the answer is a rule', { process: '{ acknowledge: before }' }, 'the rules say when'],
  ])('%s', (_name, plan, says) => {
    expect(problemsOf(plan).join()).toContain(says);
  });
});

describe('both or neither', () => {
  const BOTH = '{ loss: 0, phantom: 0 }';
  const generals = (plan: Plan) => ({ expect: BOTH, ...plan });

  test('who attacks without waiting attacks alone when his letter is lost', () => {
    const { found } = verify(
      generals({
        ann: '{ when: start, do: [send Order, ok] }',
        bob: '{ when: Order, do: apply }',
      }),
      1,
    );
    expect(found?.violated).toEqual(['loss above']);
    expect(found?.placed).toEqual(['lose ann>bob Order road/0 #1']);
  });

  test('who attacks when told leaves alone who waits for word of it', () => {
    const { found } = verify(
      generals({
        ann: `${START}, { when: Confirm1, do: ok }, { when: silence, do: failed }`,
      }),
      1,
    );
    expect(found?.violated).toEqual(['phantom above']);
  });

  test('a sender that may say "unknown" agrees with whatever happens: the bounded case holds', () => {
    const { exhausted, found, tried } = verify(generals({}), 2);
    expect(found).toBeUndefined();
    expect(exhausted).toBe(true);
    // None; Order or Confirm1: the second is only sent when the first arrives.
    expect(tried).toBe(3);
  });
});
