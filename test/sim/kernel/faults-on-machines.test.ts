import { describe, expect, test } from 'vitest';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault, When } from '../../../sim/kernel/fault.ts';
import { at, Bench, chance, FIVE, fivePings, heard, MS, SERVER } from './fixture.ts';

describe('pause', () => {
  const pause = (when: When, lasts: number): Fault => {
    return { what: 'pause', nodes: [SERVER], when, for: lasts };
  };

  test('what comes meanwhile is handled afterwards, in order, and nobody is told', () => {
    const bench = fivePings([pause(at(15 * MS), 30 * MS)]).run(100 * MS);
    expect(heard(bench)).toEqual(FIVE);
    expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 11, 45, 45, 45, 51]);
    expect([bench.client.words, bench.injector.fired]).toEqual([['start'], [3]]);
  });

  test('one during which nothing came has not fired', () => {
    expect(fivePings([pause(at(12 * MS), 5 * MS)]).run(100 * MS).injector.fired).toEqual([0]);
  });

  test('what arrives at the very moment of its end comes after what waited', () => {
    const bench = fivePings([pause(at(15 * MS), 26 * MS)]).run(100 * MS); // Ping 4 comes at 41.
    expect(heard(bench)).toEqual(FIVE);
    expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 11, 41, 41, 41, 51]);
  });

  test('of two that overlap the last to end counts', () => {
    const bench = fivePings([pause(at(15 * MS), 20 * MS), pause(at(18 * MS), 4 * MS)]);
    bench.run(100 * MS);
    expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 11, 35, 35, 41, 51]);
  });

  test('a crash ends it, and its end does not touch the next life', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(25 * MS), for: MS };
    const again = pause(at(35 * MS), 20 * MS);
    const bench = fivePings([pause(at(15 * MS), 25 * MS), crash, again]).run(100 * MS);
    // The first would end at 40; the second holds the new process until 55.
    expect(bench.server.words).toEqual(['start', 'ping 1', 'start', 'ping 3', 'ping 4', 'ping 5']);
    expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 11, 26, 31, 55, 55]);
  });

  test('by chance, at a fact, and without an end until the network heals', () => {
    const when: When = { is: 'event', fact: Fact.delivered, nth: 1, node: undefined };
    for (const trigger of [chance(1_000_000, 15 * MS), when]) {
      const bench = fivePings([pause(trigger, -1)]);
      bench.at(15 * MS, bench.third, (out) => out.fact(Fact.delivered));
      expect(heard(bench.run(60 * MS))).toEqual(['ping 1']);
      bench.injector.heal();
      expect(heard(bench.run(100 * MS))).toEqual(FIVE);
    }
  });
});

describe('clock-jump and clock-drift', () => {
  const shows = (faults: readonly Fault[], time: number) =>
    fivePings(faults)
      .run(time * MS)
      .world.clockOf(SERVER) / MS;
  const nodes = [SERVER];

  test('a clock jumps at once, and stays so', () => {
    const jump: Fault = { what: 'clock-jump', nodes, by: -5 * MS, when: at(20 * MS), for: 10 * MS };
    expect(shows([jump], 19)).toBe(11); // The last event was at 11.
    expect(shows([jump], 20)).toBe(15);
    expect(shows([jump], 51)).toBe(46);
    expect(fivePings([jump]).run(100 * MS).injector.fired).toEqual([1]);
  });

  test('a clock drifts until it is mended, and then keeps what it gained', () => {
    const drift: Fault = {
      ...{ what: 'clock-drift', nodes, ppm: 500_000 },
      ...{ when: at(10 * MS), for: 20 * MS },
    };
    expect(shows([drift], 30)).toBe(40); // 10 + 20 * 1.5
    expect(shows([drift], 51)).toBe(61);
    const endless: Fault = { ...drift, for: -1 };
    expect(shows([endless], 51)).toBe(71.5); // 10 + 41 * 1.5
  });

  test('by chance, and at a fact', () => {
    const when: When = { is: 'event', fact: Fact.started, nth: 3, node: undefined };
    const jump: Fault = { what: 'clock-jump', nodes, by: 5 * MS, when, for: -1 };
    expect(shows([jump], 51)).toBe(56);
    expect(shows([{ ...jump, when: chance(1_000_000, 30 * MS) }], 51)).toBe(56);
    expect(shows([{ ...jump, when: chance(0, 30 * MS) }], 51)).toBe(51);
    const drift: Fault = { what: 'clock-drift', nodes, ppm: 1000, when, for: -1 };
    expect(shows([drift], 51)).toBe(51.051);
  });
});

describe('slow-disk', () => {
  const syncing = (faults: readonly Fault[]) => {
    const bench = new Bench({ faults, fsync: Distribution.constant(MS) });
    for (const time of [10, 20, 30]) bench.at(time * MS, bench.server, (out) => out.sync('f', 7));
    bench.run(200 * MS);
    const synced = bench.server.heard.filter((h) => h.what === 'timer 7').map((h) => h.at / MS);
    return { synced, fired: bench.injector.fired };
  };
  const slow = (when: When, lasts: number): Fault => {
    return { what: 'slow-disk', nodes: [SERVER], factor: 5000, when, for: lasts };
  };

  test('an fsync takes so many times longer, until it ends', () => {
    expect(syncing([])).toEqual({ synced: [11, 21, 31], fired: [] });
    expect(syncing([slow(at(15 * MS), 10 * MS)])).toEqual({ synced: [11, 25, 31], fired: [1] });
    expect(syncing([slow(at(15 * MS), -1)])).toEqual({ synced: [11, 25, 35], fired: [2] });
  });

  test('of two that overlap the last to end mends it', () => {
    const faults = [slow(at(15 * MS), 30 * MS), slow(at(16 * MS), 2 * MS)];
    expect(syncing(faults).synced).toEqual([11, 25, 35]);
  });

  test('by chance, and at a fact; one that no fsync met has not fired', () => {
    const when: When = { is: 'event', fact: Fact.started, nth: 3, node: undefined };
    expect(syncing([slow(when, -1)]).synced).toEqual([15, 25, 35]);
    const drawn = syncing([slow(chance(1_000_000, 25 * MS), MS)]);
    expect(drawn).toEqual({ synced: [11, 21, 31], fired: [0] });
  });
});

describe('erase', () => {
  test('is a power loss after which the disk is empty, even of what was synced', () => {
    const kept = (what: 'erase' | 'power-loss') => {
      const fault: Fault = { what, nodes: [SERVER], when: at(15 * MS), for: 5 * MS };
      const bench = fivePings([fault]);
      bench.at(5 * MS, bench.server, (out) => {
        out.disk.write('note', 'safe');
        out.disk.harden('note', 0);
      });
      const ran = bench.run(100 * MS);
      return [ran.world.diskOf(SERVER).read('note'), ran.world.diskOf(SERVER).erasures];
    };
    expect(kept('power-loss')).toEqual(['safe', 0]);
    expect(kept('erase')).toEqual([undefined, 1]);
    const bench = fivePings([
      { what: 'erase', nodes: [SERVER], when: at(15 * MS), for: 5 * MS },
    ]).run(100 * MS);
    expect(bench.injector.fired).toEqual([1]);
  });
});
