import { describe, expect, test } from 'vitest';
import { Seeded } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault, When } from '../../../sim/kernel/fault.ts';
import { ALL, at, Bench, chance, CLIENT, MS, nth, send, SERVER, THIRD } from './fixture.ts';

// Every kind of fault with every `when` it may have: that it bites, and a twin without it.

const REST = { for: -1 };
const ping = { ...ALL, type: 'ping' };

/** Five pings, 10 ms apart from 10 ms on, over a link of 1 ms; what the server heard of them. */
function fivePings(faults: readonly Fault[], options: { transport?: 'datagram' } = {}) {
  const bench = new Bench({ faults, choices: (names) => new Seeded(names, 'faults'), ...options });
  for (let n = 1; n <= 5; n++) bench.ping(n * 10 * MS, n);
  return bench;
}

const heard = (bench: Bench) => bench.server.words.filter((what) => what !== 'start');
const FIVE = ['ping 1', 'ping 2', 'ping 3', 'ping 4', 'ping 5'];

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

describe('crash', () => {
  const crash = (when: When, lasts = -1): Fault => {
    return { what: 'crash', nodes: [SERVER], when, for: lasts };
  };

  test('at a time: down from then on; the peer is told', () => {
    const bench = fivePings([crash(at(25 * MS))]).run(100 * MS);
    expect(heard(bench)).toEqual(['ping 1', 'ping 2']);
    expect(bench.client.heard[1]).toEqual({ at: 26 * MS, what: 'closed server' });
    expect(bench.recorder.all('crashed')).toMatchObject([{ time: 25 * MS, node: SERVER }]);
    expect(bench.injector.fired).toEqual([1]);
  });

  test('with an end it starts again, once', () => {
    const bench = fivePings([crash(at(25 * MS), 10 * MS)]).run(100 * MS);
    expect(bench.server.words).toEqual(['start', ...FIVE.slice(0, 2), 'start', ...FIVE.slice(3)]);
    expect(bench.server.heard[3].at).toBe(35 * MS);
  });

  test('at the n-th time of a fact: the rest of that handler does not happen', () => {
    const when: When = { is: 'event', fact: Fact.stored, nth: 2, node: SERVER };
    const bench = fivePings([crash(when, 5 * MS)]);
    bench.server.hears = (message, from, out) => {
      out.fact(Fact.appended, message.n);
      out.fact(Fact.stored, message.n);
      out.fact(Fact.settled, message.n);
      send(out, from, message.n, 'pong');
    };
    bench.run(100 * MS);
    const seen = (fact: 'appended' | 'stored' | 'settled') =>
      bench.recorder.all(fact).map((stated) => stated.args[0]);
    expect(seen('appended')).toEqual([1, 2, 3, 4, 5]);
    expect(seen('stored')).toEqual([1, 2, 3, 4, 5]);
    expect(seen('settled')).toEqual([1, 3, 4, 5]);
    const pongs = bench.client.words.filter((what) => what.startsWith('pong'));
    expect(pongs).toEqual(['pong 1', 'pong 3', 'pong 4', 'pong 5']);
    expect(bench.recorder.all('crashed')).toMatchObject([{ time: 21 * MS }]);
    expect(bench.server.starts).toBe(2);
  });

  test('by chance: each round is asked anew, a node that is down is not hit', () => {
    const bench = fivePings([crash(chance(1_000_000, 20 * MS), 25 * MS)]).run(99 * MS);
    // Asked at 20 (hit), 40 (down), 60 (up since 45: hit), 80 (down).
    expect(bench.recorder.all('crashed').map((f) => f.time / MS)).toEqual([20, 60]);
    expect(bench.injector.fired).toEqual([2]);
    expect(fivePings([crash(chance(0, 20 * MS))]).run(99 * MS).injector.fired).toEqual([0]);
  });

  test('one that finds its node down neither fires nor starts it', () => {
    const bench = fivePings([crash(at(15 * MS)), crash(at(25 * MS), 5 * MS)]).run(100 * MS);
    expect(bench.injector.fired).toEqual([1, 0]);
    expect(bench.server.words).toEqual(['start', 'ping 1']);
  });

  test('two nodes at a fact of one of them: both die, both start again', () => {
    const when: When = { is: 'event', fact: Fact.stored, nth: 1, node: SERVER };
    const fault: Fault = { what: 'crash', nodes: [SERVER, THIRD], when, for: 5 * MS };
    const bench = fivePings([fault]);
    bench.server.hears = (_message, _from, out) => out.fact(Fact.stored);
    bench.run(18 * MS);
    expect(bench.recorder.all('crashed').map((f) => f.node)).toEqual([SERVER, THIRD]);
    expect([bench.server.starts, bench.third.starts]).toEqual([2, 2]);
    expect(bench.recorder.all('started').at(-1)?.time).toBe(16 * MS);
  });

  test('a crash that waits for another one', () => {
    const when: When = { is: 'event', fact: Fact.crashed, nth: 1, node: SERVER };
    const second: Fault = { what: 'crash', nodes: [CLIENT], when, for: -1 };
    const bench = fivePings([crash(at(15 * MS)), second]).run(100 * MS);
    expect(bench.recorder.all('crashed').map((f) => [f.node, f.time / MS])).toEqual([
      [SERVER, 15],
      [CLIENT, 15],
    ]);
  });

  test('one that strikes a node as it starts leaves it down, and others start all the same', () => {
    const when: When = { is: 'event', fact: Fact.started, nth: 4, node: undefined };
    const both: Fault = { what: 'crash', nodes: [SERVER, THIRD], when: at(5 * MS), for: MS };
    const bench = fivePings([both, { ...crash(when), for: -1 }]).run(100 * MS);
    expect(bench.server.starts).toBe(1); // Struck at the fact, before its role was started.
    expect(bench.third.starts).toBe(2);
  });
});

