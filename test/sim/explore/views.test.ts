import { describe, expect, test } from 'vitest';
import { execute } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { SPACE, type SpaceOptions } from '../../../scenarios/space.ts';
import { findPair, watch } from '../../../scenarios/watch.ts';
import { View } from '../../../sim/explore/views/view.ts';
import { loaded } from '../../library.ts';

const BOUNDS = { maxFaults: 1, runs: 10_000, seed: '1', enough: () => '' };

const find = (scenario: Scenario, client: string, space: Partial<SpaceOptions> = {}) =>
  findPair(scenario, client, '1', { ...SPACE, kinds: ['lose'], ...space }, BOUNDS);

/** One message, sent again after a second of silence. */
function letters(ann = '', latency = '10ms'): Scenario {
  const text = `scenario: views
system: letters
links: { road: {} }
producers:
  ann:
    to: road
    send: { count: 1 }
    config: { rules: [{ when: start, do: send Order }, ${ann} { when: Confirm1, do: ok }] }
consumers: { bob: { from: road, config: {} } }
network: { latency: ${latency} }
`;
  const { scenario, problems } = loadScenario(text, 'views.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  return scenario;
}

const AGAIN = '{ when: silence, do: send Order },';

describe('a view', () => {
  const seen = (...entries: Parameters<View['note']>[]) => {
    const view = new View(true);
    for (const entry of entries) view.note(...entry);
    return view;
  };

  test('is one number for one history, and another for every other', () => {
    const base = seen([1, 'hears 2', { type: 'Ack', offset: 3 }]);
    expect(seen([1, 'hears 2', { type: 'Ack', offset: 3 }]).mark).toBe(base.mark);
    const others = [
      seen([2, 'hears 2', { type: 'Ack', offset: 3 }]),
      seen([1, 'hears 3', { type: 'Ack', offset: 3 }]),
      seen([1, 'hears 2', { type: 'Ack', offset: 4 }]),
      seen([1, 'hears 2', { type: 'Ack', offset: new Map([[0, 3]]) }]),
      seen([1, 'hears 2', { type: 'Ack', offset: [3] }]),
      seen([1, 'hears 2', { type: 'Ack', offset: 3 }], [1, 'timer 0']),
      seen(),
    ];
    expect(new Set([base, ...others].map((view) => view.mark)).size).toBe(8);
  });

  test('is not changed by timers at its end: nobody sees that a run is over', () => {
    const view = seen([1, 'hears 2'], [2, 'timer 0']);
    expect(view.told).toEqual({ size: 1, mark: seen([1, 'hears 2']).mark });
    view.note(3, 'sends 2 Order');
    expect(view.told.size).toBe(3);
  });

  test.each([
    ['scenarios/kafka/lost-ack-retried.yaml', 'checkout'],
    ['scenarios/sqs/lost-response-stored-twice.yaml', 'fulfilment-1'],
    ['scenarios/letters/two-generals.yaml', 'bob'],
  ])('%s: a run that is watched is the same run', (file, client) => {
    const scenario = loaded(file);
    const { execution, witness } = watch(scenario, client, { seed: '1' }, true);
    expect(execution.record()).toEqual(execute(scenario, { seed: '1' }));
    expect(witness.view.size).toBeGreaterThan(3);
    expect(witness.view.log).toHaveLength(witness.view.size);
  });
});

describe('two runs that are one to a client', () => {
  test('Kafka: a request that is lost, and its acknowledgement', () => {
    const scenario = { ...loaded('scenarios/kafka/lost-ack-retried.yaml'), faults: [] };
    const { pair } = find(scenario, 'checkout', {
      messages: ['ProduceRequest', 'ProduceResponse'],
    });
    expect(pair?.map(({ placed, decision }) => [placed[0], decision.truth])).toEqual([
      ['lose checkout>broker-1 ProduceRequest orders-0/0 #1', 'not stored'],
      ['lose broker-1>checkout ProduceResponse orders-0/0 #1', 'stored'],
    ]);
    // request.timeout.ms is a second; the request left after 5.6 ms.
    expect(pair?.[0].decision.at).toBeGreaterThan(1_000_000);
  });

  test('the silence after an order and after its confirmation', () => {
    const { pair } = find(letters(AGAIN), 'ann');
    expect(pair?.map(({ decision }) => decision.truth)).toEqual(['not stored', 'stored']);
    expect(pair?.map(({ decision }) => decision.at)).toEqual([1_000_000, 1_000_000]);
  });

  test('whoever hears everything can tell all runs apart', () => {
    const { pair, search, histories } = find(letters(AGAIN), 'bob');
    expect(pair).toBeUndefined();
    expect(search.exhausted).toBe(true);
    expect(histories).toBeGreaterThan(1);
  });

  test('whoever loses only confirmations knows that the order was carried out', () => {
    const { pair, search } = find(letters(AGAIN), 'ann', { messages: ['Confirm1'] });
    expect(pair).toBeUndefined();
    expect(search.exhausted).toBe(true);
  });

  test('a letter on its way is neither stored nor not: delays alone make no pair', () => {
    const late = { kinds: ['delay'], delay: 1_500_000 } as const;
    const { pair, search } = find(letters(AGAIN), 'ann', late);
    expect(pair).toBeUndefined();
    expect(search.exhausted).toBe(true);
  });
});
