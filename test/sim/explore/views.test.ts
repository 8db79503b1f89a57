import { describe, expect, test } from 'vitest';
import { execute } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { SPACE, type SpaceOptions } from '../../../scenarios/space.ts';
import { findPair, watch } from '../../../scenarios/watch.ts';
import { View } from '../../../sim/explore/views/view.ts';
import { Witness } from '../../../sim/explore/views/witness.ts';
import { QUIET } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import { Names } from '../../../sim/kernel/names.ts';
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

describe('what would be right', () => {
  const INERT = { start: () => undefined, onMessage: () => {}, onTimer: () => {} };

  /** A client sends message 7 and hears nothing; somebody between may have kept it. */
  function story(...rest: ((witness: Witness) => void)[]) {
    const witness = new Witness('client');
    const names = new Names();
    const latency = Distribution.constant(1);
    const world = witness.world({
      names,
      choices: QUIET,
      observer: { fact: () => {} },
      latency,
      trace: witness,
    });
    world.add('client', INERT);
    world.add('relay', INERT);
    const letter = { from: 0, to: 1, type: 'Put', about: 'a', nr: 7, attempt: 1, carries: [7] };
    const kept = { ...letter, index: 1, time: 10, arrives: 11, fate: '', cause: 0 };
    witness.event(0, 10, 0, 0, 0, -1);
    witness.fact(0, 10, 0, Fact.invoked, [7]);
    witness.sent(kept);
    witness.event(2, 11, 1, 1, 0, 1);
    witness.event(3, 99, 0, 3, 0, 0);
    witness.fact(4, 99, 0, Fact.retried, [7]);
    for (const step of rest) step(witness);
    witness.end(200);
    return witness.decisions.filter(({ fact }) => fact === Fact.retried).map(({ truth }) => truth);
  }

  const letter = { from: 0, to: 1, type: 'Put', about: 'a', nr: 7, attempt: 2, carries: [7] };

  test('nothing came of the first letter: it had to be sent again', () => {
    expect(story()).toEqual(['not stored']);
  });

  test('what the second letter comes to says nothing about the first', () => {
    const again = { ...letter, index: 5, time: 99, arrives: 100, fate: '', cause: 3 };
    expect(
      story(
        (witness) => witness.sent(again),
        (witness) => witness.event(6, 100, 1, 1, 0, 5),
        (witness) => witness.fact(7, 100, 1, Fact.stored, [7]),
      ),
    ).toEqual(['not stored']);
  });

  test('somebody kept the first letter and stored it later: it was not settled', () => {
    expect(
      story(
        (witness) => witness.event(6, 150, 1, 3, 0, 2),
        (witness) => witness.fact(7, 150, 1, Fact.stored, [7]),
      ),
    ).toEqual([]);
  });
});
