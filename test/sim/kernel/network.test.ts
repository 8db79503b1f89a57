import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Seeded } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { ALL, at, Bench, CLIENT, MS, nth, send, SERVER, Tape, THIRD } from './fixture.ts';

const slowly = { latency: Distribution.constant(10 * MS) };

/** Any latency table: five quantiles that never fall. */
const tables = fc
  .array(fc.nat(50 * MS), { minLength: 5, maxLength: 5 })
  .map((values) => [...values].sort((a, b) => a - b))
  .map((v) => [0, 250, 500, 900, 1000].map((p, i) => [p, v[i]] as const))
  .map((points) => Distribution.quantiles(points));

/** Forty pings at the given gaps; the numbers in the order in which they arrived. */
function arrivals(
  latency: Distribution,
  gaps: readonly number[],
  seed: string,
  rest: { transport?: 'datagram'; faults?: readonly Fault[]; bandwidth?: number } = {},
): number[] {
  const bench = new Bench({ latency, choices: (names) => new Seeded(names, seed), ...rest });
  let time = 0;
  gaps.forEach((gap, n) => bench.ping((time += gap), n));
  bench.run(10_000_000 * MS);
  return bench.server.words.filter((w) => w !== 'start').map((w) => Number(w.split(' ')[1]));
}

const gapLists = fc.array(fc.nat(5 * MS), { minLength: 2, maxLength: 40 });

describe('order', () => {
  test('a stream delivers everything in the order of sending, whatever the latencies', () => {
    fc.assert(
      fc.property(tables, gapLists, fc.string(), (table, gaps, seed) => {
        expect(arrivals(table, gaps, seed)).toEqual(gaps.map((_, n) => n));
      }),
    );
  });

  test('also with delays, a partition and a bandwidth', () => {
    const faults: Fault[] = [
      { what: 'delay', match: ALL, by: 20 * MS, when: nth(2, 5, 7), for: -1 },
      {
        ...{ what: 'partition', from: [CLIENT], to: [SERVER], oneWay: true },
        ...{ when: at(8 * MS), for: 15 * MS },
      },
      {
        ...{ what: 'slow-link', from: [CLIENT], to: [SERVER], by: 9 * MS },
        ...{ when: at(2 * MS), for: 15 * MS },
      },
    ];
    fc.assert(
      fc.property(tables, gapLists, fc.string(), (table, gaps, seed) => {
        const got = arrivals(table, gaps, seed, { faults, bandwidth: 1000 });
        expect(got).toEqual(gaps.map((_, n) => n));
      }),
    );
  });

  test('datagrams all arrive, and not in order: the twin', () => {
    const gaps = Array.from({ length: 40 }, () => MS);
    const table = Distribution.uniform(0, 50 * MS);
    const got = arrivals(table, gaps, 'x', { transport: 'datagram' });
    expect([...got].sort((a, b) => a - b)).toEqual(gaps.map((_, n) => n));
    expect(got).not.toEqual(gaps.map((_, n) => n));
  });
});

