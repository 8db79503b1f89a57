import { expect, test } from 'vitest';
import { execute } from '../../scenarios/execute.ts';
import { anomalies, runnerOf } from '../../scenarios/runner.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { shrinkFailing, shrinkFound } from '../../scenarios/shrink.ts';
import { groundOf, KINDS, MOMENTS, OFFER_KINDS, offersOf, SPACE } from '../../scenarios/space.ts';
import { writtenFaults, writtenPlan } from '../../scenarios/written.ts';
import { isMapping, mapping, type Value } from '../../scenarios/value.ts';
import { writeScenario } from '../../scenarios/write.ts';
import { search } from '../../sim/explore/search/search.ts';
import { Draws } from '../../sim/explore/search/draws.ts';
import { Imagination } from '../../sim/explore/search/imagine.ts';
import { place, placeAsking } from '../../sim/explore/search/planned.ts';
import { scopeOf } from '../../sim/explore/search/scope.ts';
import { LIBRARY, loaded } from '../library.ts';

const ALL = { ...SPACE, kinds: OFFER_KINDS };

test.each(LIBRARY)('%s: what is offered and not taken changes nothing', (file) => {
  const scenario = loaded(file);
  const plain = execute(scenario, { seed: scenario.seed });
  if (plain.events > 10_000) return; // A minute of the whole library proves no more.
  const offers = offersOf(scenario, ALL);
  const offering = execute(scenario, { seed: scenario.seed, offers });
  expect(offering).toEqual(plain);
});

const head = `
scenario: Small
system: kafka
cluster: { brokers: 1 }
topics: { orders: { partitions: 1 } }
producers:
  checkout:
    to: orders
    send: { count: 6, every: 5ms }
    config: { enable.idempotence: false, retries: 5, request.timeout.ms: 1000 }
consumers:
  fulfilment:
    from: orders
    config: { enable.auto.commit: false, auto.offset.reset: earliest }
    process: { acknowledge: after, effect: database }
`;
const expects = 'expect: { loss: 0, duplicates: { stored: 0 } }\n';

function scenarioOf(text: string) {
  const { scenario, problems } = loadScenario(text, 'small.yaml');
  expect(problems.filter((p) => p.severity === 'error')).toEqual([]);
  if (scenario === undefined) throw new Error('it loads');
  return scenario;
}

test('the places are named by their causes', () => {
  const run = runnerOf(scenarioOf(head + expects), '1', SPACE);
  const labels = placeAsking(run, []).offers.map((offer) => offer.label);
  expect(labels).toContain('lose broker-1>checkout ProduceResponse orders-0/2 #1');
  expect(labels).toContain('strike broker-1 crash stored/3 #1');
  expect(new Set(labels).size).toBe(labels.length);
  expect(MOMENTS).toContain('stored');
});

test('faults that are placed and the same faults written down make the same run', () => {
  const scenario = scenarioOf(head + expects);
  const run = runnerOf(scenario, '1', ALL);
  const quiet = placeAsking(run, []);
  // Pairs that are far apart, of all kinds.
  const chosen = quiet.offers.filter((_, i) => i % 37 === 5).map((offer) => offer.label);
  for (let i = 0; i + 3 < chosen.length; i += 2) {
    const placed = placeAsking(run, [chosen[i], chosen[i + 3]]);
    const faults = writtenFaults(placed, ALL);
    const text = head + expects + writeScenario(mapping({ faults }));
    const record = execute(scenarioOf(text), { seed: '1' });
    expect(
      record.faults.every((fault) => fault.fired > 0),
      text,
    ).toBe(true);
    expect(record.events, text).toBe(placed.events);
    expect(record.guarantee).toBe(placed.measured.get('guarantee'));
  }
});

test('faults that a search plans, and the same written down, make the same run bit for bit', () => {
  const scenario = scenarioOf(head + expects);
  const ground = groundOf(scenario, { ...SPACE, kinds: KINDS });
  const { portrait } = scopeOf(ground, 4, '1');
  const seen = portrait();
  place(runnerOf(scenario, '1', SPACE), [], { trace: (world) => seen.trace(world) });
  const draws = new Draws('1');
  const imagination = new Imagination(ground, draws);
  const kinds = new Set<string>();
  for (let i = 0; i < 60; i++) {
    const faults = [0, 1].flatMap(() => imagination.draw(draws.pick(KINDS), seen) ?? []);
    for (const fault of faults) kinds.add(fault.what);
    const planned = faults.map((fault) => ({ text: '', line: 0, fault }));
    const text = head + expects + writeScenario(mapping({ faults: faults.map(writtenPlan) }));
    const digest = execute({ ...scenario, faults: planned }, { seed: '1' }).digest;
    expect(execute(scenarioOf(text), { seed: '1' }).digest, text).toBe(digest);
  }
  // Kafka talks over connections: nothing is copied on them.
  expect([...kinds].sort()).toEqual([...KINDS].filter((kind) => kind !== 'duplicate').sort());
});

