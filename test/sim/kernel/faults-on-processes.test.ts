import { describe, expect, test } from 'vitest';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault, When } from '../../../sim/kernel/fault.ts';
import {
  at,
  type Bench,
  chance,
  CLIENT,
  FIVE,
  fivePings,
  heard,
  MS,
  send,
  SERVER,
  THIRD,
} from './fixture.ts';

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

  test('a paused process that is asked to stop and told to start again does both', () => {
    // Paused at 5, asked at 10, started at 15 while it has not heard of that, awake at 30.
    const pause: Fault = { what: 'pause', nodes: [SERVER], when: at(5 * MS), for: 25 * MS };
    const bench = fivePings([pause, stop(at(10 * MS), 5 * MS)]).run(100 * MS);
    expect(bench.server.starts).toBe(2);
    expect(bench.recorder.all('crashed')).toMatchObject([{ time: 30 * MS }]);
    expect(bench.recorder.all('started').map((stated) => stated.time)).toContain(30 * MS);
  });

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