describe('the end of a connection', () => {
  test('a crash takes what is in flight, either way, and tells the peer', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(25 * MS), for: MS };
    const bench = new Bench({ ...slowly, faults: [crash] });
    bench.server.echoes = true;
    bench.ping(10 * MS, 1).ping(18 * MS, 2); // Pong 1 is under way since 20, ping 2 since 18.
    bench.run(100 * MS);
    expect(bench.client.words).toEqual(['start', 'closed server']);
    expect(bench.server.words).toEqual(['start', 'ping 1', 'start']);
  });

  test('also when the first message of the connection had not arrived: nobody to tell but lost', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(15 * MS), for: MS };
    const bench = new Bench({ ...slowly, faults: [crash] }).ping(10 * MS, 1).run(100 * MS);
    expect(bench.client.words).toEqual(['start', 'closed server']);
    expect(bench.server.words).toEqual(['start', 'start']);
  });

  test('a crash of the sender loses what it sent; a clean exit does not', () => {
    const end = (what: 'crash' | 'stop') => {
      const fault: Fault = { what, nodes: [CLIENT], when: at(15 * MS), for: -1 };
      return new Bench({ ...slowly, faults: [fault] }).ping(10 * MS, 1).run(100 * MS).server.words;
    };
    expect(end('crash')).toEqual(['start']);
    expect(end('stop')).toEqual(['start', 'ping 1', 'closed client']);
  });

  test('a client that closes: its request still arrives, the answer does not', () => {
    const closing = new Bench(slowly);
    closing.server.echoes = true;
    closing.ping(10 * MS, 1).at(15 * MS, closing.client, (out) => out.disconnect(SERVER));
    closing.run(100 * MS);
    expect(closing.server.words).toEqual(['start', 'ping 1', 'closed client']);
    expect(closing.client.words).toEqual(['start']);

    const waiting = new Bench(slowly);
    waiting.server.echoes = true;
    expect(waiting.ping(10 * MS, 1).run(100 * MS).client.words).toEqual(['start', 'pong 1']);
  });

  test('an answer already in flight at the close is lost, too', () => {
    const bench = new Bench(slowly);
    bench.server.echoes = true;
    bench.ping(10 * MS, 1).at(25 * MS, bench.client, (out) => out.disconnect(SERVER));
    expect(bench.run(100 * MS).client.words).toEqual(['start']);
  });

  test('after a close the client opens another, which the old end does not touch', () => {
    const bench = new Bench(slowly);
    bench.server.echoes = true;
    bench.ping(10 * MS, 1).at(25 * MS, bench.client, (out) => out.disconnect(SERVER));
    bench.ping(26 * MS, 2).run(100 * MS);
    expect(bench.server.words).toEqual(['start', 'ping 1', 'closed client', 'ping 2']);
    expect(bench.client.words).toEqual(['start', 'pong 2']);
  });

  test('closing what was never open tells nobody', () => {
    const bench = new Bench().at(MS, new Bench().client, () => {});
    bench.at(MS, bench.client, (out) => out.disconnect(SERVER)).run(100 * MS);
    expect(bench.server.words).toEqual(['start']);
  });

  test('until it hears of the end, a sender sends in vain; it hears of it once', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(30 * MS), for: MS };
    const bench = new Bench({ ...slowly, faults: [crash] });
    // Word of the crash comes at 40; at 35 the new process is up, but the connection is not its.
    bench
      .ping(5 * MS, 1)
      .ping(35 * MS, 2)
      .ping(41 * MS, 3)
      .run(100 * MS);
    expect(bench.server.words).toEqual(['start', 'ping 1', 'start', 'ping 3']);
    expect(bench.client.words).toEqual(['start', 'closed server']);
  });

  test('a refused connection is told once per attempt that waits for it', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(MS), for: -1 };
    const bench = new Bench({ ...slowly, faults: [crash] });
    bench
      .ping(10 * MS, 1)
      .ping(12 * MS, 2)
      .ping(30 * MS, 3)
      .run(100 * MS);
    expect(bench.client.heard.slice(1)).toEqual([
      { at: 20 * MS, what: 'closed server' },
      { at: 40 * MS, what: 'closed server' },
    ]);
  });

  test('held by a partition while the peer was restarted: lost, and told after the healing', () => {
    const faults: Fault[] = [
      { what: 'crash', nodes: [SERVER], when: at(30 * MS), for: MS },
      {
        ...{ what: 'partition', from: [CLIENT], to: [SERVER], oneWay: true },
        ...{ when: at(20 * MS), for: 40 * MS },
      },
      {
        ...{ what: 'partition', from: [SERVER], to: [CLIENT], oneWay: true },
        ...{ when: at(20 * MS), for: 40 * MS },
      },
    ];
    const bench = new Bench({ faults });
    bench
      .ping(10 * MS, 1)
      .ping(25 * MS, 2)
      .ping(65 * MS, 3)
      .run(100 * MS);
    expect(bench.server.words).toEqual(['start', 'ping 1', 'start', 'ping 3']);
    expect(bench.client.heard.slice(1)).toEqual([{ at: 61 * MS, what: 'closed server' }]);
    const untouched = new Bench({ faults: faults.slice(1) });
    untouched
      .ping(10 * MS, 1)
      .ping(25 * MS, 2)
      .ping(65 * MS, 3)
      .run(100 * MS);
    expect(untouched.server.words).toEqual(['start', 'ping 1', 'ping 2', 'ping 3']);
  });

  test('held for a peer that is down: refused after the healing, and the next one finds it up', () => {
    const faults: Fault[] = [
      { what: 'crash', nodes: [SERVER], when: at(MS), for: 60 * MS },
      {
        ...{ what: 'partition', from: [CLIENT], to: [SERVER], oneWay: false },
        ...{ when: at(2 * MS), for: 40 * MS },
      },
    ];
    const bench = new Bench({ faults })
      .ping(10 * MS, 1)
      .ping(50 * MS, 2)
      .ping(70 * MS, 3);
    bench.run(100 * MS);
    expect(bench.client.heard.slice(1).map((h) => h.at / MS)).toEqual([43, 51]);
    expect(bench.server.words).toEqual(['start', 'start', 'ping 3']);
  });

  test('a node may talk to itself', () => {
    const bench = new Bench();
    bench.at(MS, bench.client, (out) => send(out, CLIENT, 1)).run(10 * MS);
    expect(bench.client.words).toEqual(['start', 'ping 1']);
  });
});

