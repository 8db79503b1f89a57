import { describe, expect, test } from 'vitest';
import { pointOfNoReturn, type DecideOptions } from '../../../scenarios/decide.ts';
import { execute } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { anomalies } from '../../../scenarios/runner.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { curveOf, isDecisive, type Probe } from '../../../sim/explore/decide/curve.ts';
import { Turning } from '../../../sim/explore/decide/turning.ts';
import { QUIET, Seeded, Site } from '../../../sim/kernel/choices.ts';
import { Names } from '../../../sim/kernel/names.ts';

const BOUNDS = { events: 1000, runs: 100, enough: () => '' };

describe('the curve', () => {
  test('finds the one event that decides, in a few more points than halvings', () => {
    // Before event 617 one luck in four is bad; with it recorded, all are.
    const probe: Probe = (events, round) => events >= 617 || round % 4 === 0;
    const { points, step, stopped } = curveOf(probe, BOUNDS);
    expect(step.map(({ events }) => events)).toEqual([616, 617]);
    expect(step.map(({ hits }) => hits)).toEqual([25, 100]);
    expect(isDecisive(step)).toBe(true);
    expect(stopped).toBe('');
    // A grid of 8 and the end, and 125 halved seven times.
    expect(points.length).toBe(9 + 7);
  });

  test('names no event when it comes little by little', () => {
    const probe: Probe = (events, round) => events * 100 > round * 1000 || events === 1000;
    const { step } = curveOf(probe, BOUNDS);
    expect(isDecisive(step)).toBe(false);
  });

  test('looks no further where nothing rises', () => {
    expect(curveOf(() => true, BOUNDS).points).toHaveLength(9);
  });

  test('a bound ends it with what it has', () => {
    let left = 250;
    const enough = () => (left-- > 0 ? '' : '2 s');
    const { points, stopped } = curveOf((events) => events === 1000, { ...BOUNDS, enough });
    expect(stopped).toBe('2 s');
    expect(points.map(({ events }) => events)).toEqual([0, 125, 1000]);
  });

  test('a bound that is there from the beginning leaves the recorded run', () => {
    const { points, step, stopped } = curveOf(() => true, { ...BOUNDS, enough: () => 'no time' });
    expect(stopped).toBe('no time');
    expect(points.map(({ events }) => events)).toEqual([1000]);
    expect(isDecisive(step)).toBe(false);
  });

  test('what was recorded comes again, or it is a bug of ours', () => {
    expect(() => curveOf(() => false, BOUNDS)).toThrow('what was recorded comes again');
  });
});

test('a source that turns answers as the second one from there on', () => {
  const names = new Names();
  const site = new Site();
  [site.from, site.what, site.about] = [names.id('a'), names.id('b'), names.id('c')];
  const other = new Seeded(names, 'other');
  const turning = new Turning(QUIET, other);
  expect(turning.choose(site, 1000)).toBe(0);
  turning.turn();
  expect(turning.choose(site, 1000)).toBe(other.choose(site, 1000));
  expect(other.choose(site, 1000)).not.toBe(0);
});

/** An order is sent twice when its confirmation is lost. */
function scenario(faults: string): Scenario {
  const text = `scenario: turn
system: letters
links: { road: {} }
producers: { ann: { to: road, send: { count: 10, every: 100ms } } }
consumers: { bob: { from: road, process: { effect: database } } }
faults: [${faults}]
expect: { duplicates: { effects: 0 } }
`;
  const loaded = loadScenario(text, 'turn.yaml');
  if (loaded.scenario === undefined) throw new Error(loaded.problems.map((p) => p.says).join());
  return loaded.scenario;
}

const OPTIONS = { anomaly: 'duplicates.effects above', runs: 60, enough: () => '' } as const;
const turn = (of: Scenario, options: Pick<DecideOptions, 'seed' | 'faults'>) =>
  pointOfNoReturn(of, { ...OPTIONS, ...options });

describe('the point of no return', () => {
  const chancy = scenario('{ lose: Confirm1, chance: 3% }');
  const violated = (seed: string, overrides = new Map<string, number>()) =>
    anomalies(execute(chancy, { seed, overrides }), chancy.expectations).length > 0;
  const seed = Array.from({ length: 50 }, (_, i) => String(i + 1)).find((s) => violated(s)) ?? '';

  test('is the draw without which the run would have been fine', () => {
    const { decisive, curve } = turn(chancy, { seed, faults: 'keep' });
    expect(isDecisive(curve.step)).toBe(true);
    const [drew] = decisive.drew;
    expect(drew).toMatch(/^lose bob>ann Confirm1 road\/\d #1: yes$/);
    expect(decisive.struck).toEqual([0]);
    expect(violated(seed, new Map([[drew.replace(': yes', ''), 0]]))).toBe(false);
  });

  test('of a planned fault is where luck leaves it: nowhere', () => {
    const planned = scenario('{ lose: Confirm1, nth: 4 }');
    const { curve } = turn(planned, { seed: '1', faults: 'keep' });
    expect(curve.points[0].rate.ppm).toBe(1_000_000);
  });

  test('of a planned fault is where it strikes, when later ones are dropped', () => {
    const planned = scenario('{ lose: Order, nth: 2 }, { lose: Confirm1, nth: 4 }');
    const { curve, decisive } = turn(planned, { seed: '1', faults: 'drop' });
    expect(curve.points[0].rate.ppm).toBe(0);
    expect(decisive.struck).toEqual([1]);
  });

  test('a fault planned for a time is dropped like every other', () => {
    const planned = scenario('{ lose: Confirm1, at: 350ms }');
    const { curve, decisive } = turn(planned, { seed: '1', faults: 'drop' });
    expect(curve.points[0].rate.ppm).toBe(0);
    expect(decisive.struck).toEqual([0]);
  });
});
