import { describe, expect, test } from 'vitest';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault, When } from '../../../sim/kernel/fault.ts';
import {
  ALL,
  at,
  Bench,
  chance,
  CLIENT,
  FIVE,
  fivePings,
  heard,
  MS,
  nth,
  send,
  SERVER,
  THIRD,
} from './fixture.ts';

// Every kind of fault with every `when` it may have: that it bites, and a twin without it.

const REST = { for: -1 };
const ping = { ...ALL, type: 'ping' };

test('without faults five pings arrive in order, one millisecond after they were sent', () => {
  const bench = fivePings([]).run(100 * MS);
  expect(heard(bench)).toEqual(FIVE);
  expect(bench.server.heard.map((h) => h.at)).toEqual([0, 11, 21, 31, 41, 51].map((n) => n * MS));
});

describe('lose', () => {
  const lost = (when: When, rest: { for: number } = REST) => {
    const fault: Fault = { what: 'lose', match: ping, when, ...rest };
    const bench = fivePings([fault]).run(100 * MS);
    return { heard: heard(bench), fired: bench.injector.fired[0] };
  };

  test('nth: just those are lost', () => {
    expect(lost(nth(2, 4))).toEqual({ heard: ['ping 1', 'ping 3', 'ping 5'], fired: 2 });
    expect(lost(nth(6))).toEqual({ heard: FIVE, fired: 0 });
  });

  test('at, without an end: the first one from then on', () => {
    expect(lost(at(20 * MS))).toEqual({
      heard: ['ping 1', 'ping 3', 'ping 4', 'ping 5'],
      fired: 1,
    });
    expect(lost(at(51 * MS))).toEqual({ heard: FIVE, fired: 0 });
  });

  test('at, with an end: every one in between, the end excluded', () => {
    const twoOfThem = { heard: ['ping 1', 'ping 4', 'ping 5'], fired: 2 };
    expect(lost(at(20 * MS), { for: 20 * MS })).toEqual(twoOfThem);
    expect(lost(at(21 * MS), { for: 9 * MS })).toEqual({ heard: FIVE, fired: 0 });
  });

  test('chance: a million parts loses all, none loses none', () => {
    expect(lost(chance(1_000_000))).toEqual({ heard: [], fired: 5 });
    expect(lost(chance(0))).toEqual({ heard: FIVE, fired: 0 });
  });

  test('event: the first one after the fact', () => {
    const when: When = { is: 'event', fact: Fact.stored, nth: 1, node: SERVER };
    const bench = fivePings([{ what: 'lose', match: ping, when, for: -1 }]);
    bench.at(15 * MS, bench.third, (out) => out.fact(Fact.stored)); // Another node: not counted.
    bench.at(25 * MS, bench.server, (out) => out.fact(Fact.stored));
    bench.run(100 * MS);
    expect(heard(bench)).toEqual(['ping 1', 'ping 2', 'ping 4', 'ping 5']);
    expect(bench.injector.fired).toEqual([1]);
  });

  test('event, with an end: every one until then', () => {
    const when: When = { is: 'event', fact: Fact.stored, nth: 1, node: undefined };
    const bench = fivePings([{ what: 'lose', match: ping, when, for: 10 * MS }]);
    bench.at(15 * MS, bench.third, (out) => out.fact(Fact.stored));
    expect(heard(bench.run(100 * MS))).toEqual(['ping 1', 'ping 3', 'ping 4', 'ping 5']);
    expect(bench.injector.horizon).toBe(25 * MS);
  });

  test('only messages that match in type, sender, receiver and subject', () => {
    const misses = [{ type: 'pong' }, { from: [SERVER] }, { to: [CLIENT] }, { about: 'tests' }];
    for (const miss of misses) {
      const fault: Fault = { what: 'lose', match: { ...ping, ...miss }, when: nth(1), for: -1 };
      const bench = fivePings([fault]).run(100 * MS);
      expect([heard(bench), bench.injector.fired]).toEqual([FIVE, [0]]);
    }
    const exact = { type: 'ping', from: [THIRD, CLIENT], to: [SERVER], about: 'test' };
    const bench = fivePings([{ what: 'lose', match: exact, when: nth(1), for: -1 }]);
    expect(heard(bench.run(100 * MS))).toEqual(FIVE.slice(1));
  });

  test('of two faults that match, the first of the plan wins and the other has not fired', () => {
    const lose: Fault = { what: 'lose', match: ping, when: nth(1), for: -1 };
    const delay: Fault = { what: 'delay', match: ping, by: MS, when: nth(1), for: -1 };
    expect(fivePings([lose, delay]).run(100 * MS).injector.fired).toEqual([1, 1]);
    const bench = fivePings([delay, lose]).run(100 * MS);
    // The delayed ping 1 was not seen by `lose`, whose first is ping 2.
    expect(heard(bench)).toEqual(['ping 1', 'ping 3', 'ping 4', 'ping 5']);
  });
});