describe('datagrams', () => {
  test('reach whatever process is there when they arrive', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(12 * MS), for: 3 * MS };
    const bench = new Bench({ ...slowly, transport: 'datagram', faults: [crash] });
    bench
      .ping(4 * MS, 1)
      .ping(10 * MS, 2)
      .run(100 * MS); // Arrive at 14, when down, and at 20.
    expect(bench.server.words).toEqual(['start', 'start', 'ping 2']);
    expect(bench.client.words).toEqual(['start']);
  });
});

describe('links', () => {
  test('bandwidth: messages follow each other at the speed of the wire', () => {
    const bench = new Bench({ bandwidth: 1_000_000 }); // 1000 bytes take a millisecond.
    bench.at(10 * MS, bench.client, (out) => {
      send(out, SERVER, 1, 'ping', 3000);
      send(out, SERVER, 2, 'ping', 1000);
    });
    bench.at(20 * MS, bench.client, (out) => send(out, SERVER, 3, 'ping', 1));
    bench.run(100 * MS);
    expect(bench.server.heard.map((h) => h.at)).toEqual([0, 14 * MS, 15 * MS, 21 * MS + 1]);
  });

  test('one direction may be configured apart', () => {
    const bench = new Bench();
    bench.world.network.configure(CLIENT, SERVER, Distribution.constant(5 * MS), 0);
    bench.server.echoes = true;
    bench.ping(10 * MS, 1).run(100 * MS);
    expect([bench.server.heard[1].at, bench.client.heard[1].at]).toEqual([15 * MS, 16 * MS]);
  });

  test('a trace says what befell each message and when it arrives', () => {
    const faults: Fault[] = [
      { what: 'lose', match: ALL, when: nth(2), for: -1 },
      { what: 'delay', match: ALL, by: MS, when: nth(2), for: -1 },
    ];
    const tape = new Tape();
    const bench = new Bench({ faults, trace: tape });
    bench
      .ping(MS, 1)
      .ping(2 * MS, 2)
      .ping(3 * MS, 3);
    bench.at(4 * MS, bench.third, (out) => send(out, SERVER, 4)).run(100 * MS);
    expect(tape.sends.map((s) => [s.from, s.fate, s.arrives / MS])).toEqual([
      [CLIENT, '', 2],
      [CLIENT, 'LOST', -0.001],
      [CLIENT, 'DELAYED', 5],
      [THIRD, '', 5],
    ]);
    // Each arrival names the send that caused it.
    const arrived = tape.events.filter((e) => e.kind === 1 || e.kind === 2).map((e) => e.cause);
    expect(arrived).toEqual([0, 2, 3].map((i) => tape.sends[i].index));
  });
});
