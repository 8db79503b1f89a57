import { describe, expect, test } from 'vitest';
import { Seeded } from '../../../sim/kernel/choices.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { ALL, at, Bench, chance, CLIENT, DONE, MS, nth, OWING, send, SERVER } from './fixture.ts';

/** Keeps the queue from running dry. */
const beat = (bench: Bench, every = 10 * MS) => {
  const again = (out: Out): void => void out.timer(every, 0, again);
  return bench.at(0, bench.third, again);
};

describe('bounds', () => {
  test('time: no event after `until` is handled', () => {
    const bench = beat(new Bench());
    const progress = { ...OWING, produced: false };
    expect(bench.runAll(progress, { until: 95 * MS, patience: 1000 * MS })).toBe('time');
    expect(bench.world.now).toBe(90 * MS);
  });

  test('events: just so many are handled', () => {
    const bench = beat(new Bench());
    expect(bench.runAll(OWING, { maxEvents: 7, patience: 1000 * MS })).toBe('events');
    expect(bench.world.events).toBe(7);
  });

  test('quiet: something is owed and nothing has moved for the length of the patience', () => {
    const bench = beat(new Bench());
    expect(bench.runAll(OWING, { patience: 35 * MS })).toBe('quiet');
    expect(bench.world.now).toBe(30 * MS);
  });

  test('drained: nothing is owed and no message is under way on account of a fault', () => {
    const delay: Fault = { what: 'delay', match: ALL, by: 20 * MS, when: nth(1), for: -1 };
    const bench = beat(new Bench({ faults: [delay] })).ping(0, 1);
    expect(bench.run(0).runAll(DONE)).toBe('drained');
    expect(bench.server.words).toEqual(['start', 'ping 1']);
    const plain = beat(new Bench()).ping(0, 1);
    expect(plain.run(0).runAll(DONE)).toBe('drained');
    expect(plain.server.words).toEqual(['start']);
  });
});

describe('phases', () => {
  const partition: Fault = {
    ...{ what: 'partition', from: [CLIENT], to: [SERVER], oneWay: false },
    ...{ when: at(5 * MS), for: -1 },
  };

  test('a fault planned for after the last production still strikes', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(40 * MS), for: 5 * MS };
    const bench = beat(new Bench({ faults: [crash] }));
    expect(bench.runAll(DONE)).toBe('drained');
    expect(bench.server.starts).toBe(2);
  });

  test('of two that strike at one moment both strike before anything heals', () => {
    const pause: Fault = { what: 'pause', nodes: [SERVER], when: at(40 * MS), for: -1 };
    const bench = beat(new Bench({ faults: [pause, { ...partition, when: at(40 * MS) }] }), 7 * MS);
    bench.at(39 * MS, bench.third, (out) => send(out, SERVER, 1)).ping(40 * MS, 2);
    expect(bench.runAll({ ...OWING, lastProgress: 50 * MS })).toBe('quiet');
    // Ping 2 was sent after the partition began; ping 1 came to a node that stood still.
    expect(bench.injector.fired).toEqual([1, 1]);
    expect(bench.server.words).toEqual(['start', 'ping 1', 'ping 2']);
  });

  test('what has no end heals once producers are done, and what was held arrives', () => {
    const bench = beat(new Bench({ faults: [partition] })).ping(10 * MS, 1);
    expect(bench.runAll({ ...OWING, lastProgress: 20 * MS }, { patience: 30 * MS })).toBe('quiet');
    expect(bench.server.words).toEqual(['start', 'ping 1']);
  });

  test('healing goes on when the queue has run dry', () => {
    const bench = new Bench({ faults: [partition] }).ping(10 * MS, 1);
    const progress = { produced: false, drained: false, lastProgress: 0 };
    expect(bench.runAll(progress)).toBe('quiet');
    expect(bench.server.words).toEqual(['start', 'ping 1']);
  });

  test('a node without `restart` stays down', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(5 * MS), for: -1 };
    const bench = beat(new Bench({ faults: [crash] }));
    expect(bench.runAll(OWING)).toBe('quiet');
    expect(bench.world.isUp(SERVER)).toBe(false);
  });

  test('chance strikes until the plan is used up, then what it struck runs its course', () => {
    const crash: Fault = {
      ...{ what: 'crash', nodes: [SERVER] },
      ...{ when: chance(1_000_000, 10 * MS), for: 25 * MS },
    };
    const busy = { produced: false, drained: false, lastProgress: 0 };
    const bench = new Bench({ faults: [crash], choices: (names) => new Seeded(names, 'c') });
    beat(bench, MS).at(33 * MS, bench.client, () => Object.assign(busy, DONE));
    expect(bench.runAll(busy)).toBe('drained');
    // Struck at 10, up at 35; asked again at 30 (down). All is done at 33: never again.
    expect(bench.recorder.all('crashed').map((f) => f.time / MS)).toEqual([10]);
    expect(bench.recorder.all('started').at(-1)).toMatchObject({ time: 35 * MS, node: SERVER });
  });

  test('message faults end with the settling', () => {
    const lose: Fault = { what: 'lose', match: ALL, when: chance(1_000_000), for: -1 };
    const bench = new Bench({ faults: [lose], choices: (names) => new Seeded(names, 'c') });
    const progress = { produced: false, drained: false, lastProgress: 0 };
    // Nothing moves from 0 on, so at 10 ms, with the next event at 35, it is time to settle.
    bench.ping(10 * MS, 1).ping(35 * MS, 2);
    expect(bench.runAll(progress, { patience: 30 * MS })).toBe('quiet');
    expect(bench.server.words).toEqual(['start', 'ping 2']);
  });
});
