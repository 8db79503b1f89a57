import { describe, expect, test } from 'vitest';
import { Seeded } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault, When } from '../../../sim/kernel/fault.ts';
import { at, Bench, chance, CLIENT, MS, send, SERVER, Tape } from './fixture.ts';

describe('lives', () => {
  test('a restart builds its state from the disk alone', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(25 * MS), for: MS };
    const bench = new Bench({ faults: [crash] });
    let states: object[] = [];
    bench.server.onStart = (out) => void states.push([out.disk.read('n') ?? 'nothing']);
    bench.server.hears = ({ n }, _from, out) => out.disk.write('n', n);
    bench
      .ping(10 * MS, 1)
      .ping(20 * MS, 2)
      .run(50 * MS);
    expect(states).toEqual([['nothing'], [2]]);
    expect(bench.world.isUp(SERVER)).toBe(true);

    states = [];
    const loss = new Bench({ faults: [{ ...crash, what: 'power-loss' } as Fault] });
    loss.server.onStart = (out) => void states.push([out.disk.read('n') ?? 'nothing']);
    loss.server.hears = ({ n }, _from, out) => out.disk.write('n', n);
    loss
      .ping(10 * MS, 1)
      .ping(20 * MS, 2)
      .run(50 * MS);
    expect(states).toEqual([['nothing'], ['nothing']]); // It was never synced.
  });

  test('a node that is down has no state', () => {
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(5 * MS), for: -1 };
    const bench = new Bench({ faults: [crash] });
    expect(bench.run(4 * MS).world.stateOf(SERVER)).toEqual({});
    expect(bench.run(9 * MS).world.stateOf(SERVER)).toBe(undefined);
  });

  test('a timer of an earlier life never fires, nor does an fsync of it return', () => {
    const later = (faults: readonly Fault[]) => {
      const bench = new Bench({ faults, fsync: Distribution.constant(20 * MS) });
      bench.at(10 * MS, bench.server, (out) => {
        out.timer(20 * MS, 1);
        out.disk.log('log').append('x', out.now);
        out.sync('log', 2);
      });
      bench.run(100 * MS);
      return [bench.server.words, bench.world.diskOf(SERVER).log('log').synced];
    };
    const crash: Fault = { what: 'crash', nodes: [SERVER], when: at(15 * MS), for: MS };
    expect(later([crash])).toEqual([['start', 'start'], 0]);
    expect(later([])).toEqual([['start', 'timer 1', 'timer 2'], 1]);
  });

  test('a cancelled timer never fires', () => {
    const bench = new Bench();
    bench.at(MS, bench.server, (out) => {
      const handle = out.timer(5 * MS, 1);
      out.timer(6 * MS, 2);
      out.timer(3 * MS, 0, () => out.cancel(handle));
    });
    expect(bench.run(50 * MS).server.words).toEqual(['start', 'timer 2']);
  });

  test('a timer counts by the clock of its node', () => {
    const drift: Fault = {
      ...{ what: 'clock-drift', nodes: [SERVER], ppm: 250_000 },
      ...{ when: at(0), for: -1 },
    };
    const bench = new Bench({ faults: [drift] });
    bench.at(MS, bench.server, (out) => void out.timer(5 * MS, 1));
    bench.at(MS, bench.client, (out) => void out.timer(5 * MS, 1));
    bench.run(50 * MS);
    // A clock that runs a quarter fast counts 5 ms in 4. (The first timer was set before the
    // drift.)
    expect(bench.server.heard.at(-1)?.at).toBe(5 * MS);
    expect(bench.client.heard.at(-1)?.at).toBe(6 * MS);
  });

  test('nothing that a dead process still says or does has an effect', () => {
    const when: When = { is: 'event', fact: Fact.struck, nth: 1, node: undefined };
    const bench = new Bench({
      faults: [
        { what: 'lose', match: { type: '', from: [], to: [], about: '' }, when: at(0), for: MS },
        { what: 'crash', nodes: [CLIENT], when, for: -1 },
      ],
    });
    // The loss of ping 1 is a fact as well, and the crash that waits for it leaves the handler.
    bench.at(0, bench.client, (out) => {
      send(out, SERVER, 1);
      send(out, SERVER, 2);
      out.fact(Fact.stored);
      out.timer(MS, 1);
    });
    bench.run(50 * MS);
    expect(bench.server.words).toEqual(['start']);
    expect(bench.recorder.all('stored')).toEqual([]);
    expect(bench.injector.fired).toEqual([1, 1]);
  });

  test('two power losses at one instant leave both machines with what was synced then', () => {
    const both: Fault = {
      ...{ what: 'power-loss', nodes: [CLIENT, SERVER] },
      ...{ when: at(20 * MS), for: 5 * MS },
    };
    const bench = new Bench({ faults: [both], fsync: Distribution.constant(2 * MS) });
    for (const node of [bench.client, bench.server]) {
      bench.at(10 * MS, node, (out) => {
        out.disk.log('log').append('synced', out.now);
        out.sync('log', 1);
      });
      bench.at(19 * MS, node, (out) => {
        out.disk.log('log').append('in the cache', out.now);
        out.sync('log', 1); // Would return at 21.
      });
    }
    bench.run(50 * MS);
    expect([CLIENT, SERVER].map((id) => bench.world.diskOf(id).log('log').end)).toEqual([1, 1]);
    expect(bench.client.words).toEqual(['start', 'timer 1', 'start']);
  });

  test('an fsync makes safe what was written when it was called, not what came after', () => {
    const loss: Fault = { what: 'power-loss', nodes: [SERVER], when: at(20 * MS), for: MS };
    const bench = new Bench({ faults: [loss], fsync: Distribution.constant(5 * MS) });
    bench.at(10 * MS, bench.server, (out) => {
      out.disk.write('file', 'old');
      out.disk.log('log').append(1, out.now);
      out.sync('file', 1);
      out.sync('log', 1);
      out.disk.write('file', 'new');
      out.disk.log('log').append(2, out.now);
    });
    bench.run(50 * MS);
    const disk = bench.world.diskOf(SERVER);
    expect([disk.read('file'), disk.log('log').end]).toEqual(['old', 1]);
  });
});