/** Each fault of a shrunk scenario is needed: without it the anomaly is gone. */
function isMinimal(text: string, anomaly: string): boolean {
  const scenario = scenarioOf(text);
  return scenario.faults.every((_, i) => {
    const run = execute(scenario, { seed: scenario.seed, without: [i] });
    return !anomalies(run, scenario.expectations).includes(anomaly);
  });
}

test('what a search finds is shrunk to a scenario that fails by itself in the same way', () => {
  const scenario = scenarioOf(head + expects);
  const ground = groundOf(scenario, SPACE);
  const bounds = { ground, maxFaults: 2, runs: 500, seed: '1', enough: () => '' };
  const { found } = search('lineage', runnerOf(scenario, '1', SPACE), bounds);
  if (found === undefined) throw new Error('a lost answer is a duplicate here');
  const anomaly = found.violated[0];
  const options = { seed: '1', anomaly, enough: () => false };
  const shrunk = shrinkFound(scenario, found, SPACE, options);
  expect(shrunk).toMatchObject({ anomaly: 'duplicates.stored above', complete: true });
  const again = scenarioOf(shrunk?.text ?? '');
  expect(execute(again, { seed: again.seed }).verdict).toBe('fail');
  expect(again.faults).toHaveLength(1);
  // Two where the answer of the first is heard and that of the second is not.
  const { count } = again.systems[0].deployment.producers[0].workload;
  expect(count).toBeLessThanOrEqual(2);
  expect(isMinimal(shrunk?.text ?? '', anomaly)).toBe(true);
});

test('of many planned faults the ones that matter are left, milder and earlier', () => {
  const faults = `faults:
  - lose: ProduceResponse
    nth: [2, 4]
  - pause: fulfilment-1
    at: 10ms
    for: 50ms
  - lose: FetchResponse
    nth: 7
`;
  const scenario = scenarioOf(head + expects + faults);
  const anomaly = 'duplicates.stored above';
  const shrunk = shrinkFailing(scenario, { seed: '1', anomaly, enough: () => false });
  const again = scenarioOf(shrunk?.text ?? '');
  expect(again.faults.map((fault) => fault.text)).toEqual(['delay ProduceResponse, by 1s, nth 1']);
  expect(isMinimal(shrunk?.text ?? '', anomaly)).toBe(true);
});

test('what chance did is written down, and then shrunk', () => {
  const faults = `faults:
  - lose: any
    chance: 10%
  - pause: fulfilment-1
    chance: 30%
    every: 20ms
    for: 10ms
`;
  const scenario = scenarioOf(head + expects + faults);
  const seeds = Array.from({ length: 40 }, (_, i) => String(i));
  const seed = seeds.find((s) => execute(scenario, { seed: s }).verdict === 'fail');
  if (seed === undefined) throw new Error('one of forty seeds fails');
  const [anomaly] = anomalies(execute(scenario, { seed }), scenario.expectations);
  const shrunk = shrinkFailing(scenario, { seed, anomaly, enough: () => false });
  const again = scenarioOf(shrunk?.text ?? '');
  expect(again.faults.every(({ fault }) => fault.when.is !== 'chance')).toBe(true);
  expect(execute(again, { seed }).verdict).toBe('fail');
  expect(isMinimal(shrunk?.text ?? '', anomaly)).toBe(true);
});

test('a shrink that is stopped keeps what it has, and says so', () => {
  const faults = 'faults: [{ lose: ProduceResponse, nth: [2, 4] }]\n';
  const scenario = scenarioOf(head + expects + faults);
  let left = 3;
  const enough = () => left-- <= 0;
  const anomaly = 'duplicates.stored above';
  const shrunk = shrinkFailing(scenario, { seed: '1', anomaly, enough });
  expect(shrunk).toMatchObject({ complete: false });
  expect(execute(scenarioOf(shrunk?.text ?? ''), { seed: '1' }).verdict).toBe('fail');
});

test('a scenario that is written and read again is the same scenario', () => {
  for (const file of LIBRARY) {
    const scenario = loaded(file);
    const same = loadScenario(scenario.text, file).scenario;
    expect(same?.faults.length).toBe(scenario.faults.length);
  }
  const value: Value = mapping({ a: '1', b: mapping({ c: ['x', 'y'] }) });
  expect(isMapping(value)).toBe(true);
  expect(writeScenario(value as ReadonlyMap<string, Value>)).toBe('a: 1\nb: { c: [x, y] }\n');
});
