import { describe, expect, test } from 'vitest';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault, When } from '../../../sim/kernel/fault.ts';
import { at, chance, CLIENT, FIVE, fivePings, heard, MS, send, SERVER, THIRD } from './fixture.ts';

describe('partition', () => {
  const cut = (when: When, oneWay: boolean, lasts: number): Fault => {
    return { what: 'partition', from: [CLIENT], to: [SERVER], oneWay, when, for: lasts };
  };

  test('a stream holds what is sent, and delivers it in order after the healing', () => {
    const bench = fivePings([cut(at(15 * MS), false, 30 * MS)]).run(100 * MS);
    // Pings 2, 3 and 4 are held until 45 and arrive at 46.
    expect(heard(bench)).toEqual(FIVE);
    expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 11, 46, 46, 46, 51]);
    expect([bench.injector.fired[0], bench.world.network.disturbed]).toEqual([3, 0]);
  });

  test('datagrams are lost', () => {
    const bench = fivePings([cut(at(15 * MS), false, 30 * MS)], { transport: 'datagram' });
    expect(heard(bench.run(100 * MS))).toEqual(['ping 1', 'ping 5']);
  });

  test('one way: requests arrive and answers do not', () => {
    const oneWay: Fault = {
      ...{ what: 'partition', from: [SERVER], to: [CLIENT], oneWay: true },
      ...{ when: at(5 * MS), for: -1 },
    };
    const bench = fivePings([oneWay]);
    bench.server.echoes = true;
    bench.run(100 * MS);
    expect([heard(bench), bench.client.words]).toEqual([FIVE, ['start']]);
    bench.injector.heal();
    bench.run(200 * MS);
    const pongs = ['pong 1', 'pong 2', 'pong 3', 'pong 4', 'pong 5'];
    expect(bench.client.words).toEqual(['start', ...pongs]);
  });

  test('both ways: neither passes; other links are untouched', () => {
    const bench = fivePings([cut(at(5 * MS), false, -1)]);
    bench.at(20 * MS, bench.server, (out) => send(out, CLIENT, 7));
    bench.at(20 * MS, bench.server, (out) => send(out, THIRD, 8));
    bench.run(100 * MS);
    expect([heard(bench), bench.client.words]).toEqual([[], ['start']]);
    expect(bench.third.words).toEqual(['start', 'ping 8']);
  });

  test('a partition that nothing met has not fired', () => {
    expect(fivePings([cut(at(60 * MS), false, 5 * MS)]).run(100 * MS).injector.fired).toEqual([0]);
  });

  test('two that overlap: the link is open when both are over, and both have fired', () => {
    const faults = [cut(at(5 * MS), false, 20 * MS), cut(at(8 * MS), false, 30 * MS)];
    const bench = fivePings(faults).run(100 * MS);
    // Pings 1 to 3 are held until 38.
    expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 39, 39, 39, 41, 51]);
    expect(bench.injector.fired).toEqual([2, 3]);
  });

  test('by chance, striking again before it ended: the link opens when the last is over', () => {
    const bench = fivePings([cut(chance(1_000_000, 8 * MS), false, 20 * MS)]).run(60 * MS);
    bench.injector.calm();
    expect(heard(bench.run(75 * MS))).toEqual([]);
    expect(heard(bench.run(200 * MS))).toEqual(FIVE); // The last struck at 56 and ends at 76.
  });

  test('at a fact', () => {
    const when: When = { is: 'event', fact: Fact.stored, nth: 2, node: undefined };
    const bench = fivePings([cut(when, false, -1)]);
    bench.at(15 * MS, bench.third, (out) => out.fact(Fact.stored));
    bench.at(25 * MS, bench.third, (out) => out.fact(Fact.stored));
    expect(heard(bench.run(100 * MS))).toEqual(['ping 1', 'ping 2']);
  });

  test('word of a crash does not pass a partition; it comes after the healing', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(30 * MS), for: -1 };
    const both = fivePings([cut(at(25 * MS), false, 40 * MS), crash]);
    both.run(64 * MS);
    expect(both.client.words).toEqual(['start']);
    expect(both.run(100 * MS).client.heard.at(-1)).toEqual({ at: 66 * MS, what: 'closed server' });
    const alone = fivePings([crash]).run(100 * MS);
    expect(alone.client.heard[1]).toEqual({ at: 31 * MS, what: 'closed server' });
  });
});

describe('slow-link', () => {
  const slow = (when: When, lasts: number): Fault => {
    return { what: 'slow-link', from: [SERVER], to: [CLIENT], by: 7 * MS, when, for: lasts };
  };

  test('both directions take longer, from the strike to its end', () => {
    const bench = fivePings([slow(at(15 * MS), 20 * MS)]);
    bench.server.echoes = true;
    bench.run(200 * MS);
    expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 11, 28, 38, 41, 51]);
    // The pong of ping 2 leaves at 28 and takes 8; that of ping 3 leaves at 38, after the end.
    expect(bench.client.heard.map((h) => h.at / MS)).toEqual([0, 12, 36, 39, 42, 52]);
    expect(bench.injector.fired).toEqual([3]);
  });

  test('without an end it lasts until the network heals', () => {
    const bench = fivePings([slow(at(15 * MS), -1)]).run(45 * MS);
    bench.injector.heal();
    bench.run(200 * MS);
    expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 11, 28, 38, 48, 51]);
  });

  test('by chance; at a fact; never', () => {
    const event: When = { is: 'event', fact: Fact.stored, nth: 1, node: undefined };
    for (const [when, fired] of [
      [chance(1_000_000, 25 * MS), 3],
      [chance(0, 25 * MS), 0],
      [event, 3],
    ] as const) {
      const bench = fivePings([slow(when, 200 * MS)]);
      bench.at(25 * MS, bench.third, (out) => out.fact(Fact.stored));
      bench.run(49 * MS);
      bench.injector.calm();
      expect(bench.run(60 * MS).injector.fired).toEqual([fired]);
    }
  });
});