describe('pauses', () => {
  test('what a paused node is late with has its own arrival as its cause', () => {
    const tape = new Tape();
    const pause: Fault = { what: 'pause', nodes: [SERVER], when: at(5 * MS), for: 20 * MS };
    const bench = new Bench({ faults: [pause], trace: tape });
    bench.server.echoes = true;
    bench
      .ping(10 * MS, 1)
      .ping(12 * MS, 2)
      .run(100 * MS);
    const arrivals = tape.events.filter((e) => e.node === SERVER && e.kind === 1);
    const pongs = tape.sends.filter((s) => s.type === 'pong');
    expect(pongs.map((s) => [s.cause, s.time])).toEqual(arrivals.map((e) => [e.index, 25 * MS]));
  });

  test('a crash among the deferred events ends the rest of them', () => {
    const faults: Fault[] = [
      { what: 'pause', nodes: [SERVER], when: at(5 * MS), for: 20 * MS },
      {
        ...{ what: 'crash', nodes: [SERVER] },
        ...{ when: { is: 'event', fact: Fact.stored, nth: 2, node: undefined }, for: MS },
      },
    ];
    const bench = new Bench({ faults });
    bench.server.hears = (_message, _from, out) => out.fact(Fact.stored);
    bench
      .ping(10 * MS, 1)
      .ping(11 * MS, 2)
      .ping(12 * MS, 3)
      .run(100 * MS);
    expect(bench.server.words).toEqual(['start', 'ping 1', 'ping 2', 'start']);
  });

  test('delayed messages that die with a paused process are no longer waited for', () => {
    const faults: Fault[] = [
      {
        ...{ what: 'delay', match: { type: '', from: [], to: [], about: '' }, by: MS },
        ...{ when: at(0), for: 50 * MS },
      },
      { what: 'pause', nodes: [SERVER], when: at(5 * MS), for: -1 },
      { what: 'crash', nodes: [SERVER], when: at(30 * MS), for: -1 },
    ];
    const bench = new Bench({ faults })
      .ping(10 * MS, 1)
      .ping(11 * MS, 2)
      .run(20 * MS);
    expect(bench.world.network.disturbed).toBe(2);
    expect(bench.run(40 * MS).world.network.disturbed).toBe(0);
  });
});

describe('the digest', () => {
  const digest = (seed: string, change: (bench: Bench) => void = () => {}, trace?: Tape) => {
    const latency = Distribution.uniform(MS, 20 * MS);
    const bench = new Bench({ latency, trace, choices: (names) => new Seeded(names, seed) });
    bench.server.echoes = true;
    for (let n = 1; n < 9; n++) bench.ping(n * MS, n);
    change(bench);
    return bench.run(1000 * MS).world.digest.text();
  };

  test('is the same for the same run, with and without a trace', () => {
    expect(digest('a')).toMatch(/^[0-9a-f]{16}$/);
    expect(digest('a')).toBe(digest('a'));
    expect(digest('a', undefined, new Tape())).toBe(digest('a'));
  });

  test('differs by a seed, a message, a fact, a moment', () => {
    const digests = [
      digest('a'),
      digest('b'),
      digest('a', (bench) => bench.ping(500 * MS, 9)),
      digest('a', (bench) => bench.ping(501 * MS, 9)),
      digest('a', (bench) => bench.ping(500 * MS, 10)),
      digest('a', (bench) => bench.at(500 * MS, bench.third, (out) => out.fact(Fact.stored, 1))),
      digest('a', (bench) => bench.at(500 * MS, bench.third, (out) => out.fact(Fact.stored, 2))),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('does not depend on which names the source of choices knows', () => {
    const plain = digest('a');
    const knowing = new Bench({
      latency: Distribution.uniform(MS, 20 * MS),
      choices: (names) => new Seeded(names, 'a'),
    });
    expect(plain).toBe(digest('a', () => knowing.names.id('another')));
  });
});

test('a chance fault draws by what it does to whom, not by its place in the plan', () => {
  const crash: Fault = { what: 'crash', nodes: [SERVER], when: chance(300_000, MS), for: MS };
  const pause: Fault = { what: 'pause', nodes: [SERVER], when: chance(0, MS), for: MS };
  const crashes = (faults: readonly Fault[]) => {
    const bench = new Bench({ faults, choices: (names) => new Seeded(names, 's') });
    return bench
      .run(100 * MS)
      .recorder.all('crashed')
      .map((f) => f.time);
  };
  expect(crashes([crash]).length).toBeGreaterThan(10);
  expect(crashes([pause, crash])).toEqual(crashes([crash]));
  // Twins draw apart: two of them strike more often than one.
  expect(crashes([crash, crash]).length).toBeGreaterThan(crashes([crash]).length);
});