describe('delay', () => {
  test('on a stream, what is behind it waits too', () => {
    const fault: Fault = { what: 'delay', match: ping, by: 25 * MS, when: nth(2), for: -1 };
    const bench = fivePings([fault]).run(100 * MS);
    // Ping 2 arrives at 20 + 1 + 25 = 46; 3 and 4 with it, 5 at its own 51.
    expect(heard(bench)).toEqual(FIVE);
    expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 11, 46, 46, 46, 51]);
    expect([bench.injector.fired[0], bench.world.network.disturbed]).toEqual([1, 0]);
  });

  test('datagrams pass it', () => {
    const fault: Fault = { what: 'delay', match: ping, by: 25 * MS, when: nth(2), for: -1 };
    const bench = fivePings([fault], { transport: 'datagram' }).run(100 * MS);
    expect(heard(bench)).toEqual(['ping 1', 'ping 3', 'ping 4', 'ping 2', 'ping 5']);
  });

  test('by chance, and at a time', () => {
    for (const when of [chance(1_000_000), at(0)]) {
      const fault: Fault = { what: 'delay', match: ping, by: MS, when, for: 100 * MS };
      const bench = fivePings([fault]).run(100 * MS);
      expect(bench.server.heard.map((h) => h.at / MS)).toEqual([0, 12, 22, 32, 42, 52]);
      expect(bench.injector.fired).toEqual([5]);
    }
  });
});

describe('duplicate', () => {
  const fault: Fault = { what: 'duplicate', match: ping, after: 3 * MS, when: nth(2), for: -1 };

  test('a datagram arrives twice, the second time so much later', () => {
    const bench = fivePings([fault], { transport: 'datagram' }).run(100 * MS);
    expect(heard(bench)).toEqual(['ping 1', 'ping 2', 'ping 2', 'ping 3', 'ping 4', 'ping 5']);
    expect(bench.server.heard[3].at).toBe(24 * MS);
    expect([bench.injector.fired[0], bench.world.network.disturbed]).toEqual([1, 0]);
  });

  test('a stream carries nothing twice, and the fault has not fired', () => {
    const bench = fivePings([fault]).run(100 * MS);
    expect([heard(bench), bench.injector.fired]).toEqual([FIVE, [0]]);
  });

  test('by chance, and at a time', () => {
    for (const when of [chance(1_000_000), at(0)]) {
      const all: Fault = { ...fault, when, for: 100 * MS };
      const bench = fivePings([all], { transport: 'datagram' }).run(100 * MS);
      expect(heard(bench)).toEqual(FIVE.flatMap((p) => [p, p]));
    }
  });
});

describe('reorder', () => {
  const fault: Fault = { what: 'reorder', match: ping, when: nth(2), for: -1 };

  test('a datagram is overtaken by the next one on its link', () => {
    const bench = fivePings([fault], { transport: 'datagram' }).run(100 * MS);
    expect(heard(bench)).toEqual(['ping 1', 'ping 3', 'ping 2', 'ping 4', 'ping 5']);
    expect([bench.injector.fired[0], bench.world.network.disturbed]).toEqual([1, 0]);
  });

  test('a stream keeps its order, and the fault has not fired', () => {
    const bench = fivePings([fault]).run(100 * MS);
    expect([heard(bench), bench.injector.fired]).toEqual([FIVE, [0]]);
  });

  test('the last one, with nothing behind it, arrives when the network heals', () => {
    const last: Fault = { ...fault, when: nth(5) };
    const bench = fivePings([last], { transport: 'datagram' }).run(60 * MS);
    expect(heard(bench)).toEqual(FIVE.slice(0, 4));
    expect(bench.world.network.disturbed).toBe(1);
    bench.injector.heal();
    expect(heard(bench.run(100 * MS))).toEqual(FIVE);
    expect(bench.world.network.disturbed).toBe(0);
  });

  test('by chance, and at a time: each waits for the one after it', () => {
    for (const when of [chance(1_000_000), at(0)]) {
      const all: Fault = { ...fault, when, for: 100 * MS };
      const bench = fivePings([all], { transport: 'datagram' }).run(100 * MS);
      bench.injector.heal();
      expect(heard(bench.run(200 * MS))).toEqual(FIVE);
      expect(bench.injector.fired).toEqual([5]);
    }
  });
});

describe('reset', () => {
  test('the message is gone, both sides hear of it, and the next one opens a new connection', () => {
    const fault: Fault = { what: 'reset', match: ping, when: nth(2), for: -1 };
    const bench = fivePings([fault]).run(100 * MS);
    expect(heard(bench)).toEqual(['ping 1', 'closed client', 'ping 3', 'ping 4', 'ping 5']);
    expect(bench.client.words).toEqual(['start', 'closed server']);
    expect(bench.injector.fired).toEqual([1]);
  });

  test('what was in flight, either way, is gone with it', () => {
    const fault: Fault = { what: 'reset', match: ping, when: nth(3), for: -1 };
    const bench = new Bench({ faults: [fault], latency: Distribution.constant(10 * MS) });
    bench.ping(0, 1);
    bench.at(11 * MS, bench.server, (out) => send(out, CLIENT, 9, 'pong'));
    bench.ping(12 * MS, 2).ping(13 * MS, 3); // The pong and ping 2 are under way at 13 ms.
    bench.run(100 * MS);
    expect(bench.server.words).toEqual(['start', 'ping 1', 'closed client']);
    expect(bench.client.words).toEqual(['start', 'closed server']);
  });

  test('datagrams have no connection, and the fault has not fired', () => {
    const fault: Fault = { what: 'reset', match: ping, when: nth(2), for: -1 };
    const bench = fivePings([fault], { transport: 'datagram' }).run(100 * MS);
    expect([heard(bench), bench.injector.fired]).toEqual([FIVE, [0]]);
  });

  test('by chance, and at a time', () => {
    for (const when of [chance(1_000_000), at(0)]) {
      const fault: Fault = { what: 'reset', match: ping, when, for: 100 * MS };
      const bench = fivePings([fault]).run(100 * MS);
      // None ever got through, so the server never had a connection to hear the end of.
      expect([heard(bench), bench.injector.fired]).toEqual([[], [5]]);
    }
  });
});