describe('power-loss', () => {
  const loss = (when: When, lasts = -1): Fault => {
    return { what: 'power-loss', nodes: [SERVER], when, for: lasts };
  };
  const writing = (bench: Bench) => {
    bench.server.hears = ({ n }, _from, out) => {
      out.disk.log('log').append(n, out.now);
      if (n === 2) out.sync('log', 1);
    };
    return bench;
  };

  test('only what was synced is left; a crash leaves all that was written', () => {
    const after = (fault: Fault) => {
      const bench = writing(fivePings([fault])).run(100 * MS);
      return bench.world.diskOf(SERVER).log('log').end;
    };
    expect(after(loss(at(45 * MS)))).toBe(2);
    expect(after({ what: 'crash', nodes: [SERVER], when: at(45 * MS), for: -1 })).toBe(4);
  });

  test('nobody is told; whoever sends after the restart is', () => {
    const bench = fivePings([loss(at(25 * MS), 20 * MS)]).run(49 * MS);
    expect(bench.client.words).toEqual(['start']);
    bench.run(100 * MS); // Ping 5, at 50, meets a host that knows nothing of the connection.
    expect(bench.client.heard[1]).toEqual({ at: 51 * MS, what: 'closed server' });
    expect(bench.server.words).toEqual(['start', 'ping 1', 'ping 2', 'start']);
  });

  test('of several machines at one instant', () => {
    const when: When = at(25 * MS);
    const fault: Fault = { what: 'power-loss', nodes: [SERVER, CLIENT], when, for: 5 * MS };
    const bench = fivePings([fault]).run(100 * MS);
    expect(bench.recorder.all('crashed').map((f) => f.time)).toEqual([25 * MS, 25 * MS]);
    expect(bench.client.words).toEqual(['start', 'start']);
    expect(bench.server.words).toEqual(['start', 'ping 1', 'ping 2', 'start']);
  });

  test('by chance, and at a fact', () => {
    const when: When = { is: 'event', fact: Fact.stored, nth: 1, node: undefined };
    const bench = writing(fivePings([loss(when)]));
    bench.at(45 * MS, bench.third, (out) => out.fact(Fact.stored));
    expect(
      bench
        .run(100 * MS)
        .world.diskOf(SERVER)
        .log('log').end,
    ).toBe(2);
    const drawn = writing(fivePings([loss(chance(1_000_000, 45 * MS))])).run(80 * MS);
    expect([drawn.world.diskOf(SERVER).log('log').end, drawn.injector.fired]).toEqual([2, [1]]);
  });
});

describe('stop', () => {
  const stop = (when: When, lasts = -1): Fault => {
    return { what: 'stop', nodes: [SERVER], when, for: lasts };
  };

  test('without onStop it exits at once: all is synced, what it sent arrives, peers are told', () => {
    const bench = fivePings([stop(at(21 * MS))]);
    bench.server.echoes = true;
    bench.server.hears = ({ n }, _from, out) => void out.disk.log('log').append(n, out.now);
    bench.run(100 * MS);
    expect(bench.world.diskOf(SERVER).log('log').synced).toBe(2);
    // Ping 2 arrived at 21, just before; its pong is under way when the server exits.
    expect(bench.client.words.slice(0, 4)).toEqual(['start', 'pong 1', 'pong 2', 'closed server']);
    expect(bench.injector.fired).toEqual([1]);
  });

  test('a crash at the same moment loses that answer', () => {
    const bench = fivePings([{ ...stop(at(21 * MS)), what: 'crash' } as Fault]);
    bench.server.echoes = true;
    bench.run(100 * MS);
    expect(bench.client.words.slice(0, 3)).toEqual(['start', 'pong 1', 'closed server']);
  });

  test('with onStop it goes on until it says so, and is then started again', () => {
    const bench = fivePings([stop(at(15 * MS), 5 * MS)]);
    bench.server.onStop = (_state, out) => void out.timer(20 * MS, 0, () => out.exit());
    bench.run(100 * MS);
    // Asked at 15, due again at 20, but it needs until 35. Ping 3 is the last of its first life;
    // ping 4 opens a new connection.
    const all = ['start', 'ping 1', 'ping 2', 'ping 3', 'start', 'ping 4', 'ping 5'];
    expect(bench.server.words).toEqual(all);
    expect(bench.recorder.all('crashed')).toMatchObject([{ time: 35 * MS }]);
  });

  test('at a fact: the handler that states it is not cut short', () => {
    const when: When = { is: 'event', fact: Fact.stored, nth: 1, node: SERVER };
    const bench = fivePings([stop(when, 5 * MS)]);
    bench.server.hears = (_message, _from, out) => {
      out.fact(Fact.stored);
      out.fact(Fact.settled);
    };
    bench.run(100 * MS);
    expect(bench.recorder.all('settled').length).toBe(5);
    expect(bench.recorder.all('crashed')).toMatchObject([{ time: 11 * MS }]);
    expect(bench.server.starts).toBe(2);
  });

  test('by chance', () => {
    const bench = fivePings([stop(chance(1_000_000, 30 * MS))]).run(80 * MS);
    expect([heard(bench), bench.injector.fired]).toEqual([FIVE.slice(0, 2), [1]]);
  });
});

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
